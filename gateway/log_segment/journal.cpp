#include "gateway/log_segment/journal.hpp"

#include <algorithm>

#include "tenter/base/assert.hpp"

namespace tenter::log {
namespace {

constexpr std::uint64_t fill_chunk = 1ULL << 20;

Result<void> fill_with_zeros(File& file, std::uint64_t from, std::uint64_t to) {
    const Bytes zeros(std::min(fill_chunk, to > from ? to - from : 0), '\0');
    for (std::uint64_t at = from; at < to; at += zeros.size()) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), to - at));
        if (auto written = write_all(file, BytesView(zeros).substr(0, size), at); !written) return written;
    }
    auto synced = file.sync_data();
    if (!synced) synced.error().code = Errc::unavailable;  // never tried again, also not where it says ENOSPC
    return synced;
}

}  // namespace

Result<void> Journal::create(Env& env, const Layout& layout, std::uint64_t half_size) {
    if (auto made = env.create_directories(layout.journal()); !made) return made;
    for (int half = 0; half < 2; ++half) {
        auto file = env.open(layout.journal_half(half), OpenMode::create);
        if (!file) return fail(std::move(file.error()));
        if (auto cut = (*file)->truncate(0); !cut) return cut;
        if (auto filled = fill_with_zeros(**file, 0, half_size); !filled) return filled;
    }
    return env.sync_directory(layout.journal());
}

Result<std::unique_ptr<Journal>> Journal::open(Env& env, const Layout& layout, OpenMode mode) {
    std::unique_ptr<Journal> journal(new Journal);
    for (std::size_t half = 0; half < 2; ++half) {
        journal->paths_[half] = layout.journal_half(static_cast<int>(half));
        auto file = env.open(journal->paths_[half], mode);
        if (!file) return fail(std::move(file.error()));
        const auto size = (*file)->size();
        if (!size) return fail(size.error());
        journal->files_[half] = std::move(*file);
        journal->sizes_[half] = *size / frame_alignment * frame_alignment;
    }
    return journal;
}

std::uint64_t Journal::half_size() const noexcept { return std::min(sizes_[0], sizes_[1]); }

Result<void> Journal::resize(std::uint64_t half_size) {
    for (std::size_t half = 0; half < 2; ++half) {
        if (sizes_[half] == half_size) continue;
        File& file = *files_[half];
        if (auto cut = file.truncate(std::min(sizes_[half], half_size)); !cut) return cut;
        if (auto filled = fill_with_zeros(file, std::min(sizes_[half], half_size), half_size); !filled) return filled;
        sizes_[half] = half_size;
    }
    return {};
}

void Journal::start(std::uint64_t generation, const JournalCursor& cursor) noexcept {
    generation_ = generation;
    cursor_ = cursor;
}

void Journal::switch_half() noexcept {
    cursor_.half = 1 - cursor_.half;
    cursor_.position = 0;
}

Result<void> Journal::write(FrameBuilder& frame, const Bytes& buffer) {
    const std::uint32_t crc = frame.finish({generation_, cursor_.sequence, cursor_.previous_crc});
    TENTER_ASSERT(fits(buffer.size()));
    if (auto written = write_all(*files_[static_cast<std::size_t>(cursor_.half)], buffer, cursor_.position); !written) return written;
    cursor_.position += buffer.size();
    cursor_.previous_crc = crc;
    ++cursor_.sequence;
    return {};
}

Result<void> Journal::sync() { return files_[static_cast<std::size_t>(cursor_.half)]->sync_data(); }

