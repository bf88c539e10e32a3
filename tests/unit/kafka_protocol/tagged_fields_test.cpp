// Tagged fields, which no offered message has yet. Goal: a range can be widened to versions that have them by changing the tables only.
// Method: an answer to ApiVersions 3 with a table of its own here, against frames of a real broker and of Kafka's schemas; then what no
// broker sends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gateway/kafka_protocol/error_code.hpp"
#include "gateway/kafka_protocol/messages_header.hpp"
#include "gateway/kafka_protocol/reader.hpp"
#include "gateway/kafka_protocol/writer.hpp"
#include "golden.hpp"
#include "text_form.hpp"

namespace {

using namespace tenter;
using namespace tenter::kafka_protocol;
using testing::ElementsAre;

struct ApiVersion3 {
    ApiKey api_key{};
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    static constexpr auto fields() {
        return std::tuple{field<&ApiVersion3::api_key>(), field<&ApiVersion3::min_version>(), field<&ApiVersion3::max_version>()};
    }
};

struct SupportedFeature {
    std::string name;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    static constexpr auto fields() {
        return std::tuple{field<&SupportedFeature::name>(), field<&SupportedFeature::min_version>(),
                          field<&SupportedFeature::max_version>()};
    }
};

struct FinalizedFeature {
    std::string name;
    std::int16_t max_version_level = 0;
    std::int16_t min_version_level = 0;

    static constexpr auto fields() {
        return std::tuple{field<&FinalizedFeature::name>(), field<&FinalizedFeature::max_version_level>(),
                          field<&FinalizedFeature::min_version_level>()};
    }
};

struct ApiVersionsResponse3 {
    ErrorCode error_code = ErrorCode::none;
    std::vector<ApiVersion3> api_keys;
    std::int32_t throttle_time_ms = 0;
    std::vector<SupportedFeature> supported_features;
    std::int64_t finalized_features_epoch = -1;
    std::vector<FinalizedFeature> finalized_features;
    bool zk_migration_ready = false;

    static constexpr auto fields() {
        return std::tuple{field<&ApiVersionsResponse3::error_code>(),
                          field<&ApiVersionsResponse3::api_keys>(),
                          field<&ApiVersionsResponse3::throttle_time_ms>(),
                          field<&ApiVersionsResponse3::supported_features>().tagged(0),
                          field<&ApiVersionsResponse3::finalized_features_epoch>().tagged(1),
                          field<&ApiVersionsResponse3::finalized_features>().tagged(2),
                          field<&ApiVersionsResponse3::zk_migration_ready>().tagged(3)};
    }
};

TEST(TaggedFields, of_a_table_are_those_of_kafkas_schema) {
    const auto lines = golden_lines("tagged.txt");
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ("response 18 3 header 0 " + schema_text<ApiVersionsResponse3>(3, true), lines[0]);
}

TEST(TaggedFields, of_frames_of_kafka_are_read_as_kafka_reads_them_and_written_as_it_writes_them) {
    const auto lines = golden_lines("tagged.txt");
    ASSERT_EQ(lines.size(), 5U) << "the schema, a real broker's answer, and three made ones";
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto golden = golden_frame(ApiKey::api_versions, lines[i]);
        SCOPED_TRACE(golden.name());
        ResponseHeader header;
        Reader header_reader(golden.frame, "ResponseHeader", 0, false);
        ASSERT_TRUE(header_reader.read(header));
        ApiVersionsResponse3 body;
        Reader reader(golden.frame, "ApiVersionsResponse", 3, true, header_reader.position());
        const bool is_read = reader.read(body);
        const auto finished = reader.finish();
        ASSERT_TRUE(is_read && finished) << finished.error().message;
        EXPECT_EQ("{\"body\":" + to_json(body) + ",\"header\":" + to_json(header) + "}", golden.fields);
        Frame frame;
        Writer(frame, "ResponseHeader", 0, false).write(header);
        Writer(frame, "ApiVersionsResponse", 3, true).write(body);
        if (golden.origin == "made-unknown_tags") continue;  // they are read over, and gone
        EXPECT_EQ(quoted_hex(frame.joined()), quoted_hex(golden.frame));
    }
}

