#pragma once
// gateway/log_segment/watermarks.hpp: how far other processes may read, in a small mapped file that the running gateway keeps up to date.
//
//   0 magic u64 | 8 generation u64 (0: not valid) | 16 slots u64 | 24 moves u64 (rises with every commit) | 32 zeros up to 64
//   64 + 288*n: next offset i64 | log start i64 | partition i32 | name length u32 | topic name, zeros up to 288
//
// Integers in the machine's own order: the file is shared memory, not storage. It is made anew by every start. A reader accepts what it
// read only if the generation was not 0 before and is the same after: recovery sets it to 0 before it cuts the first segment.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/log_segment/layout.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// One partition's entry in the mapped file.
class WatermarkSlot {
public:
    WatermarkSlot() = default;
    explicit WatermarkSlot(std::byte* at) noexcept : at_(at) {}
    void set(std::int64_t log_start, std::int64_t next_offset) const noexcept;
    void set_next_offset(std::int64_t next_offset) const noexcept;
    /// Any thread.
    void raise_log_start(std::int64_t log_start) const noexcept;
    [[nodiscard]] std::int64_t log_start() const noexcept;
    [[nodiscard]] std::int64_t next_offset() const noexcept;

private:
    std::byte* at_ = nullptr;
};

/// The writing side: one per folder, under its lock. One thread at a time may `add` while another sets slots
/// and calls `moved`.
class WatermarkWriter {
public:
    /// Makes what an earlier process published invalid. To be called before recovery touches a segment.
    [[nodiscard]] static Result<std::unique_ptr<WatermarkWriter>> open(Env& env, const Layout& layout);
    [[nodiscard]] Result<WatermarkSlot> add(std::string_view topic, std::int32_t partition, std::int64_t log_start,
                                            std::int64_t next_offset);
    /// From here on readers believe it. `generation` is not 0.
    void publish(std::uint64_t generation) noexcept;
    /// Slots were set: wakes those that poll.
    void moved() noexcept;

private:
    WatermarkWriter(Env& env, const Layout& layout) : env_(env), path_(layout.watermarks()) {}
    [[nodiscard]] Result<void> grow(std::size_t slots);

    Env& env_;
    const std::string path_;
    std::vector<std::unique_ptr<MappedRegion>> regions_;  // the last one is the largest; earlier ones hold slots that were given out
    std::byte* header_ = nullptr;                         // in the first one
    std::size_t capacity_ = 0;
    std::size_t count_ = 0;
};

struct PublishedPartition {
    std::string_view topic;
    std::int32_t partition = 0;
    WatermarkSlot slot;
};

/// The reading side. Belongs to one thread.
class WatermarkReader {
public:
    [[nodiscard]] static Result<std::unique_ptr<WatermarkReader>> open(Env& env, const Layout& layout);
    /// 0: nothing valid is published now.
    [[nodiscard]] std::uint64_t generation() const noexcept;
    [[nodiscard]] std::uint64_t moves() const noexcept;
    /// Slots that the writer has in use; more than `visible()` means that the file has grown: open it again.
    [[nodiscard]] std::size_t count() const noexcept;
    [[nodiscard]] std::size_t visible() const noexcept;
    /// `index` below both `count()` and `visible()`. Nothing if the slot makes no sense.
    [[nodiscard]] std::optional<PublishedPartition> at(std::size_t index) const noexcept;

private:
    explicit WatermarkReader(std::unique_ptr<MappedRegion> region) : region_(std::move(region)) {}
    std::unique_ptr<MappedRegion> region_;
};

}  // namespace tenter::log
