// Bytes that claim to be record batches: nothing crashes, and what decodes is what the header says, and encodes to what decodes alike.
// The fuzzer cannot guess a CRC-32C, so each input is also tried with its checksum made right.
#include <cstdint>
#include <cstdlib>

#include "gateway/log/record_batch.hpp"
#include "tenter/base/crc32c.hpp"

namespace {

using namespace tenter;
using namespace tenter::log;

void require(bool condition) {
    if (!condition) std::abort();
}

bool same(const RecordHeader& a, const RecordHeader& b) { return a.key == b.key && a.value == b.value; }

void require_same(const StoredRecord& a, const StoredRecord& b) {
    require(a.timestamp == b.timestamp && a.key == b.key && a.value == b.value && a.headers.size() == b.headers.size());
    for (std::size_t i = 0; i < a.headers.size(); ++i) require(same(a.headers[i], b.headers[i]));
}

void encode_again(const std::vector<StoredRecord>& records) {
    Bytes bytes;
    RecordBatchBuilder builder(bytes, Offset{0});
    for (const auto& record : records) {
        std::vector<RecordHeaderView> headers;
        for (const auto& header : record.headers) headers.push_back({header.key, header.value});
        Bytes payload;
        encode_record_payload(payload, record.key, record.value, headers);
        builder.add(record.timestamp, payload);
    }
    builder.finish();
    const auto again = decode_batches(bytes);
    require(again && again->size() == records.size());
    for (std::size_t i = 0; i < records.size(); ++i) require_same(records[i], (*again)[i]);
}

void check(BytesView bytes) {
    const auto header = parse_batch_header(bytes);
    const auto checked = check_batch(bytes);
    require(header || !checked);
    if (checked) require(checked->total_size <= bytes.size() && checked->last_offset >= checked->base_offset);
    const auto records = decode_batches(bytes);
    if (!records || records->empty()) return;
    require(checked.has_value());
    require(records->front().offset >= checked->base_offset);
    encode_again(*records);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(reinterpret_cast<const char*>(data), size);
    check(bytes);
    const auto header = parse_batch_header(bytes);
    if (!header || header->total_size > bytes.size()) return 0;
    const std::uint32_t crc = crc32c(BytesView(bytes).substr(21, header->total_size - 21));
    for (std::size_t i = 0; i < 4; ++i) bytes[17 + i] = static_cast<char>(crc >> (24 - 8 * i));
    check(bytes);
    return 0;
}