struct Tagged {
    std::int32_t plain = 0;
    std::optional<std::string> name{};
    Uuid id{};
    std::int64_t epoch = -1;
    std::vector<std::string> names{};

    static constexpr auto fields() {
        return std::tuple{field<&Tagged::plain>(), field<&Tagged::name>(), field<&Tagged::id>(), field<&Tagged::names>(since(2)).tagged(5),
                          field<&Tagged::epoch>().tagged(1)};
    }
};

Bytes written(const Tagged& message, std::int16_t version) {
    Frame frame;
    Writer writer(frame, "Tagged", version, true);
    writer.write(message);
    EXPECT_TRUE(writer.status().has_value());
    return frame.joined();
}

const std::string plain_part =
    "00000003"
    "0261"
    "000102030405060708090a0b0c0d0e0f";

TEST(TaggedFields, are_written_by_rising_tag_and_left_out_while_they_have_their_default) {
    Tagged message{.plain = 3, .name = "a", .id = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};
    EXPECT_EQ(quoted_hex(written(message, 2)), "\"" + plain_part + "00\"");
    message.epoch = 7;
    message.names = {"x"};
    EXPECT_EQ(quoted_hex(written(message, 2)), "\"" + plain_part +
                                                   "02"
                                                   "0108"
                                                   "0000000000000007"
                                                   "0503"
                                                   "020278\"");
    EXPECT_EQ(quoted_hex(written(message, 1)), "\"" + plain_part +
                                                   "01"
                                                   "0108"
                                                   "0000000000000007\"")
        << "names are since version 2";
}

std::pair<Tagged, std::string> read_tagged(const std::string& tags) {
    const Bytes bytes = from_hex(plain_part + tags);
    Reader reader(bytes, "Tagged", 2, true);
    Tagged message;
    const bool is_read = reader.read(message);
    const auto status = reader.finish();
    EXPECT_TRUE(is_read || !status);
    return {message, status ? "" : status.error().message};
}

TEST(TaggedFields, are_read_in_any_order_and_unknown_ones_are_skipped) {
    const auto [message, error] = read_tagged(
        "03"
        "0503"
        "020278"
        "8f4e02"
        "ffff"
        "0108"
        "0000000000000007");
    EXPECT_EQ(error, "");
    EXPECT_EQ(message.plain, 3);
    EXPECT_EQ(message.name, "a");
    EXPECT_EQ(message.id[15], 15);
    EXPECT_EQ(message.epoch, 7);
    EXPECT_THAT(message.names, ElementsAre("x"));
}

TEST(TaggedFields, must_end_where_their_size_says) {
    EXPECT_EQ(read_tagged("01"
                          "0109"
                          "000000000000000700")
                  .second,
              "Tagged version 2: epoch, byte 33: 1 bytes are left over");
    EXPECT_EQ(read_tagged("01"
                          "0107"
                          "0000000000000007")
                  .second,
              "Tagged version 2: epoch, byte 25: 8 bytes are wanted, 7 are left");
    EXPECT_EQ(read_tagged("01"
                          "0905"
                          "01")
                  .second,
              "Tagged version 2: byte 25: tagged field 9: 5 bytes are wanted, 1 are left");
    EXPECT_EQ(read_tagged("ffffffff0f").second, "Tagged version 2: byte 27: 1 bytes are wanted, 0 are left");
    EXPECT_EQ(read_tagged("ffffffff1f").second, "Tagged version 2: byte 22: a varint of more than 32 bits");
    EXPECT_EQ(read_tagged("ffffffffff01").second, "Tagged version 2: byte 22: a varint of more than 32 bits");
}

}  // namespace
