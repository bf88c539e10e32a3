#pragma once
// gateway/log_segment/journal.hpp: the two files that make commits durable, written over and over.
//
//   half 0  | frame n | frame n+1 | ... | stale frames or zeros |      one half is written while the other waits for its checkpoint
//   half 1  | frame m | ...                                     |
//
// Both are filled with zeros once: a first write into fallocated space costs an extent conversion at each fdatasync.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/log_segment/checkpoint.hpp"
#include "gateway/log_segment/frame.hpp"
#include "gateway/log_segment/layout.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

struct FrameLocation {
    int half = 0;
    std::uint64_t position = 0;
    std::uint64_t sequence = 0;
};

/// A frame that is not valid though a later one of the same generation is: damage, not a torn end.
struct JournalFault {
    FrameLocation bad;
    FrameLocation later;
};

/// What a journal holds beyond a checkpoint.
struct JournalScan {
    std::vector<FrameLocation> frames;
    JournalCursor end;                  ///< Behind the last frame.
    std::optional<JournalFault> fault;  ///< Where it stopped although it should not have.
};

/// The journal's two files. Belongs to one thread.
class Journal {
public:
    /// Makes both halves, filled with zeros and synced. Overwrites what is there.
    [[nodiscard]] static Result<void> create(Env& env, const Layout& layout, std::uint64_t half_size);
    [[nodiscard]] static Result<std::unique_ptr<Journal>> open(Env& env, const Layout& layout, OpenMode mode);

    /// The smaller of the two, which differ only if a change of size was interrupted.
    [[nodiscard]] std::uint64_t half_size() const noexcept;
    /// Only while the journal holds nothing that a checkpoint does not cover.
    [[nodiscard]] Result<void> resize(std::uint64_t half_size);

    /// Where writing goes on.
    void start(std::uint64_t generation, const JournalCursor& cursor) noexcept;
    [[nodiscard]] const JournalCursor& cursor() const noexcept { return cursor_; }
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
    [[nodiscard]] bool fits(std::uint64_t frame_size) const noexcept { return cursor_.position + frame_size <= half_size(); }
    /// Goes on at the start of the other half; the caller knows that a checkpoint covers what is there.
    void switch_half() noexcept;
    /// Finishes the frame in `buffer` and writes it at the cursor. Durable after `sync`. It must fit.
    [[nodiscard]] Result<void> write(FrameBuilder& frame, const Bytes& buffer);
    [[nodiscard]] Result<void> sync();

    /// Follows the chain of frames from `from`; reads both halves to the end to tell a torn end from damage. Stops before `stop_before`
    /// where that is given (repair).
    [[nodiscard]] Result<JournalScan> scan(std::uint64_t generation, const JournalCursor& from,
                                           std::optional<std::uint64_t> stop_before = std::nullopt) const;
    /// Reads a frame that `scan` found; the view is into `buffer`.
    [[nodiscard]] Result<CheckedFrame> read(const FrameLocation& at, Bytes& buffer) const;

private:
    Journal() = default;
    [[nodiscard]] Result<std::optional<CheckedFrame>> read_frame(int half, std::uint64_t position, Bytes& buffer) const;
    [[nodiscard]] Result<std::optional<FrameLocation>> find_later(std::uint64_t generation, std::uint64_t sequence) const;
    [[nodiscard]] Result<std::optional<FrameLocation>> find_later_in(int half, std::uint64_t generation, std::uint64_t sequence) const;

    std::array<std::unique_ptr<File>, 2> files_;
    std::array<std::uint64_t, 2> sizes_{};
    std::array<std::string, 2> paths_;
    std::uint64_t generation_ = 0;
    JournalCursor cursor_;
};

}  // namespace tenter::log
