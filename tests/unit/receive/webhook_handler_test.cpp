// protocols, the Elytra package's item 10: what both framework examples mean by handle_request.
#include "tenter/receive/webhook_handler.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenter::receive {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string event(std::string_view id) {
    return R"({"specversion":"1.0","id":")" + std::string(id) + R"(","source":"/s","type":"com.elytra.product"})";
}

const std::vector<HeaderView> proven{{"Authorization", "Bearer t0ken"}, {"Content-Type", "application/cloudevents+json"}};
const std::vector<HeaderView> proven_batch{{"Authorization", "Bearer t0ken"}, {"Content-Type", "application/cloudevents-batch+json"}};

std::string header_of(const HttpReply& reply, std::string_view name) {
    for (const auto& header : reply.headers)
        if (header.name == name) return header.value;
    return "";
}

class WebhookHandlerTest : public testing::Test {
protected:
    HttpReply give(std::string_view body, HeaderViews headers) { return handler_.handle_request(body, headers); }

    std::vector<std::string> taken_;
    std::function<Result<void>()> answer_ = [] { return Result<void>(); };
    WebhookHandler handler_{WebhookValidator(auth::BearerAuth{Secret("t0ken")}), [this](const elytra::CloudEvent& taken) {
                                taken_.push_back(taken.id);
                                return answer_();
                            }};
};

TEST_F(WebhookHandlerTest, gives_a_proven_event_to_the_function_and_says_ok) {
    const auto reply = give(event("1"), proven);
    EXPECT_EQ(reply.status, 200U);
    EXPECT_EQ(reply.body, R"({"status":"ok"})");
    EXPECT_EQ(header_of(reply, "Content-Type"), "application/json");
    EXPECT_THAT(taken_, ElementsAre("1"));
}

TEST_F(WebhookHandlerTest, gives_the_events_of_a_batch_in_order) {
    EXPECT_EQ(give("[" + event("1") + "," + event("2") + "," + event("3") + "]", proven_batch).status, 200U);
    EXPECT_THAT(taken_, ElementsAre("1", "2", "3"));
    EXPECT_EQ(give("[]", proven_batch).status, 200U);
}

TEST_F(WebhookHandlerTest, takes_nothing_of_a_batch_with_a_wrong_event) {
    EXPECT_EQ(give("[" + event("1") + "," + event("") + "]", proven_batch).status, 400U);
    EXPECT_THAT(taken_, IsEmpty());
}

TEST_F(WebhookHandlerTest, answers_401_with_a_challenge_to_who_is_not_proven) {
    const auto reply = give(event("1"), {});
    EXPECT_EQ(reply.status, 401U);
    EXPECT_THAT(reply.body, HasSubstr(R"({"status":"error","code":"unauthenticated",)"));
    EXPECT_THAT(header_of(reply, "WWW-Authenticate"), HasSubstr("Bearer"));
    EXPECT_THAT(taken_, IsEmpty());
}

TEST_F(WebhookHandlerTest, answers_400_to_what_is_no_event_and_415_to_a_format_that_is_not_understood) {
    const auto malformed = give("{}", proven);
    EXPECT_EQ(malformed.status, 400U);
    EXPECT_THAT(malformed.body, HasSubstr(R"({"status":"error","code":"invalid_input",)"));
    const std::vector<HeaderView> avro{{"Authorization", "Bearer t0ken"}, {"Content-Type", "application/cloudevents+avro"}};
    EXPECT_EQ(give("x", avro).status, 415U);
    EXPECT_THAT(taken_, IsEmpty());
}

TEST_F(WebhookHandlerTest, answers_503_with_retry_after_when_the_function_is_full) {
    answer_ = [] { return fail(Errc::overloaded, "the queue is full"); };
    const auto reply = give(event("1"), proven);
    EXPECT_EQ(reply.status, 503U);
    EXPECT_EQ(header_of(reply, "Retry-After"), "1");
    EXPECT_THAT(reply.body, HasSubstr("the queue is full"));
}

TEST_F(WebhookHandlerTest, answers_500_and_keeps_the_text_to_itself_when_the_function_throws) {
    answer_ = []() -> Result<void> { throw std::runtime_error("password=hunter2"); };
    const auto reply = give(event("1"), proven);
    EXPECT_EQ(reply.status, 500U);
    EXPECT_THAT(reply.body, Not(HasSubstr("hunter2")));
    answer_ = []() -> Result<void> { throw 5; };
    EXPECT_EQ(give(event("1"), proven).status, 500U);
}

TEST_F(WebhookHandlerTest, takes_only_post_and_says_so) {
    for (const std::string_view method : {"GET", "PUT", "post", "TRACE"}) {
        const auto reply = handler_.handle_request({method, "/", proven, event("1"), ""});
        EXPECT_EQ(reply.status, 405U) << method;
        EXPECT_EQ(header_of(reply, "Allow"), "POST, OPTIONS");
    }
    const auto reply = handler_.handle_request({"OPTIONS", "/", {}, "", ""});
    EXPECT_EQ(reply.status, 204U);
    EXPECT_EQ(header_of(reply, "Allow"), "POST, OPTIONS");
    EXPECT_THAT(taken_, IsEmpty());
}

}  // namespace
}  // namespace tenter::receive
