#pragma once
// tests/unit/broker/harness.hpp: a broker over a log in memory, with a clock that stands still, a thread that is the test's, and clients
// that ask in one line.

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/broker/broker.hpp"
#include "gateway/consumers/registry_file.hpp"
#include "gateway/kafka_protocol/codec.hpp"
#include "gateway/log/record_batch.hpp"
#include "tenter/base/env_testing.hpp"
#include "tests/contract/in_memory_event_log.hpp"
#include "tests/unit/groups/harness.hpp"

namespace tenter::broker {

using namespace std::chrono_literals;
using namespace kafka_protocol;

/// Runs what was posted when the test says so.
class ManualExecutor final : public Executor {
public:
    void post(std::move_only_function<void()> task) override {
        const std::scoped_lock lock(mutex_);
        tasks_.push_back(std::move(task));
        posted_.notify_all();
    }
    /// How many there were.
    std::size_t run() {
        std::deque<std::move_only_function<void()>> tasks;
        {
            const std::scoped_lock lock(mutex_);
            tasks.swap(tasks_);
        }
        for (auto& task : tasks) task();
        return tasks.size();
    }
    /// Runs what comes until the condition holds; false if that takes too long.
    template <class Condition>
    [[nodiscard]] bool run_until(Condition holds) {
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (!holds()) {
            {
                std::unique_lock lock(mutex_);
                if (!posted_.wait_until(lock, deadline, [&] { return !tasks_.empty(); })) return holds();
            }
            run();
        }
        return true;
    }

private:
    std::mutex mutex_;
    std::condition_variable posted_;
    std::deque<std::move_only_function<void()>> tasks_;
};

/// A connection.
class TestClient {
public:
    TestClient(Broker& broker, Arrival arrival)
        : client_(broker.connect(std::move(arrival), [this](std::string_view reason) { ended = reason; })) {}
    TestClient(const TestClient&) = delete;
    TestClient& operator=(const TestClient&) = delete;

    /// Bytes that claim to be a request.
    void send(BytesView frame) {
        reply.reset();
        client_->handle(frame, [this](Reply given) {
            EXPECT_FALSE(reply.has_value()) << "answered twice";
            reply = std::move(given);
        });
    }
    template <class Request>
    void send(const Request& request, std::int16_t version) {
        const auto frame = encode_request({.request_api_key = Request::api_key,
                                           .request_api_version = version,
                                           .correlation_id = ++correlation_id_,
                                           .client_id = "a test"},
                                          request);
        ASSERT_TRUE(frame) << frame.error().message;
        send(frame->joined().substr(4));
    }
    /// What was answered; the records live as long as the client.
    template <class Response>
    [[nodiscard]] Response answer(std::int16_t version) {
        if (!reply) {
            ADD_FAILURE() << "no answer";
            return {};
        }
        if (reply->frame.size() < 4) {
            ADD_FAILURE() << "nothing to send; " << reply->close.value_or("open");
            return {};
        }
        frames_.push_back(reply->frame.joined());
        auto response = decode_response<Response>(BytesView(frames_.back()).substr(4), version);
        if (!response) {
            ADD_FAILURE() << response.error().message;
            return {};
        }
        EXPECT_EQ(response->correlation_id, correlation_id_);
        return std::move(response->body);
    }
    template <class Response, class Request>
    [[nodiscard]] Response ask(const Request& request, std::int16_t version) {
        send(request, version);
        return answer<Response>(version);
    }
    [[nodiscard]] std::string reason() const { return reply ? reply->close.value_or("") : "no answer"; }
    [[nodiscard]] bool is_answered() const { return reply.has_value(); }
    [[nodiscard]] Client& operator*() { return *client_; }
    [[nodiscard]] Client* operator->() { return client_.get(); }

    std::optional<Reply> reply;
    std::optional<std::string> ended;  ///< The broker wants it gone; why.

private:
    std::int32_t correlation_id_ = 100;
    std::deque<Bytes> frames_;
    std::unique_ptr<Client> client_;
};

inline constexpr std::string_view secret_of_reader = "correct horse";

inline Bytes plain(std::string_view user, std::string_view password) {
    Bytes token(1, '\0');
    return token.append(user).append(1, '\0').append(password);
}

class BrokerTest : public ::testing::Test {
protected:
    BrokerTest() {
        EXPECT_TRUE(log.ensure_topic("demo", 1));
        EXPECT_TRUE(log.ensure_topic("secrets", 1));
        EXPECT_TRUE(log.ensure_topic("shop", 4));
        EXPECT_TRUE(log.ensure_topic("__offsets", 1));
        put(consumer("reader", {"demo", "shop"}));
        options.topic_prefix = "incoming.";
        options.cluster_id = "abcdefghijklmnopqrstuv";
    }

    [[nodiscard]] consumers::Consumer consumer(const std::string& name, std::vector<std::string> sources) {
        consumers::Consumer made{.name = name, .sources = std::move(sources)};
        random.fill(made.id.bytes);
        made.secrets = {consumers::StoredSecret::of(Secret(Bytes(secret_of_reader)), random)};
        made.is_new = false;
        return made;
    }
    /// As `tenter consumer` in another process.
    void put(const consumers::Consumer& consumer) {
        ASSERT_TRUE(others_file.update([&](const consumers::Registry& registry) { return registry.with(consumer); }));
    }
    void remove(const std::string& name) {
        ASSERT_TRUE(
            others_file.update([&](const consumers::Registry& registry) -> Result<consumers::Registry> { return registry.without(name); }));
    }

