#pragma once
// gateway/log_segment/frame.hpp: one commit in the journal.
//
//   0 magic u32 "TJF1" | 4 generation u64 | 12 sequence u64 | 20 body length u32 | 24 CRC of the previous frame u32 | 28 body ...
//   28+length  CRC-32C of everything before it u32 | zeros up to a multiple of 4096                               all big-endian
//
//   body: entries: topic length u16 | topic | partition i32 | batches length u32 | record batches back to back
//
// A frame begins on a multiple of 4096, so no journal write touches a sector that holds acknowledged bytes, and recovery can look for
// later frames behind a bad one. The generation is random and new after every recovery: nobody can send an event whose bytes look like a
// frame of this log.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

inline constexpr std::size_t frame_alignment = 4096;
inline constexpr std::size_t frame_header_size = 28;
inline constexpr std::size_t frame_overhead = frame_header_size + 4;

[[nodiscard]] constexpr std::uint64_t padded_frame_size(std::uint64_t body_size) noexcept {
    return (body_size + frame_overhead + frame_alignment - 1) / frame_alignment * frame_alignment;
}
/// Bytes that an entry takes beside its batches.
[[nodiscard]] constexpr std::size_t frame_entry_overhead(std::size_t topic_size) noexcept { return 2 + topic_size + 4 + 4; }

/// Where a frame stands in the log of commits.
struct FrameIdentity {
    std::uint64_t generation = 0;
    std::uint64_t sequence = 0;
    std::uint32_t previous_crc = 0;
};

/// Builds a frame in a buffer that it empties but does not shrink.
///   FrameBuilder frame(buffer);  frame.begin_entry(topic, 0);  ... batches appended to buffer ...;  frame.end_entry();  frame.finish(id);
class FrameBuilder {
public:
    explicit FrameBuilder(Bytes& out);
    void begin_entry(std::string_view topic, std::int32_t partition);
    void end_entry();
    /// Fills in header and checksum, pads, and returns the frame's checksum: the next one's `previous_crc`.
    std::uint32_t finish(const FrameIdentity& identity);

private:
    Bytes& out_;
    std::size_t entry_length_at_ = 0;
};

/// The fixed start of a frame. Nothing is checked but the magic.
struct FrameHeader {
    FrameIdentity identity;
    std::uint32_t body_size = 0;
};
[[nodiscard]] std::optional<FrameHeader> parse_frame_header(BytesView bytes) noexcept;

struct CheckedFrame {
    FrameIdentity identity;
    BytesView body;
    std::uint32_t crc = 0;
};
/// The frame at the front of `bytes` if it is whole and its checksum is right.
[[nodiscard]] std::optional<CheckedFrame> check_frame(BytesView bytes) noexcept;

struct FrameEntry {
    std::string_view topic;
    std::int32_t partition = 0;
    BytesView batches;
};
/// The entries of a body whose checksum was right; `corrupt` if they do not fill it exactly.
[[nodiscard]] Result<std::vector<FrameEntry>> parse_frame_body(BytesView body);

}  // namespace tenter::log
