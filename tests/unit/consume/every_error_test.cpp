// Goal: whatever error a broker gives to whichever request of a consumer, either it passes and nothing is skipped, or it ends `run` with an
// Exception that names it, and the next run goes on. Method: for each code of librdkafka a mock cluster that answers one request of each
// kind with it; many at once, since each waits most of the time.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "src/consume/engine.hpp"
#include "src/consume/kafka_source.hpp"
#include "tenter/base/exception.hpp"
#include "tests/unit/consume/mock_records.hpp"

namespace tenter::consume {
namespace {

using kafka_client::testing::Api;
using kafka_client::testing::MockCluster;
using std::chrono_literals::operator""ms;

constexpr std::size_t at_once = 72;
constexpr std::int64_t event_count = 20;
constexpr std::chrono::milliseconds some_heartbeats{200};
constexpr std::chrono::seconds deadline{40};  // for all runs of a code

/// What became of a code.
struct OfCode {
    std::set<std::int64_t> seen;
    std::vector<std::string> endings;  ///< Messages of the exceptions.
    std::int64_t committed = -1;
};

class World {
public:
    World(rd_kafka_resp_err_t code, std::initializer_list<Api> apis) {
        mock_.make_topic("orders", 1);
        testing::produce_webhooks(mock_, "orders", 0, event_count);
        for (const auto api : apis) mock_.fail_next(api, {code});
    }

    OfCode run() {
        OfCode result;
        const auto until = std::chrono::steady_clock::now() + deadline;
        while (std::chrono::steady_clock::now() < until && result.committed < event_count) {
            if (auto error = run_once(result, until)) result.endings.push_back(std::move(*error));
            result.committed = testing::committed_of(mock_, "orders", 0);
        }
        return result;
    }

private:
    /// Until every event was seen and a heartbeat has met its error, or it ends by itself.
    std::optional<std::string> run_once(OfCode& result, Instant until) {
        ConsumerOptions options;
        options.session_timeout = 4000ms;  // the mock waits 3 s for other members
        options.connect_timeout = 5000ms;
        options.close_timeout = 2000ms;
        options.commit = CommitPolicy::each();
        std::atomic<std::int64_t> end_at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(until.time_since_epoch()).count();
        const auto now_ms = [] {
            return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
        };
        KafkaSource source({.cluster = {.bootstrap = mock_.bootstrap()},
                            .topics = {"orders"},
                            .group = "group",
                            .start = {},
                            .more_properties = {{"security.protocol", "plaintext"},
                                                {"retry.backoff.ms", "10"},
                                                {"fetch.error.backoff.ms", "10"},
                                                {"heartbeat.interval.ms", "50"}}},
                           options);
        const Callback callback = [&](const WebhookEvent& event) {
            result.seen.insert(event.offset);
            if (event.offset == event_count - 1) end_at_ms = std::min<std::int64_t>(end_at_ms, now_ms() + some_heartbeats.count());
        };
        EngineTime time;
        Engine engine(source, options, callback, time, [&] { return now_ms() >= end_at_ms; });
        try {
            engine.run();
        } catch (const Exception& thrown) {
            return thrown.error().message;
        }
        return std::nullopt;
    }

    MockCluster mock_;
};

TEST(EveryErrorOfABroker, passes_or_ends_a_run_with_its_name_and_nothing_is_skipped) {
    const auto codes = testing::codes_of_brokers();
    ASSERT_GT(codes.size(), 90u);
    std::vector<OfCode> results(2 * codes.size());  // of joining, and of going on
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < at_once; ++i)
        threads.emplace_back([&] {
            for (auto index = next++; index < results.size(); index = next++) {
                const auto code = codes[index / 2];
                results[index] = index % 2 == 0 ? World(code, {Api::find_coordinator, Api::join_group, Api::sync_group}).run()
                                                : World(code, {Api::heartbeat, Api::fetch, Api::offset_commit}).run();
            }
        });
    for (auto& thread : threads) thread.join();
    std::size_t passed = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const std::string name = std::string(rd_kafka_err2name(codes[i / 2])) + (i % 2 == 0 ? " of joining" : " of going on");
        EXPECT_EQ(results[i].seen.size(), static_cast<std::size_t>(event_count)) << name << " " << results[i].endings.size();
        EXPECT_EQ(results[i].committed, event_count) << name;
        for (const auto& ending : results[i].endings)
            EXPECT_NE(ending.find(rd_kafka_err2str(codes[i / 2])), std::string::npos) << name << " ended a run with: " << ending;
        if (results[i].endings.empty()) ++passed;
    }
    EXPECT_GT(passed, results.size() * 3 / 4);
}

}  // namespace
}  // namespace tenter::consume
