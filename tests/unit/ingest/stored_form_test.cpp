// What an event is in the log: design.md's rules, read back with the envelope's decoder.
#include "gateway/ingest/stored_form.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenter::ingest {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<std::pair<std::string, std::string>> stored_headers(std::vector<HeaderView> headers, const auth::CredentialPlaces& places = {},
                                                                bool is_batch = false) {
    const StoredRequest stored({"POST", "/s", headers, "", ""}, places, is_batch);
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& header : stored.headers()) out.emplace_back(header.name, header.value);
    return out;
}

TEST(StoredHeaders, have_lower_case_names_and_keep_their_order) {
    EXPECT_THAT(stored_headers({{"X-B", "1"}, {"Content-Type", "text/plain"}, {"X-b", "2"}}),
                ElementsAre(Pair("x-b", "1"), Pair("content-type", "text/plain"), Pair("x-b", "2")));
}

TEST(StoredHeaders, never_hold_a_credential) {
    const auth::CredentialPlaces places{{"x-api-key"}, {}};
    EXPECT_THAT(
        stored_headers({{"Authorization", "Basic c2VjcmV0"}, {"Proxy-Authorization", "x"}, {"Cookie", "session=1"}, {"X-API-Key", "k"}},
                       places),
        ElementsAre(Pair("authorization", "[redacted]"), Pair("proxy-authorization", "[redacted]"), Pair("cookie", "[redacted]"),
                    Pair("x-api-key", "[redacted]")));
}

TEST(StoredHeaders, keep_signatures_so_that_they_can_be_verified_again) {
    EXPECT_THAT(stored_headers({{"X-Hub-Signature-256", "sha256=00"}}), ElementsAre(Pair("x-hub-signature-256", "sha256=00")));
}

TEST(StoredHeaders, read_values_that_are_not_UTF_8_as_Latin_1) {
    EXPECT_THAT(stored_headers({{"x-a", "caf\xE9"}, {"x-b", "caf\xC3\xA9"}}),
                ElementsAre(Pair("x-a", "caf\xC3\xA9"), Pair("x-b", "caf\xC3\xA9")));
}

TEST(StoredHeaders, of_a_batchs_element_are_the_elements) {
    EXPECT_THAT(stored_headers({{"Content-Type", "application/cloudevents-batch+json"}, {"Content-Length", "900"}, {"X-A", "1"}}, {}, true),
                ElementsAre(Pair("x-a", "1"), Pair("content-type", "application/cloudevents+json")));
}

TEST(StoredTarget, hides_the_value_of_a_credential_parameter_however_it_is_written) {
    const std::vector<std::string> names{"access_token"};
    EXPECT_EQ(redact_query("/s?access_token=secret&x=1", names), "/s?access_token=[redacted]&x=1");
    EXPECT_EQ(redact_query("/s?x=1&access%5Ftoken=secret", names), "/s?x=1&access%5Ftoken=[redacted]");
    EXPECT_EQ(redact_query("/s?access_token=a&access_token=b&", names), "/s?access_token=[redacted]&access_token=[redacted]&");
    EXPECT_EQ(redact_query("/s?access_token=a=b", names), "/s?access_token=[redacted]");
    EXPECT_EQ(redact_query("/s?access_token", names), "/s?access_token");
    EXPECT_EQ(redact_query("/s?my_access_token=x", names), "/s?my_access_token=x");
    EXPECT_EQ(redact_query("/s?access_token=x", {}), "/s?access_token=x");
    EXPECT_EQ(redact_query("/s", names), "/s");
    EXPECT_EQ(redact_query("/s?", names), "/s?");
}

TEST(StoredEvent, is_a_record_with_the_headers_that_design_names) {
    const std::vector<HeaderView> headers{{"Content-Type", "application/json"}};
    const HttpRequestView request{"PUT", "/s?x=1", headers, "{\"a\":1}", ""};
    const StoredRequest stored(request, {}, false);
    const Uuid id = *Uuid::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    StoredEvent event(stored, {request.body, true, std::nullopt}, id, "key", "203.0.113.7", "github");
    const UnixMillis received_at{std::chrono::milliseconds(123)};
    const auto record = event.record(log::TopicId{4}, received_at);
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& header : record.headers) found.emplace_back(header.key, *header.value);
    EXPECT_THAT(found, ElementsAre(Pair("envelope", "\x80"), Pair("tenter-id", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"),
                                   Pair("tenter-target", "/s?x=1"), Pair("tenter-peer", "203.0.113.7"), Pair("tenter-verified", "github")));
    EXPECT_EQ(record.key, "key");
    EXPECT_EQ(record.timestamp, received_at);
    EXPECT_EQ(record.topic, log::TopicId{4});
    const auto decoded = envelope::decode(*record.value);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->method, envelope::Method::put);
    EXPECT_EQ(decoded->encoding, envelope::Encoding::json);
    EXPECT_EQ(decoded->payload, "{\"a\":1}");
    EXPECT_EQ(decoded->headers.find("content-type"), "application/json");
}

TEST(StoredEvent, of_a_batch_says_which_of_how_many) {
    const HttpRequestView request{"POST", "/s", {}, "[]", ""};
    const StoredRequest stored(request, {}, true);
    const Uuid batch = *Uuid::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    StoredEvent event(stored, {"{}", true, std::nullopt}, Uuid{}, std::nullopt, "", "none");
    event.set_batch(batch, {1, 3});
    const auto record = event.record({}, {});
    EXPECT_EQ(record.headers.back().key, "tenter-batch");
    EXPECT_EQ(record.headers.back().value, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f/1/3");
    EXPECT_EQ(record.key, std::nullopt);
}

TEST(StoredEvent, puts_what_is_not_JSON_into_CBOR) {
    const std::vector<HeaderView> headers{{"content-type", "application/json"}};
    const StoredRequest stored({"POST", "/s", headers, "", ""}, {}, false);
    const std::map<std::string, std::string> payloads{
        {"", "\x40"}, {"{broken", "\x67{broken"}, {"\xFF", "\x41\xFF"}};  // RFC 8949: h'', text, bytes
    for (const auto& [body, payload] : payloads) {
        StoredEvent event(stored, {body, false, std::nullopt}, Uuid{}, std::nullopt, "", "none");
        const auto record = event.record({}, {});
        const auto decoded = envelope::decode(*record.value);
        ASSERT_TRUE(decoded);
        EXPECT_EQ(decoded->encoding, envelope::Encoding::cbor);
        EXPECT_EQ(decoded->payload, payload);
    }
}

}  // namespace
}  // namespace tenter::ingest
