#include "gateway/consumers/registry_file.hpp"

#include <cerrno>
#include <thread>

namespace tenter::consumers {
namespace {

constexpr std::size_t max_file_size = std::size_t{64} * 1024 * 1024;
constexpr std::chrono::milliseconds lock_again_after{2};

std::string parent_of(const std::string& folder) {
    const auto slash = folder.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : folder.substr(0, slash);
}

std::string without_end_slash(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

}  // namespace

RegistryFile::RegistryFile(Env& env, std::string data_folder)
    : env_(env),
      folder_(without_end_slash(std::move(data_folder))),
      path_(folder_ + "/" + std::string(registry_file_name)),
      last_(std::make_shared<const Registry>()) {}

Result<RegistryFile::Snapshot> RegistryFile::current() {
    const auto stamp = env_.stamp(path_);
    if (!stamp && stamp.error().code != Errc::not_found) return fail(stamp.error());
    if (!stamp && stamp_) return fail(Errc::not_found, path_ + " is gone; it is never removed, also when it names nobody");
    if (!stamp) return last_;
    if (stamp_ == *stamp) return last_;
    if (auto taken = read(); !taken) return fail(std::move(taken.error()));
    return last_;
}

Result<void> RegistryFile::read() {
    // The stamp is taken before the content: should the file be replaced between the two, the stamp is that of the one before, and the next
    // call reads again.
    const auto stamp = env_.stamp(path_);
    if (!stamp) return fail(stamp.error());
    auto file = env_.open(path_, OpenMode::read);
    if (!file) return fail(std::move(file.error()));
    const auto size = (*file)->size();
    if (!size) return fail(size.error());
    if (*size > max_file_size) return fail(Errc::corrupt, path_ + ": over " + std::to_string(max_file_size) + " bytes");
    Bytes text(static_cast<std::size_t>(*size), '\0');
    if (auto got = read_exactly(**file, text, 0); !got) return fail(std::move(got.error()).within(path_));
    auto registry = decode_registry(text);
    if (!registry) return fail(std::move(registry.error()).within(path_));
    if (!(*registry == *last_)) last_ = std::make_shared<const Registry>(std::move(*registry));
    stamp_ = *stamp;
    keeps_inode_ = std::move(*file);
    return {};
}

Result<RegistryFile::Snapshot> RegistryFile::update(const Change& change, std::chrono::milliseconds patience) {
    const auto held = lock(patience);
    if (!held) return fail(held.error());
    const auto before = current();
    if (!before) return before;
    auto after = change(**before);
    if (!after) return fail(std::move(after.error()));
    if (*after == **before) return before;
    const std::string text = encode_registry(*after);
    if (text.size() > max_file_size) return fail(Errc::overloaded, path_ + ": over " + std::to_string(max_file_size) + " bytes");
    // The first file in a folder: whoever made that may have failed to make it durable.
    if (!stamp_)
        if (auto made = make_folder(); !made) return fail(std::move(made.error()));
    if (auto replaced = replace_file(env_, path_, text); !replaced) return fail(std::move(replaced.error()));
    return current();
}

Result<std::unique_ptr<FileLock>> RegistryFile::lock(std::chrono::milliseconds patience) {
    const std::string path = folder_ + "/" + std::string(registry_lock_name);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    bool made_folder = false;
    for (;;) {
        auto held = env_.lock(path);
        if (held) return held;
        if (held.error().code == Errc::not_found && !made_folder) {
            if (auto made = make_folder(); !made) return fail(std::move(made.error()));
            made_folder = true;
            continue;
        }
        // ENOSPC is `overloaded` too: waiting would not help it.
        const bool is_held = held.error().code == Errc::overloaded && held.error().os_error == EWOULDBLOCK;
        if (!is_held || std::chrono::steady_clock::now() >= deadline) return held;
        std::this_thread::sleep_for(lock_again_after);
    }
}

Result<void> RegistryFile::make_folder() {
    if (auto made = env_.create_directories(folder_); !made) return made;
    return env_.sync_directory(parent_of(folder_));
}

}  // namespace tenter::consumers
