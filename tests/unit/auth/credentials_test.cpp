// protocols, the Elytra package's item 6.
#include "tenter/auth/credentials.hpp"

#include <random>

#include "tenter/base/encoding.hpp"
#include "tests/unit/auth/auth_testing.hpp"

namespace tenter::auth::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TestRequest with_authorization(std::string value) { return {.body = "{}", .headers = {{"Authorization", std::move(value)}}}; }

std::unique_ptr<Verifier> basic(std::initializer_list<std::pair<std::string, std::string>> accepted) {
    std::vector<BasicAuth> entries;
    for (const auto& [username, password] : accepted) entries.push_back({username, Secret(password)});
    return std::move(*make_verifier(std::move(entries)));
}

std::unique_ptr<Verifier> bearer(std::initializer_list<std::string> accepted) {
    std::vector<BearerAuth> entries;
    for (const auto& token : accepted) entries.push_back({Secret(token)});
    return std::move(*make_verifier(std::move(entries)));
}

std::unique_ptr<Verifier> api_key(std::initializer_list<std::string> accepted, std::string header_name = "X-API-Key") {
    std::vector<ApiKeyAuth> entries;
    for (const auto& key : accepted) entries.push_back({Secret(key), header_name});
    return std::move(*make_verifier(std::move(entries)));
}

// RFC 7617 section 2: user "Aladdin", password "open sesame".
constexpr auto aladdin = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";

TEST(BasicAuth, accepts_the_example_of_rfc_7617) {
    const auto verifier = basic({{"Aladdin", "open sesame"}});
    const auto verified = with_authorization(aladdin).verify_with(*verifier);
    ASSERT_TRUE(verified.has_value());
    EXPECT_EQ(verified->scheme, "basic");
    EXPECT_THAT(verified->message_id, IsEmpty());
}

