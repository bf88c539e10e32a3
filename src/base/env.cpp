#include "tenter/base/env.hpp"

namespace tenter {
namespace {

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Result<void> write_all(File& file, BytesView bytes, std::uint64_t position) {
    while (!bytes.empty()) {
        const auto written = file.pwrite(bytes, position);
        if (!written) return fail(written.error());
        bytes.remove_prefix(*written);
        position += *written;
    }
    return {};
}

Result<void> read_exactly(const File& file, std::span<char> out, std::uint64_t position) {
    while (!out.empty()) {
        const auto got = file.pread(out, position);
        if (!got) return fail(got.error());
        if (*got == 0) return fail(Errc::corrupt, "the file ends at byte " + std::to_string(position));
        out = out.subspan(*got);
        position += *got;
    }
    return {};
}

Result<Bytes> read_file(Env& env, const std::string& path, std::size_t limit) {
    const auto file = env.open(path, OpenMode::read);
    if (!file) return fail(file.error());
    const auto size = (*file)->size();
    if (!size) return fail(size.error());
    if (*size > limit) return fail(Errc::too_large, path + ": over " + std::to_string(limit) + " bytes");
    Bytes content(static_cast<std::size_t>(*size), '\0');
    if (auto read = read_exactly(**file, content, 0); !read) return fail(std::move(read.error()).within(path));
    return content;
}

Result<void> replace_file(Env& env, const std::string& path, BytesView content) {
    const std::string temporary = path + ".new";
    {
        auto file = env.open(temporary, OpenMode::create);
        if (!file) return fail(std::move(file.error()));
        if (auto cut = (*file)->truncate(0); !cut) return cut;
        if (auto written = write_all(**file, content, 0); !written) return written;
        if (auto synced = (*file)->sync_data(); !synced) return synced;
    }
    if (auto renamed = env.rename(temporary, path); !renamed) return renamed;
    return env.sync_directory(parent_of(path));
}

}  // namespace tenter
