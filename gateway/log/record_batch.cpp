#include "gateway/log/record_batch.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <string>

#include "tenter/base/assert.hpp"
#include "tenter/base/crc32c.hpp"

namespace tenter::log {
namespace {

constexpr std::size_t crc_position = 17;
constexpr std::size_t checksummed_from = 21;
constexpr std::size_t attributes_position = 21;
constexpr int compression_bits = 0x07;
constexpr std::size_t bytes_before_length_counts = 12;
constexpr std::size_t max_varint_size = 10;

constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

std::size_t varint_size(std::int64_t value) noexcept {
    const std::uint64_t bits = zigzag(value) | 1;
    return (static_cast<std::size_t>(std::bit_width(bits)) + 6) / 7;
}

char* put_varint(char* out, std::int64_t value) noexcept {
    std::uint64_t rest = zigzag(value);
    while (rest >= 0x80) {
        *out++ = static_cast<char>((rest & 0x7F) | 0x80);
        rest >>= 7;
    }
    *out++ = static_cast<char>(rest);
    return out;
}

void append_varint(Bytes& out, std::int64_t value) {
    std::array<char, max_varint_size> buffer;
    out.append(buffer.data(), static_cast<std::size_t>(put_varint(buffer.data(), value) - buffer.data()));
}

void append_octets(Bytes& out, std::optional<BytesView> octets) {
    if (!octets) return append_varint(out, -1);
    append_varint(out, static_cast<std::int64_t>(octets->size()));
    out.append(*octets);
}

template <class Integer>
void store_big_endian(char* out, Integer value) noexcept {
    if constexpr (sizeof(Integer) == 8) {
        const auto bits = __builtin_bswap64(static_cast<std::uint64_t>(value));
        std::memcpy(out, &bits, sizeof bits);
    } else if constexpr (sizeof(Integer) == 4) {
        const auto bits = __builtin_bswap32(static_cast<std::uint32_t>(value));
        std::memcpy(out, &bits, sizeof bits);
    } else {
        static_assert(sizeof(Integer) == 2);
        const auto bits = __builtin_bswap16(static_cast<std::uint16_t>(value));
        std::memcpy(out, &bits, sizeof bits);
    }
}

std::int64_t load_i64(BytesView bytes, std::size_t at) noexcept {
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data() + at, sizeof bits);
    return static_cast<std::int64_t>(__builtin_bswap64(bits));
}

std::int32_t load_i32(BytesView bytes, std::size_t at) noexcept {
    std::uint32_t bits = 0;
    std::memcpy(&bits, bytes.data() + at, sizeof bits);
    return static_cast<std::int32_t>(__builtin_bswap32(bits));
}

/// Reads a record from left to right; after a failed read everything fails.
class RecordReader {
public:
    explicit RecordReader(BytesView bytes) : bytes_(bytes) {}