    Broker& broker() {
        if (broker_ == nullptr) {
            broker_ = std::make_unique<Broker>(options, log, offsets, file, clock, random, executor,
                                               [this](std::string_view notice) { notices.emplace_back(notice); });
            for (const auto& record : offsets.durable()) EXPECT_TRUE(broker_->replay(record));
            const auto started = broker_->start();
            EXPECT_TRUE(started) << started.error().message;
        }
        return *broker_;
    }
    void stop_broker() { broker_.reset(); }
    void advance(std::chrono::milliseconds by) {
        clock.advance(by);
        broker().tick();
    }
    /// Step by step, as a listener does that calls `tick` at `next_deadline`.
    void let_pass(std::chrono::milliseconds time) {
        const auto end = clock.monotonic() + time;
        while (broker().next_deadline() <= end) {
            const auto wait = broker().next_deadline() - clock.monotonic();
            clock.advance(std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(wait)));
            broker().tick();
        }
        clock.advance(std::chrono::ceil<std::chrono::milliseconds>(end - clock.monotonic()));
    }

    [[nodiscard]] std::unique_ptr<TestClient> connect(std::string peer = "192.0.2.1") {
        return std::make_unique<TestClient>(
            broker(), Arrival{.peer = std::move(peer), .reached = {.host = "198.51.100.7", .port = 9092}, .server_name = "kafka.example"});
    }
    [[nodiscard]] std::unique_ptr<TestClient> login(const std::string& name = "reader", std::string peer = "192.0.2.1") {
        auto client = connect(std::move(peer));
        EXPECT_EQ(client->ask<SaslHandshakeResponse>(SaslHandshakeRequest{.mechanism = "PLAIN"}, 1).error_code, ErrorCode::none);
        EXPECT_EQ(client->ask<SaslAuthenticateResponse>(SaslAuthenticateRequest{.auth_bytes = plain(name, secret_of_reader)}, 1).error_code,
                  ErrorCode::none);
        EXPECT_TRUE((*client)->is_authenticated());
        return client;
    }
    [[nodiscard]] std::unique_ptr<TestClient> operators() {
        return std::make_unique<TestClient>(broker(), Arrival{.peer = {}, .reached = {}, .server_name = {}, .is_operator = true});
    }

    /// Appends records with these values as one batch, and waits until they can be read.
    void append(std::string_view topic, std::int32_t partition, const std::vector<std::string>& values, UnixMillis time = UnixMillis(1s)) {
        const auto info = log.find_topic(topic);
        ASSERT_TRUE(info);
        const log::TopicPartition at{info->id, {partition}};
        std::vector<log::NewRecord> records;
        for (const auto& value : values) {
            auto& record = records.emplace_back();
            record.topic = at.topic;
            record.partition = at.partition;
            record.value = BytesView(value);
            record.timestamp = time;
        }
        const auto before = log.bounds(at)->next.value;
        log.append(records, [](log::AppendResult result) { EXPECT_TRUE(result); });
        const auto deadline = std::chrono::steady_clock::now() + 20s;
        while (log.bounds(at)->next.value < before + static_cast<std::int64_t>(values.size())) {
            ASSERT_LT(std::chrono::steady_clock::now(), deadline);
            std::this_thread::yield();
        }
    }
    /// The bytes that the log has there.
    [[nodiscard]] Bytes stored(std::string_view topic, std::int32_t partition, std::int64_t from = 0) {
        return log.read({log.find_topic(topic)->id, {partition}}, log::Offset{from}, 100 << 20)->bytes;
    }

    log::testing::InMemoryEventLog log;
    CrashSimulatingEnv disk;
    consumers::RegistryFile file{disk, "/data"};
    consumers::RegistryFile others_file{disk, "/data"};
    SimulatedClock clock{UnixMillis(1'700'000'000s)};
    SeededRandom random{1};
    ManualExecutor executor;
    groups::ManualStore offsets;
    Options options;
    std::vector<std::string> notices;

private:
    std::unique_ptr<Broker> broker_;
};

inline FetchRequest fetch_of(std::string topic, std::int32_t partition, std::int64_t offset) {
    return {.max_wait_ms = 500,
            .min_bytes = 1,
            .topics = {{.topic = std::move(topic),
                        .partitions = {{.partition = partition, .fetch_offset = offset, .partition_max_bytes = 1 << 20}}}}};
}

inline Bytes bytes_of(const Records& records) {
    Bytes all;
    for (const auto& piece : records.pieces) all += piece.bytes;
    return all;
}

/// The only partition's answer.
inline const FetchPartitionResponse& only(const FetchResponse& response) {
    static const FetchPartitionResponse none;
    if (response.responses.size() != 1 || response.responses[0].partitions.size() != 1) {
        ADD_FAILURE() << "not one partition";
        return none;
    }
    return response.responses[0].partitions[0];
}

}  // namespace tenter::broker