Result<std::optional<CheckedFrame>> Journal::read_frame(int half, std::uint64_t position, Bytes& buffer) const {
    const auto index = static_cast<std::size_t>(half);
    const std::uint64_t room = sizes_[index] - std::min(position, sizes_[index]);
    if (room < frame_alignment) return std::nullopt;
    buffer.resize(frame_alignment);
    if (auto read = read_exactly(*files_[index], buffer, position); !read) return fail(std::move(read.error()).within(paths_[index]));
    const auto header = parse_frame_header(buffer);
    if (!header) return std::nullopt;
    const std::uint64_t size = padded_frame_size(header->body_size);
    if (size > room) return std::nullopt;
    if (size > buffer.size()) {
        buffer.resize(size);
        const std::span<char> rest(buffer.data() + frame_alignment, size - frame_alignment);
        if (auto read = read_exactly(*files_[index], rest, position + frame_alignment); !read) {
            return fail(std::move(read.error()).within(paths_[index]));
        }
    }
    return check_frame(buffer);
}

Result<JournalScan> Journal::scan(std::uint64_t generation, const JournalCursor& from, std::optional<std::uint64_t> stop_before) const {
    JournalScan scan;
    scan.end = from;
    Bytes buffer;
    bool switched = false;
    const auto try_at = [&](int half, std::uint64_t position) -> Result<bool> {
        const auto frame = read_frame(half, position, buffer);
        if (!frame) return fail(frame.error());
        if (!*frame) return false;
        const FrameIdentity& id = (*frame)->identity;
        if (id.generation != generation || id.sequence != scan.end.sequence || id.previous_crc != scan.end.previous_crc) return false;
        scan.frames.push_back({half, position, id.sequence});
        scan.end = {half, position + padded_frame_size((*frame)->body.size()), id.sequence + 1, (*frame)->crc};
        return true;
    };
    while (!stop_before || scan.end.sequence < *stop_before) {
        auto found = try_at(scan.end.half, scan.end.position);
        if (found && !*found && !switched) {
            switched = true;
            found = try_at(1 - scan.end.half, 0);
        }
        if (!found) return fail(std::move(found.error()));
        if (*found) continue;
        const auto later = find_later(generation, scan.end.sequence);
        if (!later) return fail(later.error());
        if (*later) scan.fault = JournalFault{{scan.end.half, scan.end.position, scan.end.sequence}, **later};
        break;
    }
    return scan;
}

Result<std::optional<FrameLocation>> Journal::find_later(std::uint64_t generation, std::uint64_t sequence) const {
    auto found = find_later_in(0, generation, sequence);
    return found && !*found ? find_later_in(1, generation, sequence) : found;
}

Result<std::optional<FrameLocation>> Journal::find_later_in(int half, std::uint64_t generation, std::uint64_t sequence) const {
    const auto index = static_cast<std::size_t>(half);
    Bytes chunk;
    Bytes buffer;
    for (std::uint64_t start = 0; start < sizes_[index]; start += fill_chunk) {
        chunk.resize(static_cast<std::size_t>(std::min(fill_chunk, sizes_[index] - start)));
        if (auto read = read_exactly(*files_[index], chunk, start); !read) return fail(std::move(read.error()).within(paths_[index]));
        for (std::size_t at = 0; at < chunk.size(); at += frame_alignment) {
            const auto header = parse_frame_header(BytesView(chunk).substr(at));
            if (!header || header->identity.generation != generation || header->identity.sequence < sequence) continue;
            const auto frame = read_frame(half, start + at, buffer);
            if (!frame) return fail(frame.error());
            if (*frame) return FrameLocation{half, start + at, header->identity.sequence};
        }
    }
    return std::nullopt;
}

Result<CheckedFrame> Journal::read(const FrameLocation& at, Bytes& buffer) const {
    const auto frame = read_frame(at.half, at.position, buffer);
    if (!frame) return fail(frame.error());
    if (!*frame || (*frame)->identity.sequence != at.sequence) {
        return fail(Errc::corrupt, paths_[static_cast<std::size_t>(at.half)] + ": frame " + std::to_string(at.sequence) + " at " +
                                       std::to_string(at.position) + " changed while it was read");
    }
    return **frame;
}

}  // namespace tenter::log
