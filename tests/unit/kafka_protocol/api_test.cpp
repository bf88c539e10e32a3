// What is offered, and what clients make of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/kafka_protocol/codec.hpp"
#include "golden.hpp"

namespace {

using namespace tenter;
using namespace tenter::kafka_protocol;
using testing::UnorderedElementsAre;

// ---- librdkafka 2.0.2, src/rdkafka_feature.c: a feature is on if, for each request that it needs, the versions it knows and those that
// the broker offers overlap.

struct Need {
    ApiKey key;
    Versions versions;
};

struct Feature {
    std::string_view name;
    std::vector<Need> needs;
};

constexpr ApiKey init_producer_id{22};

const std::vector<Feature>& features() {
    using enum ApiKey;
    static const std::vector<Feature> all{
        {"MsgVer1", {{produce, {2, 2}}, {fetch, {2, 2}}}},
        {"MsgVer2", {{produce, {3, 3}}, {fetch, {4, 4}}}},
        {"ApiVersion", {{api_versions, {0, 0}}}},
        {"BrokerGroupCoordinator", {{find_coordinator, {0, 0}}}},
        {"BrokerBalancedConsumer",
         {{find_coordinator, {0, 0}},
          {offset_commit, {1, 2}},
          {offset_fetch, {1, 1}},
          {join_group, {0, 0}},
          {sync_group, {0, 0}},
          {heartbeat, {0, 0}},
          {leave_group, {0, 0}}}},
        {"ThrottleTime", {{produce, {1, 2}}, {fetch, {1, 2}}}},
        {"Sasl", {{join_group, {0, 0}}}},
        {"SaslHandshake", {{sasl_handshake, {0, 0}}}},
        {"LZ4", {{find_coordinator, {0, 0}}}},
        {"OffsetTime", {{list_offsets, {1, 1}}}},
        {"IdempotentProducer", {{init_producer_id, {0, 0}}}},
        {"ZSTD", {{produce, {7, 7}}, {fetch, {10, 10}}}},
        {"SaslAuthReq", {{sasl_handshake, {1, 1}}, {sasl_authenticate, {0, 1}}}},
    };
    return all;
}

std::set<std::string_view> features_of(std::span<const Api> offered) {
    std::set<std::string_view> found;
    const auto is_met = [&](const Need& need) {
        const auto api = std::ranges::find(offered, need.key, &Api::key);
        return api != offered.end() && need.versions.first <= api->offered.last && api->offered.first <= need.versions.last;
    };
    for (const auto& feature : features())
        if (std::ranges::all_of(feature.needs, is_met)) found.insert(feature.name);
    return found;
}

std::vector<Api> offered_without(ApiKey key) {
    std::vector<Api> rest;
    std::ranges::copy_if(offered_apis(), std::back_inserter(rest), [&](const Api& api) { return api.key != key; });
    return rest;
}

TEST(Librdkafka, finds_the_features_that_a_consumer_needs) {
    // Records with headers, groups, offsets by time, SASL PLAIN in Kafka's own frames. Not: idempotent producers, which would write, and
    // BrokerBalancedConsumer, which asks for JoinGroup 0: 2.0.2 reads in groups without it, as its recorded frames show.
    EXPECT_THAT(features_of(offered_apis()), UnorderedElementsAre("MsgVer2", "ApiVersion", "BrokerGroupCoordinator", "SaslHandshake", "LZ4",
                                                                  "OffsetTime", "SaslAuthReq"));
}

TEST(Librdkafka, itself_finds_the_same_features_in_what_is_offered) {
    // What Debian's 2.0.2 said when make_golden.py offered it these ranges: so its rules are those above.
    const auto said = golden_lines("librdkafka_features.txt");
    const auto found = features_of(offered_apis());
    EXPECT_THAT(found, testing::UnorderedElementsAreArray(said));
}

TEST(Librdkafka, would_fetch_nothing_if_produce_were_not_offered) {
    const auto found = features_of(offered_without(ApiKey::produce));
    EXPECT_FALSE(found.contains("MsgVer2")) << "without it, it sends no Fetch that could carry records of magic 2";
    EXPECT_TRUE(found.contains("SaslAuthReq"));
}

TEST(Librdkafka, would_not_authenticate_if_sasl_handshake_began_at_one) {
    std::vector<Api> changed(offered_apis().begin(), offered_apis().end());
    std::ranges::find(changed, ApiKey::sasl_handshake, &Api::key)->offered.first = 1;
    EXPECT_FALSE(features_of(changed).contains("SaslHandshake"));
}

// ---- the answer to ApiVersions

TEST(ApiVersions, says_what_the_table_says) {
    const auto response = offered_api_versions();
    EXPECT_EQ(response.error_code, ErrorCode::none);
    ASSERT_EQ(response.api_keys.size(), offered_apis().size());
    for (std::size_t i = 0; i < response.api_keys.size(); ++i) {
        EXPECT_EQ(response.api_keys[i].api_key, offered_apis()[i].key);
        EXPECT_EQ(response.api_keys[i].min_version, offered_apis()[i].offered.first);
        EXPECT_EQ(response.api_keys[i].max_version, offered_apis()[i].offered.last);
    }
}

TEST(ApiVersions, of_the_requests_that_consumers_send_has_what_each_of_them_was_seen_to_use) {
    // Lowest and highest version that fifteen clients used where these were offered.
    using enum ApiKey;
    const std::vector<Need> used{
        {fetch, {10, 11}},          {list_offsets, {1, 5}},   {metadata, {4, 8}},          {offset_commit, {2, 7}}, {offset_fetch, {1, 5}},
        {find_coordinator, {0, 2}}, {join_group, {2, 5}},     {heartbeat, {0, 3}},         {leave_group, {0, 3}},   {sync_group, {0, 3}},
        {describe_groups, {2, 2}},  {sasl_handshake, {1, 1}}, {sasl_authenticate, {0, 1}}, {api_versions, {0, 2}}};
    for (const auto& [key, versions] : used)
        for (std::int16_t version = versions.first; version <= versions.last; ++version)
            EXPECT_TRUE(is_offered(key, version)) << to_string(key) << " " << version;
}

TEST(ApiVersions, in_a_version_of_the_future_is_answered_as_kafka_answers_it) {
    const auto& all = golden_frames();
    const auto golden =
        std::ranges::find_if(all, [](const auto& frame) { return frame.key == ApiKey::api_versions && frame.origin == "broker"; });
    ASSERT_NE(golden, all.end());
    const auto theirs = decode_response<ApiVersionsResponse>(golden->frame, 0);
    ASSERT_TRUE(theirs.has_value());
    const auto ours = unsupported_api_versions();
    EXPECT_EQ(ours.error_code, theirs->body.error_code);
    ASSERT_EQ(theirs->body.api_keys.size(), 1U);
    const auto same = std::ranges::find(ours.api_keys, theirs->body.api_keys[0].api_key, &ApiVersion::api_key);
    ASSERT_NE(same, ours.api_keys.end());
    EXPECT_EQ(same->min_version, 0);
    EXPECT_EQ(same->max_version, 2);
    EXPECT_EQ(ours.api_keys.size(), offered_apis().size()) << "beyond what Kafka does: a client that asks no second time knows all";
}

TEST(ApiVersions, in_a_version_of_the_future_is_recognised_before_its_body_is_read) {
    const Bytes request = from_hex("0012006300000007ffff00");  // key 18, version 99, correlation id 7
    const auto head = peek_request(request);
    ASSERT_TRUE(head.has_value());
    EXPECT_EQ(head->api_key, ApiKey::api_versions);
    EXPECT_EQ(head->version, 99);
    EXPECT_EQ(head->correlation_id, 7);
    EXPECT_FALSE(is_offered(head->api_key, head->version));
}

TEST(ApiVersions, has_a_plain_response_header_in_every_version) {
    const Api api = *find_api(ApiKey::api_versions);
    EXPECT_EQ(response_header_version(api, 0), 0);
    EXPECT_EQ(response_header_version(api, 3), 0) << "although the body is flexible";
    EXPECT_EQ(request_header_version(api, 3), 2);
}

/// The rows "| Fetch | 4-11 | ..." of docs/kafka.md as "Fetch 4-11".
std::vector<std::string> documented_requests() {
    std::ifstream file(TENTER_SOURCE_DIR "/docs/kafka.md");
    std::vector<std::string> found;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string bar;
        std::string name;
        std::string range;
        const bool is_row = (words >> bar >> name >> bar >> range >> bar) && range.contains('-');
        if (is_row && range.find_first_not_of("0123456789-") == std::string::npos) found.push_back(name + " " + range);
    }
    return found;
}

TEST(Offered, is_what_the_documentation_says) {
    std::vector<std::string> offered;
    for (const Api& api : offered_apis())
        offered.push_back(std::string(to_string(api.key)) + " " + std::to_string(api.offered.first) + "-" +
                          std::to_string(api.offered.last));
    EXPECT_EQ(documented_requests(), offered) << "docs/kafka.md, \"What is offered\"";
}

TEST(Offered, is_nothing_beyond_the_table) {
    EXPECT_TRUE(is_offered(ApiKey::fetch, 4));
    EXPECT_TRUE(is_offered(ApiKey::fetch, 11));
    EXPECT_FALSE(is_offered(ApiKey::fetch, 3));
    EXPECT_FALSE(is_offered(ApiKey::fetch, 12));
    EXPECT_FALSE(is_offered(ApiKey::fetch, -1));
    EXPECT_FALSE(is_offered(init_producer_id, 0));
    EXPECT_FALSE(find_api(ApiKey{-1}).has_value());
    EXPECT_FALSE(find_api(ApiKey{999}).has_value());
}

}  // namespace
