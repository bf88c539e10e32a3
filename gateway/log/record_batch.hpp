#pragma once
// gateway/log/record_batch.hpp: Kafka record batches, magic v2: what segments hold, what the Fetch answer carries, what Kafka's tools read.
//
//   0  baseOffset i64 | 8  batchLength i32 (bytes after it) | 12 partitionLeaderEpoch i32 = 0 | 16 magic i8 = 2
//   17 crc u32 (CRC-32C of everything after it) | 21 attributes i16 = 0 (CreateTime, no compression) | 23 lastOffsetDelta i32
//   27 baseTimestamp i64 | 35 maxTimestamp i64 | 43 producerId i64 = -1 | 51 producerEpoch i16 = -1 | 53 baseSequence i32 = -1
//   57 records i32 | 61 records ...          all big-endian
//
//   record: length varint | attributes i8 = 0 | timestampDelta varlong | offsetDelta varint | payload
//   payload: keyLength varint (-1: null) | key | valueLength varint (-1: null) | value | headers varint | (keyLength | key | valueLength |
//   value)*
//
// Kafka protocol guide, "Record Batch". Varints are zigzag.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log/types.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

inline constexpr std::size_t batch_header_size = 61;

/// Appends the part of a record that does not depend on its place in a batch (key, value, headers), so that many threads encode and only
/// the commit thread assembles.
void encode_record_payload(Bytes& out, std::optional<BytesView> key, std::optional<BytesView> value,
                           std::span<const RecordHeaderView> headers);

/// Writes one batch at the end of a buffer. `add` at least once, then `finish`. Nothing else may append to the buffer in between.
class RecordBatchBuilder {
public:
    RecordBatchBuilder(Bytes& out, Offset base_offset);
    /// `payload` as `encode_record_payload` made it.
    void add(UnixMillis timestamp, BytesView payload);
    /// Bytes of the batch so far, header included.
    [[nodiscard]] std::size_t size() const noexcept { return out_.size() - start_; }
    [[nodiscard]] std::int32_t record_count() const noexcept { return count_; }
    /// Fills in the header and its checksum.
    void finish();

private:
    Bytes& out_;
    std::size_t start_;
    Offset base_offset_;
    std::int64_t base_timestamp_ = 0;
    std::int64_t max_timestamp_ = 0;
    std::int32_t count_ = 0;
};

/// Upper bound of what `RecordBatchBuilder::add` will append for a payload of that size.
[[nodiscard]] std::size_t encoded_record_size_bound(std::size_t payload_size) noexcept;

/// The fixed part of a batch that readers and recovery need.
struct BatchHeader {
    Offset base_offset;
    std::size_t total_size = 0;  ///< Of the whole batch, header included.
    Offset last_offset;
    UnixMillis base_timestamp;
    UnixMillis max_timestamp;
    std::int32_t record_count = 0;

    [[nodiscard]] Offset next_offset() const noexcept { return Offset{last_offset.value + 1}; }
};

/// Reads the first 61 bytes of `bytes`: `corrupt` when they are fewer, the magic is not 2 or a length is impossible. Checks no checksum.
[[nodiscard]] Result<BatchHeader> parse_batch_header(BytesView bytes);
/// As `parse_batch_header`, and the whole batch must be there with the right CRC-32C.
[[nodiscard]] Result<BatchHeader> check_batch(BytesView bytes);

struct RecordHeader {
    BytesView key;
    std::optional<BytesView> value;
};

/// A stored record; views into the batch.
struct StoredRecord {
    Offset offset;
    UnixMillis timestamp;
    std::optional<BytesView> key;
    std::optional<BytesView> value;
    std::vector<RecordHeader> headers;

    /// Value of the first header of that name; nothing if there is none or it is null.
    [[nodiscard]] std::optional<BytesView> header(std::string_view name) const noexcept;
};

/// All records of the batches in `bytes`, back to back, each batch checked (`check_batch`); `corrupt` names the byte offset. A batch that
/// is cut off at the end is `corrupt` too, a compressed one `unsupported`.
[[nodiscard]] Result<std::vector<StoredRecord>> decode_batches(BytesView bytes);

}  // namespace tenter::log
