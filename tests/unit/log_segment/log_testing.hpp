#pragma once
// tests/unit/log_segment/log_testing.hpp: the words in which the tests of the embedded log are written.

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/log/record_batch.hpp"
#include "gateway/log_segment/rule_breakers.hpp"
#include "gateway/log_segment/segment_log.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"

namespace tenter::log::testing {

/// ThreadSanitizer looks for races, which show in a part of the work; the whole of it runs without.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool under_thread_sanitizer = true;
#else
inline constexpr bool under_thread_sanitizer = false;
#endif

/// A folder of the machine that is removed at the end; in memory where there is such a place, for what survives a power cut is not tested
/// with it.
class TemporaryFolder {
public:
    TemporaryFolder() {
        const std::filesystem::path memory = "/dev/shm";
        const auto parent = std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
        std::string pattern = (parent / "tenter-log-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data()) == nullptr ? "" : pattern;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

/// Small files, so that a test rolls and checkpoints soon.
inline SegmentLogOptions small_options(std::string directory) {
    SegmentLogOptions options;
    options.directory = std::move(directory);
    options.journal_bytes = 256 * 1024;
    options.segment_bytes = 16 * 1024;
    options.reserve_bytes = 0;
    return options;
}

inline UnixMillis at_ms(std::int64_t ms) { return UnixMillis(std::chrono::milliseconds(ms)); }

/// The outcome of an append that was waited for.
struct Appended {
    std::vector<RecordPlace> places;
    std::optional<Error> error;
};

inline std::future<Appended> append_later(EventLog& log, std::span<const NewRecord> records) {
    auto promise = std::make_shared<std::promise<Appended>>();
    auto future = promise->get_future();
    log.append(records, [promise](AppendResult result) {
        Appended appended;
        if (result) {
            appended.places.assign(result->begin(), result->end());
        } else {
            appended.error = result.error();
        }
        promise->set_value(std::move(appended));
    });
    return future;
}

inline Appended append(EventLog& log, TopicId topic, std::string_view value, std::int64_t timestamp_ms = 1000,
                       std::optional<PartitionId> partition = std::nullopt) {
    const NewRecord record{topic, partition, std::nullopt, value, {}, at_ms(timestamp_ms)};
    return append_later(log, {&record, 1}).get();
}

/// Waits until everything below `next` can be read. Followers wake it, so nothing sleeps.
inline void wait_readable(EventLog& log, TopicPartition at, std::int64_t next) {
    std::promise<void> reached;
    std::atomic<bool> done{false};
    auto check = [&](Offset high) {
        if (high.value >= next && !done.exchange(true)) reached.set_value();
    };
    const auto subscription = log.follow(at, check);
    ASSERT_TRUE(subscription) << subscription.error().message;
    check(log.bounds(at)->next);
    reached.get_future().wait();
}

/// Values of all records from `from` to the end, in order; offsets must have no gap.
template <class Log>
std::vector<std::string> values_from(Log& log, TopicPartition at, std::int64_t from = 0, std::size_t max_bytes = 4096) {
    std::vector<std::string> values;
    for (std::int64_t next = from;;) {
        const auto batches = log.read(at, Offset{next}, max_bytes);
        EXPECT_TRUE(batches) << batches.error().message;
        if (!batches || batches->bytes.empty()) return values;
        const auto records = decode_batches(batches->bytes);
        EXPECT_TRUE(records) << records.error().message;
        if (!records) return values;
        for (const auto& record : *records) {
            if (record.offset.value < next) continue;
            EXPECT_EQ(record.offset.value, next);
            values.emplace_back(*record.value);
            ++next;
        }
        EXPECT_EQ(batches->next_offset.value, next);
    }
}

inline std::unique_ptr<SegmentLog> open_log(Env& env, const Clock& clock, const SegmentLogOptions& options, LogObserver observer = {}) {
    auto log = SegmentLog::open(env, clock, options, std::move(observer));
    EXPECT_TRUE(log) << log.error().message;
    return log ? std::move(*log) : nullptr;
}

}  // namespace tenter::log::testing
