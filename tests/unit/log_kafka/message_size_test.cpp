// What is held against max.message.bytes must be what the broker holds against it: the batch with that record alone.
#include <gtest/gtest.h>

#include <array>

#include "gateway/log/record_batch.hpp"
#include "gateway/log_kafka/kafka_log.hpp"

namespace tenter::log {
namespace {

std::size_t encoded_size(const NewRecord& record) {
    Bytes payload;
    encode_record_payload(payload, record.key, record.value, record.headers);
    Bytes out;
    RecordBatchBuilder builder(out, Offset{0});
    builder.add(record.timestamp, payload);
    builder.finish();
    return out.size();
}

TEST(SizeOfABatch, is_what_the_encoder_makes_of_it) {
    const std::array<RecordHeaderView, 3> headers{{{"envelope", BytesView("\x80", 1)}, {"null", std::nullopt}, {"", BytesView("")}}};
    for (const std::size_t size : {0UL, 1UL, 63UL, 64UL, 8191UL, 8192UL, 1UL << 20, (1UL << 20) + 1}) {
        const std::string value(size, 'v');
        for (const auto& key : {std::optional<BytesView>(), std::optional<BytesView>(""), std::optional<BytesView>(value)}) {
            const NewRecord with_value{TopicId{}, {}, key, BytesView(value), headers, UnixMillis{}};
            EXPECT_EQ(batch_size_of(with_value), encoded_size(with_value)) << size;
            const NewRecord without{TopicId{}, {}, key, std::nullopt, {}, UnixMillis{}};
            EXPECT_EQ(batch_size_of(without), encoded_size(without)) << size;
        }
    }
}

}  // namespace
}  // namespace tenter::log
