// What a whole connection may send, before and after authentication: frames, each answered once or the last. The log is in memory and holds
// three records; the clock goes on when nobody is answered, so that all that waits comes to its end.
//
//   who octet: 0 a stranger, 1 one that has chosen PLAIN, 2 a consumer, 3 the operator | size uint16, frame | size uint16, frame | ...

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/broker/broker.hpp"
#include "gateway/consumers/registry_file.hpp"
#include "gateway/kafka_protocol/codec.hpp"
#include "tenter/base/env_testing.hpp"
#include "tests/contract/in_memory_event_log.hpp"

namespace {

using namespace tenter;
using namespace tenter::broker;

void require(bool condition) {
    if (!condition) std::abort();
}

/// Runs what is posted when told to; the log grows no more, so nothing comes from other threads.
class LaterExecutor final : public Executor {
public:
    void post(std::move_only_function<void()> task) override { tasks_.push_back(std::move(task)); }
    void run() {
        for (auto& task : std::exchange(tasks_, {})) task();
    }

private:
    std::vector<std::move_only_function<void()>> tasks_;
};

class ForgetfulStore final : public groups::OffsetStore {
public:
    void store(std::vector<groups::StoredRecord> /*records*/, Done done) override { done(true); }
};

/// What all inputs read: as it was when the golden requests of kafka_protocol were recorded, of which the corpus is made.
struct World {
    log::testing::InMemoryEventLog log;
    CrashSimulatingEnv disk;
    consumers::RegistryFile file{disk, "/data"};

    World() {
        SeededRandom random(1);
        consumers::Consumer reader{.name = "tenter", .sources = {"orders"}};
        reader.secrets = {consumers::StoredSecret::of(Secret("not-a-secret"), random)};
        reader.is_new = false;
        require(file.update([&](const consumers::Registry& registry) { return registry.with(reader); }).has_value());
        const auto topic = log.ensure_topic("orders", 4);
        require(topic.has_value());
        for (int i = 0; i < 3; ++i) {
            log::NewRecord record{};
            record.topic = *topic;
            record.partition = log::PartitionId{0};
            record.value = "a record";
            log.append(std::span(&record, 1), [](log::AppendResult) {});
        }
        while (log.bounds({*topic, {0}})->next.value < 3) std::this_thread::yield();
    }
};

class Connection {
public:
    Connection(World& world, bool is_operator)
        : broker_({.topic_prefix = "incoming.shop.", .advertise = {}, .cluster_id = "id", .groups = {}, .limits = {}}, world.log, store_,
                  world.file, clock_, random_, executor_, [](std::string_view) {}) {
        require(broker_.start().has_value());
        client_ = broker_.connect({.peer = "192.0.2.1", .reached = {"198.51.100.7", 9092}, .server_name = "", .is_operator = is_operator},
                                  [](std::string_view) {});
    }

    /// False: it is closed.
    bool send(const std::vector<char>& frame) {
        std::optional<Reply> reply;
        client_->handle(BytesView(frame.data(), frame.size()), [&](Reply given) {
            require(!reply.has_value());
            reply = std::move(given);
        });
        for (int i = 0; i < 4 && !reply; ++i) wait(i < 2 ? std::chrono::minutes(1) : std::chrono::days(30));
        require(reply.has_value());
        require(reply->close.has_value() || reply->frame.size() > 8);
        require(!reply->close || !reply->close->empty());
        if (reply->frame.size() > 0) require(reply->frame.joined().size() == reply->frame.size());
        return !reply->close;
    }

    template <class Request>
    void send(const Request& request, std::int16_t version) {
        const auto frame = kafka_protocol::encode_request(
            {.request_api_key = Request::api_key, .request_api_version = version, .correlation_id = 1, .client_id = {}}, request);
        const auto bytes = frame->joined();
        require(send(std::vector<char>(bytes.begin() + 4, bytes.end())));
    }

private:
    void wait(std::chrono::milliseconds time) {
        clock_.advance(time);
        broker_.tick();
        executor_.run();
    }

    ForgetfulStore store_;
    SimulatedClock clock_{UnixMillis(std::chrono::seconds(1'700'000'000))};
    SeededRandom random_{1};
    LaterExecutor executor_;
    Broker broker_;
    std::unique_ptr<Client> client_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static World world;
    if (size == 0) return 0;
    const auto who = data[0] % 4;
    Connection connection(world, who == 3);
    if (who == 1 || who == 2) connection.send(kafka_protocol::SaslHandshakeRequest{.mechanism = "PLAIN"}, 1);
    if (who == 2) connection.send(kafka_protocol::SaslAuthenticateRequest{.auth_bytes = Bytes("\0tenter\0not-a-secret", 20)}, 1);
    std::size_t at = 1;
    while (size - at >= 2) {
        const std::size_t wanted = data[at] * 256U + data[at + 1];
        at += 2;
        const auto length = std::min(wanted, size - at);
        const std::vector<char> frame(data + at, data + at + length);  // memory of its own: a read beyond it is seen
        at += length;
        if (!connection.send(frame)) break;
    }
    return 0;
}
