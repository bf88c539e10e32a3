// Goal: nothing acknowledged is ever lost, altered or moved, whatever the machine does.
// Method: random appends, checkpoints, kills, power cuts that keep any subset of unsynced sectors, failed syncs after which the kernel
// takes pages for clean, and crashes inside recovery, on a simulated disk, compared with a model after every start. The same runs with one
// rule of the log broken must lose events: a simulation that cannot see that proves nothing.
//
// TENTER_CRASH_RUNS sets the number of runs, TENTER_CRASH_SEED the first seed; a failure prints the seed of its run.

#include <cstdlib>
#include <random>

#include "tenter/base/env_testing.hpp"
#include "tests/unit/log_segment/crash_model.hpp"

namespace tenter::log::testing {
namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// One log's life from its creation over several crashes.
class Life {
public:
    Life(std::uint64_t seed, const RuleBreakers& breakers) : random_(seed), breakers_(breakers) {
        options_ = small_options("/data/log");
        options_.journal_bytes = below(2) == 0 ? 64 * 1024 : 128 * 1024;
        options_.segment_bytes = 2048 + below(16 * 1024);
        options_.max_batch_bytes = 500 + below(8000);
        options_.index_interval_bytes = 256 + below(2000);
        options_.max_open_write_files = 1 + below(6);
        options_.max_open_read_files = 1 + below(4);
        options_.retry_interval = std::chrono::milliseconds(1);
        env_.set_on_failed_sync([this](CallKind kind, const std::string& path) {
            if (kind == CallKind::sync_filesystem) {
                disk_.mark_all_clean();
            } else {
                disk_.mark_clean(path);
            }
        });
    }

    /// What was wrong, or nothing.
    std::string live() {
        const std::uint64_t lives = 2 + below(4);
        for (std::uint64_t life = 0; life < lives; ++life) {
            if (auto fault = start(); !fault.empty()) return "start " + std::to_string(life) + ": " + fault;
            work();
            end();
        }
        const auto fault = start();
        log_.reset();
        return fault;
    }
    [[nodiscard]] std::size_t acknowledged() const { return model_.acknowledged(); }

private:
    std::uint64_t below(std::uint64_t limit) { return random_.next_u64() % limit; }

    /// Opens the log, often only after crashes inside its recovery, and compares.
    std::string start() {
        for (std::uint64_t crashes = below(3); crashes > 0; --crashes) {
            disk_.stop_before_call(1 + below(40));
            auto log = SegmentLog::open_breaking_rules(env_, clock_, options_, {}, breakers_);
            disk_.stop_the_world();
            if (log) log->reset();
            lose_power_or_die();
        }
        auto log = SegmentLog::open_breaking_rules(env_, clock_, options_, {}, breakers_);
        if (!log) return log.error().message;
        log_ = std::move(*log);
        const auto id = log_->id();
        if (!id) return id.error().message;
        if (*id != id_.value_or(*id)) return "the log has another id than before";
        id_ = *id;
        return model_.compare(*log_);
    }

    void work() {
        for (std::uint64_t t = 0; t <= below(5); ++t) {
            const std::string name = "topic-" + std::to_string(t);
            const auto known = log_->find_topic(name);
            static_cast<void>(log_->ensure_topic(name, known ? known->partition_count : static_cast<std::int32_t>(1 + below(3))));
        }
        if (below(3) == 0) {
            env_.arm({.fault = Fault::io_error,
                      .nth = 1 + below(30),
                      .from_then_on = false,
                      .kind = below(3) == 0 ? CallKind::sync_filesystem : CallKind::sync_data,
                      .path_contains = ""});
        }
        if (below(2) == 0) disk_.stop_before_call(1 + below(200));
        for (std::uint64_t i = 0, count = below(120); i < count; ++i) {
            append();
            if (below(12) == 0) remove();
            if (below(15) == 0) static_cast<void>(model_.checkpoint(*log_));
            if (below(40) == 0) wait_for_all();
        }
        if (below(2) == 0) wait_for_all();
    }