TEST(BasicAuth, compares_the_scheme_and_the_header_name_without_case) {
    const auto verifier = basic({{"Aladdin", "open sesame"}});
    for (const auto* name : {"authorization", "AUTHORIZATION"})
        for (const auto* scheme : {"basic ", "BASIC ", "bAsIc   "})
            expect_accepted(*verifier, {.body = {}, .headers = {{name, std::string(scheme) + "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}}});
}

TEST(BasicAuth, accepts_base64_without_padding) {
    expect_accepted(*basic({{"Aladdin", "open sesame"}}), with_authorization("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ"));
}

TEST(BasicAuth, splits_at_the_first_colon_so_that_a_password_may_hold_more) {
    // printf 'elytra:a:b::c' | base64
    const auto request = with_authorization("Basic ZWx5dHJhOmE6Yjo6Yw==");
    expect_accepted(*basic({{"elytra", "a:b::c"}}), request);
    expect_refused(*basic({{"elytra", "a:b::d"}}), request);
}

TEST(BasicAuth, accepts_each_of_several_credentials_during_rotation) {
    const auto verifier = basic({{"elytra", "old"}, {"elytra", "new"}, {"other", "third"}});
    for (const auto* credentials : {"ZWx5dHJhOm9sZA==", "ZWx5dHJhOm5ldw==", "b3RoZXI6dGhpcmQ="})  // printf 'elytra:old' | base64 ...
        expect_accepted(*verifier, with_authorization("Basic " + std::string(credentials)));
    expect_refused(*verifier, with_authorization("Basic b3RoZXI6b2xk"), {}, "wrong credentials");  // other:old: not a pair
}

TEST(BasicAuth, refuses_wrong_and_malformed_credentials_of_any_length) {
    const auto verifier = basic({{"Aladdin", "open sesame"}});
    for (const auto* value : {"", "Basic", "Basic ", "Basic QWxhZGRpbg==", "Basic !!!!", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ= =",
                              "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "BasicQWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic Og==",
                              "Basic QWxhZGRpbjpvcGVuIHNlc2FtZTE=", "Basic QWxhZGRpbjpvcGVuIHNlc2Ft"})
        expect_refused(*verifier, with_authorization(value));
    expect_refused(*verifier, with_authorization("Basic " + std::string(8000, 'A')));
    for (std::size_t length = 0; length + 2 < std::string_view(aladdin).size(); ++length)  // the last two are padding
        expect_refused(*verifier, with_authorization(std::string(aladdin, length)));
}

TEST(BasicAuth, accepts_any_pair_that_a_header_can_carry_and_none_that_differs_in_one_byte) {
    const unsigned seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto text = [&](std::string_view alphabet, std::size_t most) {
        std::string out;
        for (std::size_t size = 1 + random() % most; out.size() < size;) out += alphabet[random() % alphabet.size()];
        return out;
    };
    for (int i = 0; i < 300; ++i) {
        const auto username = text("aZ09 .@\xC3\xA4\xF0\x9F\x98\x80", 20);
        const auto password = text("aZ09: \"\\\xC3\xA4\xFF", i % 10 == 0 ? 4000 : 20);
        auto sent = username + ":" + password;
        const auto verifier = basic({{username, password}});
        expect_accepted(*verifier, with_authorization("bAsIc " + base64_encode(sent)));
        auto& changed = sent[random() % sent.size()];
        changed = static_cast<char>(changed ^ 1);
        expect_refused(*verifier, with_authorization("Basic " + base64_encode(sent)));
    }
}

TEST(BasicAuth, refuses_two_authorization_headers_even_if_both_are_right) {
    const auto verifier = basic({{"Aladdin", "open sesame"}});
    expect_refused(*verifier, with_repeated_header(with_authorization(aladdin), "Authorization"), {}, "more than once");
    expect_refused(*verifier, {.body = {}, .headers = {}}, {}, "missing");
}

TEST(BasicAuth, challenges_and_names_the_place_of_its_credential) {
    const auto verifier = basic({{"Aladdin", "open sesame"}});
    EXPECT_EQ(verifier->scheme(), "basic");
    EXPECT_EQ(verifier->challenge(), "Basic realm=\"tenter\"");
    EXPECT_THAT(verifier->credential_places().headers, ElementsAre("authorization"));
    EXPECT_THAT(verifier->credential_places().query_parameters, IsEmpty());
}

TEST(BasicAuth, refuses_to_be_made_from_what_cannot_work) {
    const auto message_of = [](std::vector<BasicAuth> entries) {
        const auto made = make_verifier(std::move(entries));
        return made ? std::string() : made.error().message;
    };
    EXPECT_THAT(message_of({}), HasSubstr("at least one"));
    EXPECT_THAT(message_of({{"a:b", Secret("x")}}), HasSubstr("credential 0: username holds a colon"));
    EXPECT_THAT(message_of({{"a", Secret("x")}, {"b", Secret()}}), HasSubstr("credential 1: password is empty"));
}

TEST(BearerAuth, accepts_the_token_in_the_header) {
    const auto verifier = bearer({"mF_9.B5f-4.1JqM", "second"});  // RFC 6750 2.1
    expect_accepted(*verifier, with_authorization("Bearer mF_9.B5f-4.1JqM"));
    expect_accepted(*verifier, with_authorization("bearer second"));
    for (const auto* value : {"Bearer", "Bearer ", "Bearer mF_9.B5f-4.1Jq", "Bearer mF_9.B5f-4.1JqMM", "Basic mF_9.B5f-4.1JqM",
                              "mF_9.B5f-4.1JqM", "Bearer mF_9.B5f-4.1JqM second"})
        expect_refused(*verifier, with_authorization(value));
}

TEST(BearerAuth, accepts_the_token_as_the_query_parameter_of_the_web_hook_specification) {
    const auto verifier = bearer({"a+b/c="});
    for (const auto* target :
         {"/hook?access_token=a+b/c=", "/hook?x=1&access_token=a%2Bb%2fc%3D&y=2", "/hook?&&access_token=%61+b/c=&access_tokens=1"})
        expect_accepted(*verifier, {.body = {}, .headers = {}, .target = target});
    for (const auto* target : {"/hook?access_token=", "/hook?access_token", "/hook?Access_Token=a+b/c=", "/hook?access_token=a+b/c",
                               "/hook?access_token=a+b/c=&access_token=a+b/c=", "/hook?access_token=a+b/c=%", "/access_token=a+b/c="})
        expect_refused(*verifier, {.body = {}, .headers = {}, .target = target});
}

TEST(BearerAuth, refuses_header_and_query_parameter_together) {
    auto request = with_authorization("Bearer token");
    request.target = "/hook?access_token=token";
    expect_refused(*bearer({"token"}), request, {}, "both");
}

TEST(BearerAuth, names_both_places_of_its_credential) {
    const auto verifier = bearer({"token"});
    EXPECT_EQ(verifier->challenge(), "Bearer realm=\"tenter\"");
    EXPECT_THAT(verifier->credential_places().headers, ElementsAre("authorization"));
    EXPECT_THAT(verifier->credential_places().query_parameters, ElementsAre("access_token"));
}

TEST(ApiKeyAuth, accepts_any_of_the_keys_in_its_header) {
    const auto verifier = api_key({"key-1", "key-2"});
    for (const auto* name : {"X-API-Key", "x-api-key"}) {
        expect_accepted(*verifier, {.body = {}, .headers = {{name, "key-1"}}});
        expect_accepted(*verifier, {.body = {}, .headers = {{name, "key-2"}}});
        for (const auto* wrong : {"", "key-", "key-3", "key-11", "KEY-1"})
            expect_refused(*verifier, {.body = {}, .headers = {{name, wrong}}});
    }
    expect_refused(*verifier, {.body = {}, .headers = {{"X-API-Key", "key-1"}, {"x-api-key", "key-1"}}}, {}, "more than once");
    expect_refused(*verifier, {.body = {}, .headers = {{"X-Api", "key-1"}}}, {}, "X-API-Key is missing");
}

TEST(ApiKeyAuth, names_its_own_header_as_the_place_and_has_no_challenge) {
    const auto verifier = api_key({"key"}, "X-Partner-Key");
    EXPECT_THAT(verifier->credential_places().headers, ElementsAre("x-partner-key"));
    EXPECT_THAT(verifier->challenge(), IsEmpty());
}

TEST(ApiKeyAuth, refuses_to_be_made_from_what_no_header_can_carry) {
    const auto message_of = [](std::vector<ApiKeyAuth> entries) {
        const auto made = make_verifier(std::move(entries));
        return made ? std::string() : made.error().message;
    };
    EXPECT_THAT(message_of({{Secret("key\n"), "X-API-Key"}}), HasSubstr("no header can carry"));
    EXPECT_THAT(message_of({{Secret(" key"), "X-API-Key"}}), HasSubstr("no header can carry"));
    EXPECT_THAT(message_of({{Secret(), "X-API-Key"}}), HasSubstr("api_key is empty"));
    EXPECT_THAT(message_of({{Secret("key"), "X API Key"}}), HasSubstr("header_name"));
    EXPECT_THAT(message_of({{Secret("a"), "X-A"}, {Secret("b"), "X-B"}}), HasSubstr("credential 1: header_name differs"));
}

TEST(Credentials, never_appear_in_a_message) {
    const std::string secret = "s3cr3t-value";
    const auto refused = with_authorization("Bearer guess-me").verify_with(*bearer({secret}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().message, Not(HasSubstr(secret)));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("guess-me")));
    const auto made = make_verifier(std::vector<BearerAuth>{{Secret(secret + "\n")}});
    ASSERT_FALSE(made.has_value());
    EXPECT_THAT(made.error().message, Not(HasSubstr(secret)));
}

}  // namespace
}  // namespace tenter::auth::testing
