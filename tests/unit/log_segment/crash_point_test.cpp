// Every crash point that docs/formats/log.md lists, by name, each once as a kill (the page cache stays) and as a power cut (it does not).
#include <functional>
#include <thread>

#include "tenter/base/env_testing.hpp"
#include "tests/unit/log_segment/crash_model.hpp"

namespace tenter::log::testing {
namespace {

/// The world stops just before the first call, after `arm`, of that kind on a path that contains `part`.
struct Point {
    CallKind kind;
    std::string part;
};

class CrashPoint : public ::testing::TestWithParam<bool> {
protected:
    CrashPoint() {
        options.journal_bytes = 64 * 1024;
        options.segment_bytes = 4096;
        disk.set_hook([this](CallKind kind, const std::string& path) {
            if (kind == CallKind::sync_data && path.ends_with("journal/1")) ++second_half_commits;
            if (!armed || kind != point.kind || path.find(point.part) == std::string::npos) return;
            while (second_half_commits < commits_to_wait_for) std::this_thread::yield();
            disk.stop_the_world();
        });
    }

    /// One acknowledged record, then, with the point armed, `doing`; the crash; the log again.
    void crash_at(Point at, const std::function<void(SegmentLog&)>& doing) {
        point = std::move(at);
        {
            const auto log = open_log(disk, clock, options);
            ASSERT_TRUE(log->ensure_topic("orders", 1));
            append_and_wait(*log, "first");
            acknowledged_before = model.acknowledged();
            armed = true;
            doing(*log);
            disk.stop_the_world();
        }
        armed = false;
        reopen();
    }
    void reopen() {
        if (GetParam()) {
            disk.crash(random);
        } else {
            disk.kill();
        }
        reopened = open_log(disk, clock, options);
        ASSERT_TRUE(reopened);
        EXPECT_EQ(model.compare(*reopened), "");
    }
    void append_and_wait(SegmentLog& log, std::string value) {
        model.append(log, {{"orders", 0, std::move(value), -1}}, 1);
        static_cast<void>(log.checkpoint());  // behind the append in the same thread
    }
    [[nodiscard]] std::size_t newly_acknowledged() const { return model.acknowledged() - acknowledged_before; }
    [[nodiscard]] std::size_t records() const {
        return values_from(*reopened, {reopened->find_topic("orders")->id, PartitionId{0}}).size();
    }

