// Goal: our codec and Kafka's understand each other. Method: frames that real clients and a real broker sent, and frames of every offered
// version that Kafka's schemas wrote (make_golden.py), are decoded; every field must be what Kafka's own classes read, and encoding
// must give the same bytes again.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "gateway/kafka_protocol/codec.hpp"
#include "golden.hpp"
#include "text_form.hpp"

namespace {

using namespace tenter;
using namespace tenter::kafka_protocol;

/// What Kafka leaves out of a frame must be left out here too; tags that nobody knows are read over and gone.
bool is_repeatable(const GoldenFrame& golden) { return golden.origin != "made-unknown_tags"; }

std::string with_header(const std::string& body, const std::string& header) { return "{\"body\":" + body + ",\"header\":" + header + "}"; }

void expect_same_bytes(const GoldenFrame& golden, const Result<Frame>& encoded) {
    ASSERT_TRUE(encoded.has_value()) << encoded.error().message;
    const Bytes joined = encoded->joined();
    Bytes size(4, '\0');
    for (std::size_t i = 0; i < 4; ++i) size[i] = static_cast<char>(golden.frame.size() >> (8 * (3 - i)));
    EXPECT_EQ(quoted_hex(joined.substr(0, 4)), quoted_hex(size));
    EXPECT_EQ(quoted_hex(joined.substr(4)), quoted_hex(golden.frame));
    EXPECT_EQ(joined.size(), encoded->size());
}

void check_request(const GoldenFrame& golden) {
    const auto request = decode_request(golden.frame);
    ASSERT_TRUE(request.has_value()) << request.error().message;
    EXPECT_EQ(request->header.request_api_key, golden.key);
    EXPECT_EQ(request->header.request_api_version, golden.version);
    std::visit(
        [&](const auto& body) {
            EXPECT_EQ(with_header(to_json(body), to_json(request->header)), golden.fields);
            if (is_repeatable(golden)) expect_same_bytes(golden, encode_request(request->header, body));
        },
        request->body);
}

void check_response(const GoldenFrame& golden) {
    const bool found = AllExchanges::find([&]<class RequestType, class ResponseType>() {
        if (ResponseType::api_key != golden.key) return false;
        const auto response = decode_response<ResponseType>(golden.frame, golden.version);
        EXPECT_TRUE(response.has_value()) << response.error().message;
        if (!response) return true;
        const ResponseHeader header{.correlation_id = response->correlation_id};
        EXPECT_EQ(with_header(to_json(response->body), to_json(header)), golden.fields);
        if (is_repeatable(golden)) expect_same_bytes(golden, encode_response(response->correlation_id, golden.version, response->body));
        return true;
    });
    EXPECT_TRUE(found);
}

TEST(Golden, every_frame_is_read_as_kafka_reads_it_and_written_as_kafka_writes_it) {
    for (const auto& golden : golden_frames()) {
        SCOPED_TRACE(golden.name());
        if (golden.is_request) {
            check_request(golden);
        } else {
            check_response(golden);
        }
    }
}

TEST(Golden, there_are_frames_of_every_offered_version_both_ways) {
    std::map<std::pair<ApiKey, std::int16_t>, std::set<bool>> covered;
    for (const auto& golden : golden_frames()) covered[{golden.key, golden.version}].insert(golden.is_request);
    for (const auto& api : offered_apis())
        for (std::int16_t version = api.offered.first; version <= api.offered.last; ++version)
            EXPECT_EQ((covered[{api.key, version}].size()), 2U) << to_string(api.key) << " " << version;
}

TEST(Golden, every_request_has_been_answered_by_a_real_broker) {
    std::set<std::pair<ApiKey, bool>> recorded;
    for (const auto& golden : golden_frames())
        if (!golden.origin.starts_with("made-")) recorded.insert({golden.key, golden.is_request});
    for (const auto& api : offered_apis()) {
        EXPECT_TRUE((recorded.contains({api.key, true}))) << to_string(api.key);
        EXPECT_TRUE((recorded.contains({api.key, false}))) << to_string(api.key);
    }
}

}  // namespace