    void append() {
        const auto topics = log_->topics();
        std::vector<CrashModel::Record> records;
        for (std::uint64_t i = 0, count = below(10) == 0 ? 1 + below(12) : 1; i < count; ++i) {
            const auto& topic = topics[below(topics.size())];
            std::string value = "value " + std::to_string(next_value_++) + " ";
            value.resize(value.size() + below(4) * below(900), static_cast<char>('a' + below(26)));
            records.push_back(
                {topic.name, static_cast<std::int32_t>(below(static_cast<std::uint64_t>(topic.partition_count))), std::move(value), -1});
        }
        model_.append(*log_, std::move(records), static_cast<std::int64_t>(below(1000)));
    }

    /// Some of what a partition has, or all of it.
    void remove() {
        const auto topics = log_->topics();
        const auto& topic = topics[below(topics.size())];
        const auto partition = static_cast<std::int32_t>(below(static_cast<std::uint64_t>(topic.partition_count)));
        const auto bounds = log_->bounds({topic.id, PartitionId{partition}});
        if (!bounds) return;
        const auto count = static_cast<std::uint64_t>(bounds->next.value - bounds->first.value);
        model_.remove_before(*log_, topic.name, partition, Offset{bounds->first.value + static_cast<std::int64_t>(below(count + 1))});
    }

    void wait_for_all() {
        static_cast<void>(model_.checkpoint(*log_));  // goes through the same thread, behind what was appended
    }

    void end() {
        env_.disarm();
        if (below(5) != 0) disk_.stop_the_world();  // else it stops in good order, and only then the power is cut
        log_.reset();
        lose_power_or_die();
    }

    void lose_power_or_die() {
        if (below(3) == 0) {
            disk_.kill();
        } else {
            disk_.crash(random_);
        }
    }

    SeededRandom random_;
    const RuleBreakers breakers_;
    CrashSimulatingEnv disk_;
    FaultInjectingEnv env_{disk_};
    SimulatedClock clock_;
    SegmentLogOptions options_;
    CrashModel model_;
    std::unique_ptr<SegmentLog> log_;
    std::optional<Uuid> id_;
    std::uint64_t next_value_ = 0;
};

/// How many of `runs` lives go wrong.
std::uint64_t faulty_runs(const RuleBreakers& breakers, std::uint64_t first_seed, std::uint64_t runs, bool stop_at_first) {
    std::uint64_t faulty = 0;
    for (std::uint64_t seed = first_seed; seed < first_seed + runs; ++seed) {
        Life life(seed, breakers);
        const auto fault = life.live();
        if (fault.empty()) continue;
        ++faulty;
        if (stop_at_first) return faulty;
    }
    return faulty;
}

TEST(CrashSimulation, loses_nothing_in_random_lives) {
    const std::uint64_t runs = setting("TENTER_CRASH_RUNS", under_thread_sanitizer ? 12 : 120);
    const std::uint64_t first_seed = setting("TENTER_CRASH_SEED", std::random_device{}());
    std::size_t acknowledged = 0;
    for (std::uint64_t seed = first_seed; seed < first_seed + runs; ++seed) {
        Life life(seed, {});
        ASSERT_EQ(life.live(), "") << "TENTER_CRASH_SEED=" << seed << " TENTER_CRASH_RUNS=1";
        acknowledged += life.acknowledged();
    }
    RecordProperty("first_seed", std::to_string(first_seed));
    EXPECT_GT(acknowledged, runs * 10) << "the simulation hardly does anything";
}

constexpr std::uint64_t control_runs = 400;

TEST(CrashSimulation, sees_events_lost_when_they_are_acknowledged_before_the_sync) {
    EXPECT_GT(faulty_runs({.acknowledge_before_sync = true}, 1, control_runs, true), 0U);
}

TEST(CrashSimulation, sees_events_lost_when_segments_are_trusted_beyond_the_checkpoint) {
    EXPECT_GT(faulty_runs({.trust_segments_beyond_checkpoint = true}, 1, control_runs, true), 0U);
}

TEST(CrashSimulation, sees_events_lost_when_the_checkpoint_is_written_before_the_segments_are_synced) {
    EXPECT_GT(faulty_runs({.checkpoint_before_segments_synced = true}, 1, control_runs, true), 0U);
}

TEST(CrashSimulation, sees_events_lost_when_segments_are_removed_before_the_checkpoint_that_allows_it) {
    EXPECT_GT(faulty_runs({.remove_before_checkpoint = true}, 1, control_runs, true), 0U);
}

}  // namespace
}  // namespace tenter::log::testing
