// The codec against batches made by make_golden.py, and against everything that a disk may do to them.
#include "gateway/log/record_batch.hpp"

#include <gmock/gmock.h>

#include <array>
#include <fstream>
#include <limits>
#include <map>

#include "tenter/base/crc32c.hpp"
#include "tenter/base/encoding.hpp"

namespace tenter::log {
namespace {

using ::testing::HasSubstr;

constexpr UnixMillis ms(std::int64_t value) { return UnixMillis(std::chrono::milliseconds(value)); }

struct Sample {
    std::int64_t timestamp = 0;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers{};
};

std::optional<BytesView> view(const std::optional<std::string>& text) { return text ? std::optional<BytesView>(*text) : std::nullopt; }

Bytes encode(std::int64_t base_offset, const std::vector<Sample>& samples) {
    Bytes out;
    RecordBatchBuilder builder(out, Offset{base_offset});
    for (const auto& sample : samples) {
        std::vector<RecordHeaderView> headers;
        for (const auto& [key, value] : sample.headers) headers.push_back({key, view(value)});
        Bytes payload;
        encode_record_payload(payload, view(sample.key), view(sample.value), headers);
        builder.add(ms(sample.timestamp), payload);
    }
    builder.finish();
    return out;
}

/// The same as CASES in make_golden.py.
std::map<std::string, std::pair<std::int64_t, std::vector<Sample>>> cases() {
    std::vector<Sample> hundred;
    for (int i = 0; i < 100; ++i) hundred.push_back({i, {}, std::string(1, static_cast<char>(i)), {{"n", std::to_string(i)}}});
    return {
        {"one", {0, {{1700000000123, "key", "value"}}}},
        {"nulls", {5, {{0, {}, {}, {{"a", std::nullopt}, {"", ""}}}}}},
        {"empty", {std::int64_t{1} << 40, {{1, "", ""}}}},
        {"times", {7, {{1000, {}, "a"}, {900, {}, "b"}, {5'000'000'000'000, {}, "c"}, {1000, {}, "d"}}}},
        {"sizes",
         {0,
          {{1, std::string(63, 'k'), std::string(64, 'v')},
           {2, std::string(8191, 'k'), std::string(8192, 'v'), {{std::string(64, 'h'), std::string(63, 'x')}}}}}},
        {"hundred", {9, hundred}},
        {"unicode", {3, {{1, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xe4\xb8\xad", {{"\xc3\xbc", std::string("\x80\xff\0", 3)}}}}}},
    };
}

std::map<std::string, Bytes> golden() {
    std::ifstream in(TENTER_SOURCE_DIR "/tests/unit/log/golden.txt");
    std::map<std::string, Bytes> found;
    for (std::string name, hex; in >> name >> hex;) found[name] = hex_decode(hex).value();
    return found;
}

void expect_same(const StoredRecord& record, const Sample& sample, std::int64_t offset) {
    EXPECT_EQ(record.offset.value, offset);
    EXPECT_EQ(record.timestamp, ms(sample.timestamp));
    EXPECT_EQ(record.key, view(sample.key));
    EXPECT_EQ(record.value, view(sample.value));
    ASSERT_EQ(record.headers.size(), sample.headers.size());
    for (std::size_t i = 0; i < sample.headers.size(); ++i) {
        EXPECT_EQ(record.headers[i].key, sample.headers[i].first);
        EXPECT_EQ(record.headers[i].value, view(sample.headers[i].second));
    }
}

/// With the checksum made right again, so that only the content is wrong.
Bytes with_checksum(Bytes batch) {
    const std::uint32_t crc = crc32c(BytesView(batch).substr(21));
    for (std::size_t i = 0; i < 4; ++i) batch[17 + i] = static_cast<char>(crc >> (24 - 8 * i));
    return batch;
}

TEST(RecordBatch, encodes_what_the_protocol_guide_says) {
    const auto expected = golden();
    ASSERT_EQ(expected.size(), cases().size());
    for (const auto& [name, batch] : cases())
        EXPECT_EQ(hex_encode(encode(batch.first, batch.second)), hex_encode(expected.at(name))) << name;
}

TEST(RecordBatch, decodes_what_another_encoder_wrote) {
    for (const auto& [name, bytes] : golden()) {
        SCOPED_TRACE(name);
        const auto [base, samples] = cases().at(name);
        const auto records = decode_batches(bytes);
        ASSERT_TRUE(records) << records.error().message;
        ASSERT_EQ(records->size(), samples.size());
        for (std::size_t i = 0; i < samples.size(); ++i) expect_same((*records)[i], samples[i], base + static_cast<std::int64_t>(i));
    }
}

TEST(RecordBatch, reads_the_header_that_recovery_needs) {
    const Bytes bytes = golden().at("times");
    const auto header = check_batch(bytes + "what follows");
    ASSERT_TRUE(header) << header.error().message;
    EXPECT_EQ(header->base_offset.value, 7);
    EXPECT_EQ(header->last_offset.value, 10);
    EXPECT_EQ(header->next_offset().value, 11);
    EXPECT_EQ(header->total_size, bytes.size());
    EXPECT_EQ(header->record_count, 4);
    EXPECT_EQ(header->base_timestamp, ms(1000));
    EXPECT_EQ(header->max_timestamp, ms(5'000'000'000'000));
}

TEST(RecordBatch, decodes_batches_back_to_back_and_names_the_place_of_a_bad_one) {
    const Bytes first = golden().at("one");
    Bytes second = golden().at("hundred");
    const auto both = decode_batches(first + second);
    ASSERT_TRUE(both);
    EXPECT_EQ(both->size(), 101U);
    second.back() = static_cast<char>(second.back() ^ 1);
    const auto bad = decode_batches(first + second);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, Errc::corrupt);
    EXPECT_THAT(bad.error().message, HasSubstr("byte " + std::to_string(first.size())));
    EXPECT_TRUE(decode_batches("")->empty());
}

TEST(RecordBatch, refuses_a_cut_at_every_byte) {
    for (const auto& [name, bytes] : golden()) {
        for (std::size_t size = 1; size < bytes.size(); size += bytes.size() > 4000 ? 97 : 1) {
            const Bytes cut = bytes.substr(0, size);  // a copy, so that a read beyond it is seen
            ASSERT_EQ(check_batch(cut).error().code, Errc::corrupt) << name << " cut at " << size;
            ASSERT_EQ(decode_batches(cut).error().code, Errc::corrupt) << name << " cut at " << size;
            ASSERT_EQ(parse_batch_header(cut).has_value(), size >= batch_header_size);
        }
    }
}

TEST(RecordBatch, sees_every_bit_that_turned_over_where_the_checksum_or_the_header_covers_it) {
    for (const std::string name : {"one", "nulls", "times"}) {
        const Bytes bytes = golden().at(name);
        for (std::size_t at = 8; at < bytes.size(); ++at) {
            if (at >= 12 && at < 16) continue;  // partitionLeaderEpoch: brokers change it, so Kafka's checksum leaves it out
            for (int bit = 0; bit < 8; ++bit) {
                Bytes turned = bytes;
                turned[at] = static_cast<char>(turned[at] ^ (1 << bit));
                ASSERT_FALSE(check_batch(turned)) << name << " byte " << at << " bit " << bit;
            }
        }
    }
}

TEST(RecordBatch, refuses_records_that_are_malformed_under_a_right_checksum) {
    const Bytes good = golden().at("one");
    // 61 record length, 62 attributes, 63 timestampDelta, 64 offsetDelta, 65 key length, 66 "key", 69 value length, 70 "value", 75 headers
    ASSERT_TRUE(decode_batches(with_checksum(good)));
    const std::array<std::pair<std::size_t, char>, 9> wrong{{
        {61, '\x01'},  // length -1
        {61, '\x1a'},  // a byte too short
        {61, '\x1e'},  // a byte too long
        {65, '\x03'},  // key length -2
        {65, '\x7e'},  // key longer than the record
        {69, '\x05'},  // value length -3
        {75, '\x01'},  // -1 headers
        {75, '\x02'},  // one header, but nothing there
        {75, '\x80'},  // a varint without end
    }};
    for (const auto& [at, byte] : wrong) {
        Bytes bad = good;
        bad[at] = byte;
        const auto decoded = decode_batches(with_checksum(bad));
        ASSERT_FALSE(decoded) << "byte " << at;
        EXPECT_EQ(decoded.error().code, Errc::corrupt);
    }
}

TEST(RecordBatch, refuses_offsets_outside_the_batch) {
    Bytes bad = golden().at("one");
    bad[64] = '\x02';  // offset delta 1, but the batch ends at 0
    EXPECT_EQ(decode_batches(with_checksum(bad)).error().code, Errc::corrupt);
    Bytes twice = encode(0, {{0, {}, {}}, {0, {}, {}}});
    twice[twice.size() - 4] = '\0';  // the second record's offset delta: 0 again
    EXPECT_EQ(decode_batches(with_checksum(twice)).error().code, Errc::corrupt);
    Bytes far = golden().at("one");
    far.replace(0, 8, "\x7f\xff\xff\xff\xff\xff\xff\xff", 8);
    far.replace(23, 4, "\0\0\0\1", 4);
    EXPECT_EQ(parse_batch_header(far).error().code, Errc::corrupt) << "the last offset would overflow";
}

TEST(RecordBatch, refuses_a_header_that_cannot_be) {
    const Bytes good = golden().at("one");
    const std::array<std::pair<std::size_t, char>, 5> wrong{{
        {0, '\x80'},   // negative base offset
        {8, '\x80'},   // negative length
        {16, '\x01'},  // magic 1
        {23, '\x80'},  // negative last offset delta
        {57, '\x80'},  // negative count
    }};
    for (const auto& [at, byte] : wrong) {
        Bytes bad = good;
        bad[at] = byte;
        EXPECT_FALSE(check_batch(with_checksum(bad))) << "byte " << at;
    }
}

TEST(RecordBatch, says_that_compressed_batches_are_not_served) {
    Bytes gzip = golden().at("one");
    gzip[22] = '\x01';
    EXPECT_EQ(decode_batches(with_checksum(gzip)).error().code, Errc::unsupported);
}

TEST(RecordBatch, carries_a_large_record_and_many_headers) {
    Sample sample{1, std::string(100'000, 'k'), std::string(5'000'000, 'v')};
    for (int i = 0; i < 1000; ++i) sample.headers.emplace_back("name " + std::to_string(i), std::string(static_cast<std::size_t>(i), 'h'));
    const Bytes bytes = encode(12, {sample});
    const auto records = decode_batches(bytes);
    ASSERT_TRUE(records) << records.error().message;
    ASSERT_EQ(records->size(), 1U);
    expect_same((*records)[0], sample, 12);
}

TEST(RecordBatch, carries_the_ends_of_time) {
    const std::int64_t least = std::numeric_limits<std::int64_t>::min();
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const std::vector<Sample> samples{{least, {}, "a"}, {most, {}, "b"}, {0, {}, "c"}};
    const Bytes bytes = encode(0, samples);
    const auto records = decode_batches(bytes);
    ASSERT_TRUE(records) << records.error().message;
    for (std::size_t i = 0; i < samples.size(); ++i) expect_same((*records)[i], samples[i], static_cast<std::int64_t>(i));
}

TEST(RecordBatch, bounds_what_a_record_may_take) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{8000}, std::size_t{300'000}}) {
        Bytes payload;
        encode_record_payload(payload, std::nullopt, std::string(size, 'v'), {});
        Bytes out;
        RecordBatchBuilder builder(out, Offset{0});
        builder.add(ms(std::numeric_limits<std::int64_t>::min()), payload);
        const std::size_t before = builder.size();
        builder.add(ms(std::numeric_limits<std::int64_t>::max()), payload);
        EXPECT_LE(builder.size() - before, encoded_record_size_bound(payload.size()));
        EXPECT_EQ(builder.record_count(), 2);
        builder.finish();
    }
}

TEST(RecordBatch, begins_where_the_buffer_ended) {
    Bytes out = "before";
    RecordBatchBuilder builder(out, Offset{4});
    Bytes payload;
    encode_record_payload(payload, "k", "v", {});
    builder.add(ms(1), payload);
    builder.finish();
    EXPECT_TRUE(out.starts_with("before"));
    EXPECT_EQ(check_batch(BytesView(out).substr(6))->total_size, out.size() - 6);
}

TEST(RecordBatch, finds_the_first_header_of_a_name) {
    const Bytes bytes = encode(0, {{1, {}, {}, {{"a", "1"}, {"a", "2"}, {"n", std::nullopt}}}});
    const auto records = decode_batches(bytes);
    ASSERT_TRUE(records);
    EXPECT_EQ((*records)[0].header("a"), "1");
    EXPECT_EQ((*records)[0].header("n"), std::nullopt);
    EXPECT_EQ((*records)[0].header("missing"), std::nullopt);
}

}  // namespace
}  // namespace tenter::log
