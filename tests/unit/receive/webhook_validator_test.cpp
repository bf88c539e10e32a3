// protocols, the Elytra package's item 7, and the modes of HTTP.
#include "tenter/receive/webhook_validator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/auth/scheme.hpp"

namespace tenter::receive {
namespace {

using auth::APIKeyAuth;
using auth::BasicAuth;
using auth::BearerAuth;
using testing::HasSubstr;

constexpr std::string_view event =
    R"({"specversion":"1.0","id":"e-1","source":"elytra-pim","type":"com.elytra.product","eventtype":"product","operation":"add",)"
    R"("datacontenttype":"application/json","data":{"objectId":7}})";
// printf 'elytra:pass:word' | base64
constexpr std::string_view basic = "Basic ZWx5dHJhOnBhc3M6d29yZA==";

template <class Function>
WebhookValidationError error_of(Function function) {
    try {
        function();
    } catch (const WebhookValidationError& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return WebhookValidationError(Error{});
}

TEST(WebhookValidator, proves_a_sender_by_each_of_pythons_three_ways) {
    const struct {
        std::string_view auth_type;
        WebhookValidator::Auth auth;
        HeaderView right;
        HeaderView wrong;
    } cases[] = {
        {"basic", BasicAuth{"elytra", Secret("pass:word")}, {"authorization", basic}, {"Authorization", "Basic ZWx5dHJhOnBhc3M="}},
        {"bearer", BearerAuth{Secret("t0ken")}, {"AUTHORIZATION", "bearer t0ken"}, {"Authorization", "Bearer t0ke"}},
        {"apikey", APIKeyAuth{Secret("k3y")}, {"x-api-key", "k3y"}, {"X-API-Key", "k3y2"}},
        {"apikey", APIKeyAuth{Secret("k3y"), "X-Elytra"}, {"x-elytra", "k3y"}, {"X-API-Key", "k3y"}},
    };
    for (const auto& [auth_type, credential, right, wrong] : cases) {
        for (const auto& validator : {WebhookValidator(credential), WebhookValidator(auth_type, credential)}) {
            EXPECT_TRUE(validator.validate(event, std::vector{right})) << auth_type;
            EXPECT_EQ(validator.validate_and_parse(event, std::vector{right}).id, "e-1");
            EXPECT_TRUE(validator.try_validate_and_parse(event, std::vector{right}));
            for (const auto& headers : {std::vector{wrong}, std::vector<HeaderView>{}}) {
                const auto error = error_of([&] { validator.validate(event, headers); });
                EXPECT_TRUE(error.is_unauthenticated()) << auth_type;
                EXPECT_EQ(error.status(), 401U);
                EXPECT_TRUE(error_of([&] { static_cast<void>(validator.validate_and_parse(event, headers)); }).is_unauthenticated());
                EXPECT_EQ(validator.try_validate(event, headers).error().code, Errc::unauthenticated);
            }
        }
    }
}

TEST(WebhookValidator, tells_what_is_malformed_from_who_is_not_proven) {
    const WebhookValidator validator(BasicAuth{"elytra", Secret("pass:word")});
    const std::vector<HeaderView> proven{{"Authorization", basic}};
    const auto malformed = error_of([&] { static_cast<void>(validator.validate_and_parse(R"({"specversion":"1.0"})", proven)); });
    EXPECT_FALSE(malformed.is_unauthenticated());
    EXPECT_EQ(malformed.status(), 400U);
    EXPECT_THAT(malformed.what(), HasSubstr("id"));
    const auto unproven = error_of([&] { static_cast<void>(validator.validate_and_parse("{broken", {})); });
    EXPECT_TRUE(unproven.is_unauthenticated()) << "a body is not looked into before its sender is proven";
}

TEST(WebhookValidator, parses_without_asking_who_sent_it) {
    const auto parsed = WebhookValidator::parse(event);
    EXPECT_EQ(parsed.id, "e-1");
    EXPECT_EQ(parsed.get_event_type(), elytra::EventType::product);
    EXPECT_EQ(error_of([] { static_cast<void>(WebhookValidator::parse("[]")); }).status(), 400U);
}

TEST(WebhookValidator, accepts_several_credentials_during_a_rotation) {
    const WebhookValidator validator(std::move(*auth::make_verifier(std::vector{BearerAuth{Secret("old")}, BearerAuth{Secret("new")}})));
    EXPECT_TRUE(validator.validate(event, std::vector{HeaderView{"Authorization", "Bearer old"}}));
    EXPECT_TRUE(validator.validate(event, std::vector{HeaderView{"Authorization", "Bearer new"}}));
    EXPECT_FALSE(validator.try_validate(event, std::vector{HeaderView{"Authorization", "Bearer older"}}));
}

TEST(WebhookValidator, takes_a_signature_in_the_place_of_a_password) {
    // protocols: GitHub's own example of a validated delivery.
    const WebhookValidator validator(
        std::move(*auth::make_signature_verifier(*auth::find_scheme("github"), {Secret("It's a Secret to Everybody")})));
    const std::vector<HeaderView> headers{
        {"X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}};
    EXPECT_TRUE(validator.validate("Hello, World!", headers));
    EXPECT_FALSE(validator.try_validate("Hello, World?", headers));
}

TEST(WebhookValidator, compares_signed_times_with_the_clock_it_was_given) {
    // Standard Webhooks' published vector.
    auto scheme = *auth::find_scheme("standard-webhooks");
    const WebhookValidator validator(
        std::move(*auth::make_signature_verifier(std::move(scheme), {Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")})));
    const std::vector<HeaderView> headers{{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                                          {"webhook-timestamp", "1614265330"},
                                          {"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}};
    const SimulatedClock then(UnixMillis(std::chrono::seconds(1'614'265'330)));
    EXPECT_TRUE(validator.with_clock(then).validate(R"({"test": 2432232314})", headers));
    EXPECT_EQ(validator.try_validate(R"({"test": 2432232314})", headers).error().code, Errc::unauthenticated) << "it is years old now";
}

TEST(WebhookValidator, believes_everybody_only_when_told_so) {
    EXPECT_TRUE(WebhookValidator::without_authentication().validate(event));
    EXPECT_EQ(WebhookValidator::without_authentication().validate_and_parse(event).id, "e-1");
    EXPECT_THROW(WebhookValidator(std::unique_ptr<const auth::Verifier>()), Exception);
}

TEST(WebhookValidator, refuses_credentials_that_cannot_work) {
    EXPECT_THROW(WebhookValidator(BasicAuth{"elytra", Secret("")}), Exception);
    EXPECT_THROW(WebhookValidator(BasicAuth{"ely:tra", Secret("x")}), Exception);
    EXPECT_THROW(WebhookValidator("basic", BearerAuth{Secret("x")}), Exception);
    EXPECT_THROW(WebhookValidator("digest", BearerAuth{Secret("x")}), Exception);
    EXPECT_FALSE(WebhookValidator::make(BearerAuth{Secret("")}));
    const auto mixed = WebhookValidator::make("apikey", BearerAuth{Secret("x")});
    ASSERT_FALSE(mixed);
    EXPECT_EQ(mixed.error().message, "auth_type: the credential given is for \"bearer\"");
    EXPECT_TRUE(WebhookValidator::make("bearer", BearerAuth{Secret("x")}));
}

TEST(WebhookValidator, reads_every_mode_of_http) {
    const auto validator = WebhookValidator::without_authentication();
    const std::vector<HeaderView> binary{{"ce-specversion", "1.0"},
                                         {"Ce-Id", "e-1"},
                                         {"ce-source", "/s"},
                                         {"ce-type", "com.elytra.todo"},
                                         {"Content-Type", "application/json"}};
    EXPECT_EQ(validator.validate_and_parse(R"({"a":1})", binary).get_event_type(), elytra::EventType::todo);
    const std::vector<HeaderView> structured{{"content-type", "application/cloudevents+json; charset=utf-8"}};
    EXPECT_EQ(validator.validate_and_parse(event, structured).id, "e-1");
    const std::vector<HeaderView> plain{{"content-type", "application/json"}};
    EXPECT_EQ(validator.validate_and_parse(event, plain).id, "e-1") << "as Python's examples take it: the event is the JSON body";
    const std::vector<HeaderView> batched{{"content-type", "application/cloudevents-batch+json"}};
    const std::string two = "[" + std::string(event) + "," + std::string(event) + "]";
    EXPECT_EQ(validator.validate_and_parse_batch({"POST", "/", batched, two, ""}).size(), 2U);
    EXPECT_EQ(validator.validate_and_parse_batch({"POST", "/", structured, event, ""}).size(), 1U);
    EXPECT_FALSE(validator.try_validate_and_parse(two, batched));
}

}  // namespace
}  // namespace tenter::receive