    CrashSimulatingEnv disk;
    SimulatedClock clock;
    SeededRandom random{11};
    SegmentLogOptions options = small_options("/data/log");
    Point point{};
    std::atomic<bool> armed{false};
    std::atomic<int> second_half_commits{0};
    int commits_to_wait_for = 0;  ///< In the journal's other half, before the world stops.
    CrashModel model;
    std::size_t acknowledged_before = 0;
    std::unique_ptr<SegmentLog> reopened;
};

TEST_P(CrashPoint, before_the_journal_write_nothing_is_acknowledged_and_the_event_is_absent) {
    crash_at({CallKind::pwrite, "journal/"}, [&](SegmentLog& log) {
        append_and_wait(log, "second");
        EXPECT_EQ(newly_acknowledged(), 0U);
    });
    EXPECT_EQ(records(), 1U);
}

TEST_P(CrashPoint, between_journal_write_and_sync_nothing_is_acknowledged_and_the_event_is_absent_or_whole) {
    crash_at({CallKind::sync_data, "journal/"}, [&](SegmentLog& log) {
        append_and_wait(log, "second");
        EXPECT_EQ(newly_acknowledged(), 0U);
    });
    EXPECT_LE(records(), 2U);
}

TEST_P(CrashPoint, after_the_sync_before_the_answer_the_event_is_there_once) {
    crash_at({CallKind::map, "never"}, [&](SegmentLog& log) {
        const NewRecord record{*log.ensure_topic("orders", 1), std::nullopt, std::nullopt, "unanswered", {}, at_ms(1)};
        std::promise<void> called;
        log.append({&record, 1}, [&](const AppendResult&) {
            disk.stop_the_world();  // the answer never leaves the machine
            called.set_value();
        });
        called.get_future().wait();
        model.expect({{"orders", 0, "unanswered", 1}});
    });
    EXPECT_EQ(records(), 2U);
}

TEST_P(CrashPoint, after_the_sync_before_the_segment_write_the_event_is_there_once) {
    crash_at({CallKind::pwrite, "topics/"}, [&](SegmentLog& log) {
        append_and_wait(log, "second");
        EXPECT_EQ(newly_acknowledged(), 1U);
    });
    EXPECT_EQ(records(), 2U);
}

TEST_P(CrashPoint, after_the_segment_write_the_event_is_there_once) {
    crash_at({CallKind::sync_data, "topics/"}, [&](SegmentLog& log) { append_and_wait(log, "second"); });
    EXPECT_EQ(records(), 2U);
}

TEST_P(CrashPoint, during_a_checkpoint_before_its_file_is_written_the_old_one_is_valid) {
    crash_at({CallKind::pwrite, "checkpoint.new"}, [&](SegmentLog& log) { append_and_wait(log, "second"); });
    EXPECT_EQ(records(), 2U);
}

TEST_P(CrashPoint, during_a_checkpoint_before_its_file_is_synced_the_old_one_is_valid) {
    crash_at({CallKind::sync_data, "checkpoint.new"}, [&](SegmentLog& log) { append_and_wait(log, "second"); });
    EXPECT_EQ(records(), 2U);
}

TEST_P(CrashPoint, during_a_checkpoint_before_the_rename_the_old_one_is_valid) {
    crash_at({CallKind::rename, "checkpoint.new"}, [&](SegmentLog& log) { append_and_wait(log, "second"); });
    EXPECT_EQ(records(), 2U);
}

TEST_P(CrashPoint, during_a_checkpoint_before_the_folder_is_synced_either_one_is_valid) {
    crash_at({CallKind::sync_directory, "/data/log"}, [&](SegmentLog& log) { append_and_wait(log, "second"); });
    EXPECT_EQ(records(), 2U);
}

TEST_P(CrashPoint, during_a_checkpoint_both_halves_are_replayed) {
    commits_to_wait_for = 4;
    crash_at({CallKind::rename, "checkpoint.new"}, [&](SegmentLog& log) {
        for (int i = 0; i < 20 && !disk.stopped(); ++i) {  // 32 KiB hold 8 frames of 4 KiB
            const std::size_t before = model.acknowledged();
            model.append(log, {{"orders", 0, std::string(3000, static_cast<char>('a' + i)), -1}}, 1);
            while (model.acknowledged() == before && !disk.stopped()) std::this_thread::yield();
        }
    });
    EXPECT_GE(reopened->recovery_report().frames_replayed, 7U + 3U);  // the first frame was checkpointed
}

TEST_P(CrashPoint, during_a_roll_before_the_new_file_is_made_nothing_is_missing) {
    crash_at({CallKind::open, "topics/orders/0/00000000000000000002.log"}, [&](SegmentLog& log) {
        append_and_wait(log, std::string(3000, 's'));
        append_and_wait(log, std::string(3000, 't'));
        EXPECT_EQ(newly_acknowledged(), 2U);
    });
    EXPECT_EQ(records(), 3U);
}

TEST_P(CrashPoint, during_a_roll_after_the_new_file_is_made_there_is_a_file_too_many_at_most) {
    crash_at({CallKind::pwrite, "topics/orders/0/00000000000000000002.log"}, [&](SegmentLog& log) {
        append_and_wait(log, std::string(3000, 's'));
        append_and_wait(log, std::string(3000, 't'));
        EXPECT_EQ(newly_acknowledged(), 2U);
    });
    EXPECT_EQ(records(), 3U);
}

INSTANTIATE_TEST_SUITE_P(Killed, CrashPoint, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(PowerCut, CrashPoint, ::testing::Values(true));

}  // namespace
}  // namespace tenter::log::testing
