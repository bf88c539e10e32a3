// Goal: a 2xx means durable, and nothing else may produce one. Method: the handler against a log that answers when the test says so.
#include "gateway/ingest/ingest.hpp"

#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/base/random.hpp"
#include "tenter/envelope/envelope.hpp"
#include "tenter/event/json_format.hpp"
#include "tests/contract/in_memory_event_log.hpp"

namespace tenter::ingest {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// Keeps what was answered; waits for it where the log's thread answers.
class Answer final : public http::Responder::Target {
public:
    void answer(std::uint64_t, http::Response&& response) override {
        const std::scoped_lock lock(mutex_);
        response_ = std::move(response);
        changed_.notify_all();
    }
    void abandon(std::uint64_t) override { ADD_FAILURE() << "the request was never answered"; }
    http::Response wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return response_.has_value(); });
        return *response_;
    }
    bool is_there() {
        const std::scoped_lock lock(mutex_);
        return response_.has_value();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<http::Response> response_;
};

class IngestTest : public testing::Test {
protected:
    IngestTest() {
        std::vector<config::SourceConfig> sources(4);
        sources[0].name = "open";
        sources[0].path = "/open";
        sources[1].name = "events";
        sources[1].path = "/in/events";
        sources[1].content = config::Content::cloudevents;
        sources[1].key = config::KeyCloudEvents{};
        sources[2].name = "guarded";
        sources[2].path = "/guarded";
        sources[2].verify = std::vector{auth::BearerAuth{Secret("swordfish")}};
        sources[3].name = "pim";
        sources[3].path = "/pim";
        sources[3].content = config::Content::elytra;
        sources[3].elytra = {"urn:pim", "com.shop"};
        sources[3].key = config::KeyElytra{};
        auto made = make_sources(sources, log_);
        EXPECT_TRUE(made);
        ingest_ = std::make_unique<Ingest>(std::move(*made), log_, clock_, random_, [this](const RefusedRequest& refused) {
            const std::scoped_lock lock(mutex_);
            refused_ += std::string(refused.source) + " " + std::to_string(refused.status) + " " + std::string(refused.message) + "\n";
        });
    }
    ~IngestTest() override { (void)log_.stop(); }

    std::shared_ptr<Answer> send(std::string_view target, std::string_view body = "{}", std::vector<HeaderView> headers = {},
                                 std::string_view method = "POST") {
        auto answer = std::make_shared<Answer>();
        ingest_->handle({{method, target, headers, body, ""}, "203.0.113.7", clock_.now()}, http::Responder(answer));
        return answer;
    }
    /// What is stored once `count` records are: a sender's answer may come before a reader sees its event.
    std::vector<log::StoredRecord> stored(std::string_view topic, std::int64_t count = 0) {
        const auto info = log_.find_topic(topic);
        while (log_.bounds({info->id, {0}})->next.value < count) std::this_thread::yield();
        const auto batches = log_.read({info->id, {0}}, {0}, 1 << 20);
        bytes_ = batches->bytes;
        return *log::decode_batches(bytes_);
    }

    log::testing::InMemoryEventLog log_;
    SimulatedClock clock_{UnixMillis(std::chrono::milliseconds(1'795'435'200'120))};
    SystemRandom random_;
    std::unique_ptr<Ingest> ingest_;
    std::mutex mutex_;
    std::string refused_;
    Bytes bytes_;
};

constexpr std::string_view event = R"({"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"k"})";

TEST_F(IngestTest, answers_200_with_the_id_under_which_the_event_is_stored) {
    const auto response = send("/open?x=1")->wait();
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.content_type, "application/json");
    const auto records = stored("open", 1);
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(response.body, R"({"status":"ok","id":")" + std::string(*records[0].header("tenter-id")) + "\"}");
    EXPECT_EQ(records[0].header("tenter-target"), "/open?x=1");
    EXPECT_EQ(records[0].header("tenter-peer"), "203.0.113.7");
    EXPECT_EQ(records[0].timestamp, clock_.now());
}

TEST_F(IngestTest, answers_nothing_before_the_log_says_durable) {
    log_.hold(true);
    const auto answer = send("/open");
    EXPECT_FALSE(answer->is_there());
    log_.hold(false);
    EXPECT_EQ(answer->wait().status, 200U);
}

TEST_F(IngestTest, answers_503_with_Retry_After_when_the_log_cannot) {
    for (const Errc code : {Errc::unavailable, Errc::overloaded}) {
        log_.refuse_next({code, "the reason", 0});
        const auto response = send("/open")->wait();
        EXPECT_EQ(response.status, 503U);
        EXPECT_EQ(response.body, R"({"status":"error","code":")" + std::string(to_string(code)) + R"(","message":"the reason"})");
        ASSERT_EQ(response.headers.size(), 1U);
        EXPECT_EQ(response.headers[0].name, "Retry-After");
    }
    EXPECT_THAT(refused_, HasSubstr("open 503 the reason"));
    log_.refuse_next({Errc::too_large, "too much", 0});
    EXPECT_EQ(send("/open")->wait().status, 413U);
}

TEST_F(IngestTest, appends_a_batch_as_one_and_names_each_of_its_events) {
    const std::string body = "[" + std::string(event) + "," + std::string(event) + "]";
    const auto response = send("/in/events", body, {{"content-type", "application/cloudevents-batch+json"}})->wait();
    ASSERT_EQ(response.status, 200U) << response.body;
    const auto records = stored("events", 2);
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(response.body, R"({"status":"ok","ids":[")" + std::string(*records[0].header("tenter-id")) + "\",\"" +
                                 std::string(*records[1].header("tenter-id")) + "\"]}");
    const std::string batch(*records[0].header("tenter-batch"));
    EXPECT_EQ(batch.substr(36), "/0/2");
    EXPECT_EQ(records[1].header("tenter-batch"), batch.substr(0, 36) + "/1/2");
    EXPECT_EQ(records[0].key, "k");
}

