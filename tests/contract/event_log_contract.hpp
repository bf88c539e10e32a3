#pragma once
// tests/contract/event_log_contract.hpp: what every implementation of EventLog must do, tested for what it declares.
//
//   INSTANTIATE_TEST_SUITE_P(InMemory, EventLogContract, ::testing::Values(LogFactory{"in_memory", [] { return std::make_unique<...>();
//   }}));
//
// The tests themselves are in event_log_contract.cpp and event_log_{concurrency,durability,removal}_contract.cpp; link them into the
// program that instantiates.

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/log/event_log.hpp"

namespace tenter::log::testing {

/// One log and the place where it keeps its records; made anew for each test.
class LogUnderTest {
public:
    LogUnderTest() = default;
    LogUnderTest(const LogUnderTest&) = delete;
    LogUnderTest& operator=(const LogUnderTest&) = delete;
    virtual ~LogUnderTest() = default;

    /// The log, open and accepting.
    [[nodiscard]] virtual EventLog& log() = 0;
    /// Stops in good order and opens again on the same records. False if this implementation keeps nothing.
    [[nodiscard]] virtual bool reopen() = 0;
    /// As if the process had ended by kill -9, and opens again. Called only where `Capabilities::survives_kill`.
    virtual void kill_and_reopen() = 0;
    /// A value that is too large for one append to this log.
    [[nodiscard]] virtual std::size_t too_large_bytes() const = 0;
    /// Of a topic of this log.
    [[nodiscard]] virtual std::size_t longest_topic_name() const { return 249; }
};

struct LogFactory {
    std::string name;
    std::function<std::unique_ptr<LogUnderTest>()> make;
};

inline void PrintTo(const LogFactory& factory, std::ostream* out) { *out << factory.name; }

/// The outcome of an append.
struct Outcome {
    std::vector<RecordPlace> places;
    std::optional<Error> error;
};

/// A record as it is read back, owned.
struct ReadRecord {
    std::int64_t offset = 0;
    std::int64_t timestamp_ms = 0;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;

    friend bool operator==(const ReadRecord&, const ReadRecord&) = default;
};

class EventLogContract : public ::testing::TestWithParam<LogFactory> {
protected:
    EventLogContract() : under_test_(GetParam().make()) {}

    [[nodiscard]] EventLog& log() { return under_test_->log(); }
    [[nodiscard]] LogUnderTest& under_test() { return *under_test_; }
    [[nodiscard]] TopicId topic(std::string_view name, std::int32_t partitions = 1);
    [[nodiscard]] std::future<Outcome> append_later(std::span<const NewRecord> records);
    Outcome append(std::span<const NewRecord> records) { return append_later(records).get(); }
    /// One record without key or headers.
    Outcome append_value(TopicPartition at, std::string_view value, std::int64_t timestamp_ms = 1000);
    /// Returns when everything below `next` can be read; followers wake it.
    void wait_until_readable(TopicPartition at, std::int64_t next);
    /// All records from `from` to the end; checks that offsets have no gap.
    [[nodiscard]] std::vector<ReadRecord> records_from(TopicPartition at, std::int64_t from = 0, std::size_t max_bytes = 4096);
    [[nodiscard]] std::vector<std::string> values_from(TopicPartition at, std::int64_t from = 0, std::size_t max_bytes = 4096);
    /// A topic with one record after the other with these times, each in an append of its own; its value is its offset.
    [[nodiscard]] TopicPartition with_times(const std::vector<std::int64_t>& times);
    [[nodiscard]] std::optional<TimedOffset> newest_of(TopicPartition at);
    /// A read there must be refused and name both bounds.
    void expect_outside(TopicPartition at, std::int64_t offset, std::string_view first, std::string_view next);

private:
    std::unique_ptr<LogUnderTest> under_test_;
};

[[nodiscard]] constexpr TopicPartition partition(TopicId topic, std::int32_t number) { return {topic, PartitionId{number}}; }
[[nodiscard]] constexpr UnixMillis ms(std::int64_t value) { return UnixMillis(std::chrono::milliseconds(value)); }

}  // namespace tenter::log::testing
