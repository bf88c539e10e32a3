#include "gateway/log_segment/frame.hpp"

#include "gateway/log_segment/big_endian.hpp"
#include "tenter/base/crc32c.hpp"

namespace tenter::log {
namespace {

constexpr std::uint32_t frame_magic = 0x544A4631;  // "TJF1"

}  // namespace

FrameBuilder::FrameBuilder(Bytes& out) : out_(out) { out_.assign(frame_header_size, '\0'); }

void FrameBuilder::begin_entry(std::string_view topic, std::int32_t partition) {
    append_big_endian(out_, static_cast<std::uint16_t>(topic.size()));
    out_.append(topic);
    append_big_endian(out_, partition);
    entry_length_at_ = out_.size();
    append_big_endian(out_, std::uint32_t{0});
}

void FrameBuilder::end_entry() {
    store_big_endian(out_.data() + entry_length_at_, static_cast<std::uint32_t>(out_.size() - entry_length_at_ - 4));
}

std::uint32_t FrameBuilder::finish(const FrameIdentity& identity) {
    char* header = out_.data();
    store_big_endian(header, frame_magic);
    store_big_endian(header + 4, identity.generation);
    store_big_endian(header + 12, identity.sequence);
    store_big_endian(header + 20, static_cast<std::uint32_t>(out_.size() - frame_header_size));
    store_big_endian(header + 24, identity.previous_crc);
    const std::uint32_t crc = crc32c(out_);
    const std::uint64_t padded = padded_frame_size(out_.size() - frame_header_size);
    append_big_endian(out_, crc);
    out_.resize(padded, '\0');
    return crc;
}

std::optional<FrameHeader> parse_frame_header(BytesView bytes) noexcept {
    if (bytes.size() < frame_header_size || load_big_endian<std::uint32_t>(bytes.data()) != frame_magic) return std::nullopt;
    FrameHeader header;
    header.identity.generation = load_big_endian<std::uint64_t>(bytes.data() + 4);
    header.identity.sequence = load_big_endian<std::uint64_t>(bytes.data() + 12);
    header.body_size = load_big_endian<std::uint32_t>(bytes.data() + 20);
    header.identity.previous_crc = load_big_endian<std::uint32_t>(bytes.data() + 24);
    return header;
}

std::optional<CheckedFrame> check_frame(BytesView bytes) noexcept {
    const auto header = parse_frame_header(bytes);
    if (!header || bytes.size() < frame_overhead || header->body_size > bytes.size() - frame_overhead) return std::nullopt;
    const std::size_t covered = frame_header_size + header->body_size;
    const std::uint32_t crc = crc32c(bytes.substr(0, covered));
    if (crc != load_big_endian<std::uint32_t>(bytes.data() + covered)) return std::nullopt;
    return CheckedFrame{header->identity, bytes.substr(frame_header_size, header->body_size), crc};
}

Result<std::vector<FrameEntry>> parse_frame_body(BytesView body) {
    std::vector<FrameEntry> entries;
    BigEndianReader in(body);
    while (!in.at_end()) {
        FrameEntry entry;
        entry.topic = in.take_bytes(in.take<std::uint16_t>());
        entry.partition = in.take<std::int32_t>();
        entry.batches = in.take_bytes(in.take<std::uint32_t>());
        if (in.failed()) return fail(Errc::corrupt, "entry " + std::to_string(entries.size()) + " of the frame is cut off");
        entries.push_back(entry);
    }
    return entries;
}

}  // namespace tenter::log
