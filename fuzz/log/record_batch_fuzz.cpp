// Bytes that claim to be record batches: what decodes lies within its batches, is refused when cut, and, built again, decodes to the same
// records. The fuzzer cannot guess a CRC-32C, so each input is also tried with its checksums made right.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "gateway/log/record_batch.hpp"
#include "tenter/base/crc32c.hpp"

namespace {

using namespace tenter;
using namespace tenter::log;

void require(bool condition) {
    if (!condition) std::abort();
}

/// Walks as the lengths say, checks nothing else.
void make_checksums_right(Bytes& bytes) {
    for (std::size_t at = 0; bytes.size() - at >= batch_header_size;) {
        std::size_t total = 12;
        for (std::size_t i = 0; i < 4; ++i) total += std::size_t{static_cast<unsigned char>(bytes[at + 8 + i])} << (24 - 8 * i);
        if (total < batch_header_size || total > bytes.size() - at) return;
        const std::uint32_t crc = crc32c(BytesView(bytes).substr(at + 21, total - 21));
        for (std::size_t i = 0; i < 4; ++i) bytes[at + 17 + i] = static_cast<char>(crc >> (24 - 8 * i));
        at += total;
    }
}

void require_same(const StoredRecord& a, const StoredRecord& b) {
    require(a.timestamp == b.timestamp && a.key == b.key && a.value == b.value && a.headers.size() == b.headers.size());
    for (std::size_t i = 0; i < a.headers.size(); ++i)
        require(a.headers[i].key == b.headers[i].key && a.headers[i].value == b.headers[i].value);
}

Bytes build_again(const std::vector<StoredRecord>& records) {
    Bytes bytes;
    RecordBatchBuilder builder(bytes, Offset{0});  // offsets may have had gaps, so they are not compared
    for (const auto& record : records) {
        std::vector<RecordHeaderView> headers;
        for (const auto& header : record.headers) headers.push_back({header.key, header.value});
        Bytes payload;
        encode_record_payload(payload, record.key, record.value, headers);
        const std::size_t before = builder.size();
        builder.add(record.timestamp, payload);
        require(builder.size() - before <= encoded_record_size_bound(payload.size()));
    }
    builder.finish();
    return bytes;
}

/// One batch: the header that `check_batch` accepted and the records that were decoded behind it.
void require_consistent(const BatchHeader& header, const std::vector<StoredRecord>& records) {
    require(records.size() == static_cast<std::size_t>(header.record_count));
    Offset least = header.base_offset;
    for (const auto& record : records) {
        require(record.offset >= least && record.offset <= header.last_offset);
        least = Offset{record.offset.value + 1};
    }
    const Bytes built = build_again(records);
    const auto again = decode_batches(built);
    require(again.has_value() && again->size() == records.size());
    for (std::size_t i = 0; i < records.size(); ++i) require_same(records[i], (*again)[i]);
}

void check(const Bytes& bytes) {
    const auto all = decode_batches(bytes);
    std::size_t count = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto header = check_batch(BytesView(bytes).substr(at));
        if (!header) return require(!all);
        require(parse_batch_header(BytesView(bytes).substr(at)).has_value() && header->total_size <= bytes.size() - at);
        const Bytes batch = bytes.substr(at, header->total_size);  // memory of its own: a read beyond it is seen
        require(!check_batch(BytesView(batch).substr(0, batch.size() - 1)));
        const auto records = decode_batches(batch);
        if (!records) return require(!all);
        require_consistent(*header, *records);
        count += records->size();
        at += batch.size();
    }
    require(all && all->size() == count);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(reinterpret_cast<const char*>(data), size);
    check(bytes);
    make_checksums_right(bytes);
    check(bytes);
    return 0;
}
