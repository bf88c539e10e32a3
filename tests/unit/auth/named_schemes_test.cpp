// The rows of the catalogue, each with the vectors that its provider or its libraries publish (protocols.md 3.1 to 3.3).

#include "tests/unit/auth/auth_testing.hpp"

namespace tenter::auth::testing {
namespace {

using ::testing::IsEmpty;

constexpr auto standard_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr auto standard_signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr auto standard_time = 1614265330;
const TestRequest standard_request{
    .body = R"({"test": 2432232314})",
    .headers = {
        {"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"}, {"webhook-timestamp", "1614265330"}, {"webhook-signature", standard_signature}}};

TEST(StandardWebhooks, accepts_the_vector_of_the_libraries_and_tells_the_message_id) {
    const auto verifier = named_verifier("standard-webhooks", {standard_secret});
    const auto verified = standard_request.verify_with(*verifier, at_seconds(standard_time));
    ASSERT_TRUE(verified.has_value()) << verified.error().message;
    EXPECT_EQ(verified->scheme, "standard-webhooks");
    EXPECT_EQ(verified->message_id, "msg_p5jXN8AQM9LWM0D4loKWxJek");
    EXPECT_THAT(verifier->credential_places().headers, IsEmpty());
    EXPECT_THAT(verifier->challenge(), IsEmpty());
}

TEST(StandardWebhooks, refuses_the_vector_when_anything_in_it_is_altered) {
    const auto verifier = named_verifier("standard-webhooks", {standard_secret});
    const auto now = at_seconds(standard_time);
    expect_refused(*verifier, with_header(standard_request, "webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="), now);
    expect_refused(*verifier, with_header(standard_request, "webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJel"), now);
    expect_refused(*verifier, with_header(standard_request, "webhook-timestamp", "1614265331"), now);
    expect_refused(*verifier, with_body(standard_request, R"({"test": 2432232315})"), now);
    expect_refused(*verifier, with_body(standard_request, ""), now);
    expect_refused(*named_verifier("standard-webhooks", {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"}), standard_request, now);
}

TEST(StandardWebhooks, accepts_the_vector_of_openai) {
    const auto verifier = named_verifier("standard-webhooks", {"whsec_RdvaYFYUXuIFuEbvZHwMfYFhUf7aMYjYcmM24+Aj40c="});
    const TestRequest request{.body = R"({"id": "evt_685c059ae3a481909bdc86819b066fb6", "object": "event", "created_at": 1750861210, )"
                                      R"("type": "response.completed", "data": {"id": "resp_123"}})",
                              .headers = {{"webhook-id", "wh_685c059ae39c8190af8c71ed1022a24d"},
                                          {"webhook-timestamp", "1750861210"},
                                          {"webhook-signature", "v1,gUAg4R2hWouRZqRQG4uJypNS8YK885G838+EHb4nKBY="}}};
    expect_accepted(*verifier, request, at_seconds(1750861210));
}

// The two vectors of octokit and of GitHub's documentation.
TEST(GitHub, accepts_the_published_vectors) {
    expect_accepted(*named_verifier("github", {"It's a Secret to Everybody"}),
                    {.body = "Hello, World!",
                     .headers = {{"X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}}});
    expect_accepted(*named_verifier("github", {"mysecret"}),
                    {.body = R"({"foo":"bar"})",
                     .headers = {{"x-hub-signature-256", "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3"}}});
}

}  // namespace
}  // namespace tenter::auth::testing