TEST_F(IngestTest, stores_Elytras_plain_form_as_the_CloudEvent_that_it_would_send) {
    const auto response =
        send("/pim", R"({"type":"product","operation":"add","objectId":7,"objectType":"product","objectData":{"price":1e400}})",
             {{"Content-Type", "application/json"}, {"Content-Length", "5"}, {"X-Other", "kept"}})
            ->wait();
    ASSERT_EQ(response.status, 200U) << response.body;
    const auto records = stored("pim", 1);
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].key, "product:7");
    const auto envelope = envelope::decode(*records[0].value);
    ASSERT_TRUE(envelope);
    EXPECT_EQ(envelope->encoding, envelope::Encoding::json);
    const auto stored_event = event::decode_json(envelope->payload);
    ASSERT_TRUE(stored_event) << envelope->payload;
    EXPECT_EQ(stored_event->id, *records[0].header("tenter-id"));
    EXPECT_EQ(stored_event->source, "urn:pim");
    EXPECT_EQ(stored_event->type, "com.shop.product");
    EXPECT_EQ(stored_event->time->time, clock_.now());
    EXPECT_THAT(std::string(envelope->payload), HasSubstr(R"("price":1e400)")) << "what the sender wrote is kept to the byte";
    std::string headers;
    envelope->headers.for_each(
        [&](std::string_view name, std::string_view value) { headers += std::string(name) + "=" + std::string(value) + " "; });
    EXPECT_EQ(headers, "x-other=kept content-type=application/cloudevents+json ");
    EXPECT_EQ(send("/pim", R"({"type":"product","operation":"add","more":1})")->wait().status, 400U);
}

TEST_F(IngestTest, stores_none_of_a_batch_that_the_log_refuses) {
    log_.refuse_next({Errc::overloaded, "full", 0});
    const std::string body = "[" + std::string(event) + "," + std::string(event) + "]";
    EXPECT_EQ(send("/in/events", body, {{"content-type", "application/cloudevents-batch+json"}})->wait().status, 503U);
    EXPECT_TRUE(stored("events").empty());
}

TEST_F(IngestTest, answers_an_empty_batch_and_appends_nothing) {
    const auto response = send("/in/events", "[]", {{"content-type", "application/cloudevents-batch+json"}})->wait();
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, R"({"status":"ok","ids":[]})");
    EXPECT_TRUE(stored("events").empty());
}

TEST_F(IngestTest, finds_a_source_by_its_exact_path) {
    for (const char* target : {"/", "/opened", "/open/", "/OPEN", "/events", "//open"})
        EXPECT_EQ(send(target)->wait().status, 404U) << target;
    EXPECT_EQ(send("/open?")->wait().status, 200U);
}

TEST_F(IngestTest, refuses_what_is_not_proven_and_tells_the_operator_without_the_secret) {
    const auto response = send("/guarded", "{}", {{"authorization", "Bearer sword"}})->wait();
    EXPECT_EQ(response.status, 401U);
    EXPECT_THAT(response.body, StartsWith(R"({"status":"error","code":"unauthenticated","message":")"));
    EXPECT_THAT(refused_, StartsWith("guarded 401 "));
    EXPECT_THAT(response.body + refused_, Not(HasSubstr("sword")));
    EXPECT_TRUE(stored("guarded").empty());
}

TEST_F(IngestTest, never_stores_the_credential_that_proved_it) {
    EXPECT_EQ(send("/guarded?access_token=swordfish")->wait().status, 200U);
    EXPECT_EQ(send("/guarded", "{}", {{"authorization", "Bearer swordfish"}})->wait().status, 200U);
    EXPECT_EQ(stored("guarded", 2).size(), 2U);
    EXPECT_THAT(bytes_, Not(HasSubstr("swordfish")));
}

TEST_F(IngestTest, answers_OPTIONS_and_wrong_methods_with_what_is_allowed) {
    const auto options = send("/open", "", {}, "OPTIONS")->wait();
    EXPECT_EQ(options.status, 204U);
    ASSERT_EQ(options.headers.size(), 1U);
    EXPECT_EQ(options.headers[0].value, "POST, OPTIONS");
    EXPECT_EQ(send("/open", "", {}, "GET")->wait().status, 405U);
}

TEST_F(IngestTest, is_healthy_always_and_ready_while_the_log_accepts_and_nobody_stops_it) {
    EXPECT_EQ(send("/healthz", "", {}, "GET")->wait().status, 200U);
    EXPECT_EQ(send("/readyz", "", {}, "GET")->wait().status, 200U);
    ingest_->set_draining();
    EXPECT_EQ(send("/readyz", "", {}, "GET")->wait().status, 503U);
    EXPECT_EQ(send("/healthz", "", {}, "GET")->wait().status, 200U);
}

TEST_F(IngestTest, is_not_ready_when_the_log_is_closed) {
    (void)log_.stop();
    EXPECT_EQ(send("/readyz", "", {}, "GET")->wait().status, 503U);
    EXPECT_EQ(send("/open")->wait().status, 503U);
}

TEST_F(IngestTest, gives_ids_that_rise_over_all_threads) {
    constexpr int each = 200;
    const auto sender = [this] {
        for (int i = 0; i < each; ++i) send("/open")->wait();
    };
    std::thread one(sender);
    std::thread other(sender);
    one.join();
    other.join();
    std::set<std::string> ids;
    for (const auto& record : stored("open", 2 * each)) ids.emplace(*record.header("tenter-id"));
    EXPECT_EQ(ids.size(), 2U * each);
}

}  // namespace
}  // namespace tenter::ingest
