// Who a connection is, and what it may ask before that is known. Expected: kafka-clients' traps (ApiVersions, SASL), RFC 4616, Kafka's
// guide.

#include "tests/unit/broker/harness.hpp"

namespace tenter::broker {
namespace {

using Sessions = BrokerTest;

/// A request without a body, by its numbers.
Bytes head(std::int16_t key, std::int16_t version, std::int32_t correlation_id = 7) {
    Bytes frame;
    for (const int shift : {8, 0}) frame.push_back(static_cast<char>(key >> shift));
    for (const int shift : {8, 0}) frame.push_back(static_cast<char>(version >> shift));
    for (const int shift : {24, 16, 8, 0}) frame.push_back(static_cast<char>(correlation_id >> shift));
    return frame + Bytes("\xff\xff", 2);  // no client id
}

SaslAuthenticateRequest token(std::string_view user, std::string_view password) { return {.auth_bytes = plain(user, password)}; }

std::unique_ptr<TestClient> chosen(std::unique_ptr<TestClient> client) {
    EXPECT_EQ(client->ask<SaslHandshakeResponse>(SaslHandshakeRequest{.mechanism = "PLAIN"}, 1).error_code, ErrorCode::none);
    return client;
}

TEST_F(Sessions, tells_its_versions_before_it_knows_who_asks) {
    const auto client = connect();
    for (const auto version : std::vector<std::int16_t>{0, 1, 2}) {
        const auto told = client->ask<ApiVersionsResponse>(ApiVersionsRequest{}, version);
        EXPECT_EQ(told.error_code, ErrorCode::none);
        EXPECT_EQ(told.api_keys.size(), 20U);
        EXPECT_EQ(client->reason(), "");
    }
}

TEST_F(Sessions, answers_versions_of_api_versions_that_it_does_not_know_with_what_it_knows_and_stays_open) {
    const auto client = connect();
    for (const auto version : std::vector<std::int16_t>{3, 4, 5, 99, -1}) {
        client->send(head(18, version));
        ASSERT_TRUE(client->is_answered());
        const Bytes answer = client->reply->frame.joined();
        EXPECT_EQ(answer.substr(4, 10), Bytes("\0\0\0\x07\0\x23\0\0\0\x14", 10)) << version;  // correlation id, error 35, all 20 keys,
        EXPECT_NE(answer.find(Bytes("\0\x12\0\0\0\x02", 6)), Bytes::npos) << version;         // one of them 18 from 0 to 2
        EXPECT_EQ(client->reason(), "");
    }
    EXPECT_EQ(client->ask<ApiVersionsResponse>(ApiVersionsRequest{}, 0).error_code, ErrorCode::none);
}

TEST_F(Sessions, lets_in_who_proves_to_be_a_consumer_with_or_without_asking_for_versions_first) {
    const auto client = chosen(connect());
    EXPECT_FALSE((*client)->is_authenticated());
    const auto answer = client->ask<SaslAuthenticateResponse>(token("reader", secret_of_reader), 1);
    EXPECT_EQ(answer.error_code, ErrorCode::none);
    EXPECT_EQ(answer.session_lifetime_ms, 0);
    EXPECT_TRUE((*client)->is_authenticated());
    EXPECT_EQ((*client)->consumer(), "reader");
    EXPECT_EQ(client->ask<ApiVersionsResponse>(ApiVersionsRequest{}, 2).api_keys.size(), 20U);
    EXPECT_EQ(client->ask<MetadataResponse>(MetadataRequest{}, 8).brokers.size(), 1U);
}

TEST_F(Sessions, takes_small_requests_only_until_it_knows_who_asks) {
    const auto client = chosen(connect());
    EXPECT_EQ((*client)->max_frame_bytes(), 16U << 10);
    (void)client->ask<SaslAuthenticateResponse>(token("reader", secret_of_reader), 0);
    EXPECT_EQ((*client)->max_frame_bytes(), 8U << 20);
}

TEST_F(Sessions, closes_at_every_other_request_before_authentication_without_a_word) {
    for (const auto& api : offered_apis()) {
        if (api.key == ApiKey::api_versions || api.key == ApiKey::sasl_handshake || api.key == ApiKey::sasl_authenticate) continue;
        const auto client = connect();
        client->send(head(static_cast<std::int16_t>(api.key), api.offered.last));
        EXPECT_EQ(client->reply->frame.size(), 0U);
        EXPECT_EQ(client->reason(),
                  std::string(to_string(api.key)) + " version " + std::to_string(api.offered.last) + " before authentication");
    }
}

TEST_F(Sessions, closes_at_requests_and_versions_that_it_does_not_offer) {
    for (const auto& [key, version, reason] :
         {std::tuple{71, 0, "request 71 version 0 is not offered"}, std::tuple{1, 12, "Fetch version 12 is not offered"},
          std::tuple{0, 2, "Produce version 2 is not offered"}, std::tuple{-5, 0, "request -5 version 0 is not offered"}}) {
        const auto client = login();
        client->send(head(static_cast<std::int16_t>(key), static_cast<std::int16_t>(version)));
        EXPECT_EQ(client->reply->frame.size(), 0U);
        EXPECT_EQ(client->reason(), reason);
    }
}

TEST_F(Sessions, closes_at_bytes_that_are_no_request_and_says_where) {
    const auto client = login();
    client->send(Bytes("\0\x01\0", 3));
    EXPECT_NE(client->reason(), "");
    const auto other = login();
    other->send(head(3, 8) + "nonsense");
    EXPECT_NE(other->reason().find("MetadataRequest"), std::string::npos) << other->reason();
    other->send(head(18, 0));  // whatever comes after the end
    EXPECT_NE(other->reason(), "");
    EXPECT_EQ(other->reply->frame.size(), 0U);
}

TEST_F(Sessions, refuses_other_mechanisms_names_its_own_and_closes) {
    const auto client = connect();
    const auto answer = client->ask<SaslHandshakeResponse>(SaslHandshakeRequest{.mechanism = "SCRAM-SHA-256"}, 1);
    EXPECT_EQ(answer.error_code, ErrorCode::unsupported_sasl_mechanism);
    EXPECT_EQ(answer.mechanisms, std::vector<std::string>{"PLAIN"});
    EXPECT_NE(client->reason(), "");
}

TEST_F(Sessions, closes_at_the_handshake_that_announces_tokens_without_frames) {
    const auto client = connect();
    client->send(SaslHandshakeRequest{.mechanism = "PLAIN"}, 0);
    EXPECT_EQ(client->reply->frame.size(), 0U);
    EXPECT_NE(client->reason().find("SaslHandshake version 0"), std::string::npos);
}

TEST_F(Sessions, wants_the_handshake_before_the_token) {
    const auto client = connect();
    EXPECT_EQ(client->ask<SaslAuthenticateResponse>(token("reader", secret_of_reader), 1).error_code, ErrorCode::illegal_sasl_state);
    EXPECT_NE(client->reason(), "");
    EXPECT_FALSE((*client)->is_authenticated());
}

TEST_F(Sessions, answers_a_wrong_secret_an_unknown_name_and_a_broken_token_alike_late_and_closes) {
    const Bytes nul(1, '\0');
    for (const auto& bytes :
         {plain("reader", "wrong"), plain("nobody", secret_of_reader), plain("", secret_of_reader), plain("reader", ""), Bytes(),
          Bytes("reader"), plain("reader", secret_of_reader) + nul, "other" + plain("reader", secret_of_reader)}) {
        const auto client = chosen(connect("192.0.2." + std::to_string(bytes.size())));
        client->send(SaslAuthenticateRequest{.auth_bytes = bytes}, 1);
        EXPECT_FALSE(client->is_answered());
        advance(5s);
        const auto answer = client->answer<SaslAuthenticateResponse>(1);
        EXPECT_EQ(answer.error_code, ErrorCode::sasl_authentication_failed);
        EXPECT_EQ(answer.error_message, "Authentication failed: Invalid username or password");  // Kafka's words
        EXPECT_NE(client->reason(), "");
        EXPECT_EQ(client->reason().find(secret_of_reader), std::string::npos);
        EXPECT_FALSE((*client)->is_authenticated());
    }
}

TEST_F(Sessions, lets_a_user_name_itself_as_the_one_to_act_for) {
    const auto client = chosen(connect());
    EXPECT_EQ(client->ask<SaslAuthenticateResponse>(SaslAuthenticateRequest{.auth_bytes = "reader" + plain("reader", secret_of_reader)}, 0)
                  .error_code,
              ErrorCode::none);
}

TEST_F(Sessions, refuses_an_address_later_each_time_and_forgets_that_when_it_gets_in) {
    for (const auto wait : {100ms, 200ms, 400ms}) {
        const auto client = chosen(connect());
        client->send(token("reader", "wrong"), 1);
        advance(wait - 1ms);
        EXPECT_FALSE(client->is_answered());
        advance(1ms);
        EXPECT_TRUE(client->is_answered());
    }
    const auto right = login();  // at once
    const auto client = chosen(connect());
    client->send(token("reader", "wrong"), 1);
    advance(100ms);
    EXPECT_TRUE(client->is_answered());
}

TEST_F(Sessions, never_shows_what_may_be_a_secret_in_the_wrong_place) {
    const auto client = chosen(connect());
    client->send(token("dGhpcyBpcyBhIHNlY3JldCBvZiAzMiBvY3RldHMgISE", "reader"), 1);  // 43 characters, as secrets have
    advance(1s);
    EXPECT_EQ(client->reason().find("dGhpcy"), std::string::npos);
}

TEST_F(Sessions, answers_nobody_who_went_away_while_the_refusal_waited) {
    auto client = chosen(connect());
    client->send(token("reader", "wrong"), 1);
    client.reset();
    advance(10s);
}

TEST_F(Sessions, has_nothing_to_renew_once_it_knows_who_asks) {
    const auto client = login();
    EXPECT_EQ(client->ask<SaslHandshakeResponse>(SaslHandshakeRequest{.mechanism = "PLAIN"}, 1).error_code, ErrorCode::illegal_sasl_state);
    EXPECT_EQ(client->ask<SaslAuthenticateResponse>(token("reader", secret_of_reader), 1).error_code, ErrorCode::illegal_sasl_state);
    EXPECT_EQ(client->reason(), "");
    EXPECT_EQ((*client)->consumer(), "reader");
}

TEST_F(Sessions, closes_more_connections_of_a_consumer_than_it_may_have_and_those_of_others_not) {
    options.limits.connections_per_consumer = 2;
    put(consumer("other", {"demo"}));
    auto first = login();
    const auto second = login();
    const auto third = chosen(connect());
    third->send(token("reader", secret_of_reader), 1);
    EXPECT_EQ(third->reason(), "consumer \"reader\" has 2 connections already");
    EXPECT_EQ(third->reply->frame.size(), 0U);
    const auto others = login("other");
    first.reset();
    const auto fourth = login();
}

TEST_F(Sessions, knows_the_operator_by_the_way_that_it_came) {
    const auto client = operators();
    EXPECT_TRUE((*client)->is_authenticated());
    EXPECT_EQ((*client)->consumer(), "");
    EXPECT_EQ(client->ask<ApiVersionsResponse>(ApiVersionsRequest{}, 2).api_keys.size(), 20U);
}

}  // namespace
}  // namespace tenter::broker