    std::int64_t varint() noexcept {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (at_ >= bytes_.size()) break;
            const auto byte = static_cast<unsigned char>(bytes_[at_++]);
            value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
        }
        failed_ = true;
        return 0;
    }
    char byte() noexcept {
        if (at_ < bytes_.size()) return bytes_[at_++];
        failed_ = true;
        return 0;
    }
    std::optional<BytesView> octets() noexcept {
        const std::int64_t size = varint();
        if (size == -1) return std::nullopt;
        if (size < 0 || static_cast<std::uint64_t>(size) > bytes_.size() - at_) {
            failed_ = true;
            return std::nullopt;
        }
        const BytesView found = bytes_.substr(at_, static_cast<std::size_t>(size));
        at_ += found.size();
        return found;
    }
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    [[nodiscard]] bool at_end() const noexcept { return at_ == bytes_.size(); }
    [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - at_; }

private:
    BytesView bytes_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

/// Kafka's clients add with Java's long, which wraps; so any timestamp comes back as it was, however far from the first it is.
constexpr std::int64_t wrapping_add(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
constexpr std::int64_t wrapping_subtract(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

bool read_headers(RecordReader& in, StoredRecord& record) {
    const std::int64_t count = in.varint();
    if (in.failed() || count < 0 || static_cast<std::uint64_t>(count) > in.left()) return false;
    record.headers.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        const auto key = in.octets();
        const auto value = in.octets();
        if (in.failed() || !key) return false;
        record.headers.push_back({*key, value});
    }
    return true;
}

/// One record without its length, which must be exactly its own.
bool read_record(BytesView bytes, const BatchHeader& batch, StoredRecord& record) {
    RecordReader in(bytes);
    in.byte();  // attributes: unused in magic v2
    record.timestamp = UnixMillis(std::chrono::milliseconds(wrapping_add(batch.base_timestamp.time_since_epoch().count(), in.varint())));
    const std::int64_t offset_delta = in.varint();
    if (offset_delta < 0 || offset_delta > batch.last_offset.value - batch.base_offset.value) return false;
    record.offset = Offset{batch.base_offset.value + offset_delta};
    record.key = in.octets();
    record.value = in.octets();
    return !in.failed() && read_headers(in, record) && in.at_end();
}

std::unexpected<Error> corrupt(const std::string& what) { return fail(Errc::corrupt, "record batch: " + what); }

/// The records of a batch whose checksum is right.
Result<void> append_records(BytesView batch_bytes, const BatchHeader& batch, std::vector<StoredRecord>& out) {
    if ((batch_bytes[attributes_position + 1] & compression_bits) != 0) return fail(Errc::unsupported, "record batch: compressed");
    RecordReader in(batch_bytes.substr(batch_header_size));
    std::int64_t previous = batch.base_offset.value - 1;
    for (std::int32_t i = 0; i < batch.record_count; ++i) {
        const auto bytes = in.octets();
        StoredRecord record;
        if (in.failed() || !bytes || !read_record(*bytes, batch, record)) return corrupt("record " + std::to_string(i) + " is malformed");
        if (record.offset.value <= previous) return corrupt("record " + std::to_string(i) + " has an offset out of order");
        previous = record.offset.value;
        out.push_back(std::move(record));
    }
    if (!in.at_end()) return corrupt("bytes after the last record");
    return {};
}

}  // namespace

void encode_record_payload(Bytes& out, std::optional<BytesView> key, std::optional<BytesView> value,
                           std::span<const RecordHeaderView> headers) {
    std::size_t size = 3 * max_varint_size + (key ? key->size() : 0) + (value ? value->size() : 0);
    for (const auto& header : headers) size += 2 * max_varint_size + header.key.size() + (header.value ? header.value->size() : 0);
    out.reserve(out.size() + size);
    append_octets(out, key);
    append_octets(out, value);
    append_varint(out, static_cast<std::int64_t>(headers.size()));
    for (const auto& header : headers) {
        append_octets(out, header.key);
        append_octets(out, header.value);
    }
}

RecordBatchBuilder::RecordBatchBuilder(Bytes& out, Offset base_offset) : out_(out), start_(out.size()), base_offset_(base_offset) {
    out_.append(batch_header_size, '\0');
}

void RecordBatchBuilder::add(UnixMillis timestamp, BytesView payload) {
    const std::int64_t ms = timestamp.time_since_epoch().count();
    if (count_ == 0) base_timestamp_ = max_timestamp_ = ms;
    max_timestamp_ = std::max(max_timestamp_, ms);
    const std::int64_t timestamp_delta = wrapping_subtract(ms, base_timestamp_);
    const std::size_t length = 1 + varint_size(timestamp_delta) + varint_size(count_) + payload.size();
    std::array<char, 1 + 3 * max_varint_size> head;
    char* at = put_varint(head.data(), static_cast<std::int64_t>(length));
    *at++ = 0;
    at = put_varint(at, timestamp_delta);
    at = put_varint(at, count_);
    out_.append(head.data(), static_cast<std::size_t>(at - head.data()));
    out_.append(payload);
    ++count_;
}

void RecordBatchBuilder::finish() {
    TENTER_ASSERT(count_ > 0);
    TENTER_ASSERT(size() <= std::size_t{std::numeric_limits<std::int32_t>::max()});
    char* header = out_.data() + start_;
    store_big_endian(header, base_offset_.value);
    store_big_endian(header + 8, static_cast<std::int32_t>(size() - bytes_before_length_counts));
    store_big_endian(header + 12, std::int32_t{0});
    header[16] = 2;
    store_big_endian(header + 21, std::int16_t{0});
    store_big_endian(header + 23, count_ - 1);
    store_big_endian(header + 27, base_timestamp_);
    store_big_endian(header + 35, max_timestamp_);
    store_big_endian(header + 43, std::int64_t{-1});
    store_big_endian(header + 51, std::int16_t{-1});
    store_big_endian(header + 53, std::int32_t{-1});
    store_big_endian(header + 57, count_);
    store_big_endian(header + crc_position, crc32c(BytesView(out_).substr(start_ + checksummed_from)));
}

std::size_t encoded_record_size_bound(std::size_t payload_size) noexcept { return 1 + 3 * max_varint_size + payload_size; }

Result<BatchHeader> parse_batch_header(BytesView bytes) {
    if (bytes.size() < batch_header_size) return corrupt("ends within its header");
    if (bytes[16] != 2) return corrupt("magic is " + std::to_string(static_cast<int>(bytes[16])) + ", not 2");
    const std::int32_t length = load_i32(bytes, 8);
    const std::int32_t last_delta = load_i32(bytes, 23);
    BatchHeader header;
    header.base_offset = Offset{load_i64(bytes, 0)};
    header.record_count = load_i32(bytes, 57);
    if (length < static_cast<std::int32_t>(batch_header_size - bytes_before_length_counts)) return corrupt("impossible length");
    if (header.base_offset.value < 0 || last_delta < 0 || header.record_count < 1) return corrupt("impossible offsets or count");
    if (header.base_offset.value > std::numeric_limits<std::int64_t>::max() - last_delta - 1) return corrupt("offsets beyond 2^63");
    header.total_size = static_cast<std::size_t>(length) + bytes_before_length_counts;
    header.last_offset = Offset{header.base_offset.value + last_delta};
    header.base_timestamp = UnixMillis(std::chrono::milliseconds(load_i64(bytes, 27)));
    header.max_timestamp = UnixMillis(std::chrono::milliseconds(load_i64(bytes, 35)));
    return header;
}

Result<BatchHeader> check_batch(BytesView bytes) {
    auto header = parse_batch_header(bytes);
    if (!header) return header;
    if (bytes.size() < header->total_size) return corrupt("ends within its records");
    const auto stored = static_cast<std::uint32_t>(load_i32(bytes, crc_position));
    if (crc32c(bytes.substr(checksummed_from, header->total_size - checksummed_from)) != stored) return corrupt("wrong checksum");
    return header;
}

std::optional<BytesView> StoredRecord::header(std::string_view name) const noexcept {
    for (const auto& found : headers)
        if (found.key == name) return found.value;
    return std::nullopt;
}

Result<std::vector<StoredRecord>> decode_batches(BytesView bytes) {
    std::vector<StoredRecord> records;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::string place = "byte " + std::to_string(at);
        const auto header = check_batch(bytes.substr(at));
        if (!header) return fail(Error(header.error()).within(place));
        if (auto read = append_records(bytes.substr(at, header->total_size), *header, records); !read)
            return fail(std::move(read.error()).within(place));
        at += header->total_size;
    }
    return records;
}

}  // namespace tenter::log
