#pragma once
// tests/unit/broker/offsets_gateway.hpp: as much of a gateway as offsets need, over any disk, and a model of what it has acknowledged.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/broker/offsets_topic.hpp"
#include "tenter/base/random.hpp"
#include "tests/unit/broker/broker_thread.hpp"
#include "tests/unit/log_segment/log_testing.hpp"

namespace tenter::broker::testing {

using kafka_protocol::ErrorCode;
using log::testing::small_options;
using log::testing::under_thread_sanitizer;

struct Place {
    std::string group;
    std::int32_t partition = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
};

/// One life of a gateway, as far as offsets are concerned.
class Gateway {
public:
    static constexpr std::string_view consumer = "shop";

    Gateway(Env& env, const Clock& clock, const log::SegmentLogOptions& log_options, const OffsetsTopicOptions& options)
        : random_(1), clock_(clock) {
        error_ = open(env, log_options, options);
    }
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;
    ~Gateway() {
        coordinator_.reset();
        topic_.reset();
        log_.reset();
    }

    /// Why it could not start; empty if it could.
    [[nodiscard]] const std::string& error() const { return error_; }
    [[nodiscard]] log::SegmentLog& log() { return *log_; }
    [[nodiscard]] BrokerThread& thread() { return thread_; }
    [[nodiscard]] log::PartitionBounds bounds() const { return *log_->bounds({log_->find_topic("__offsets")->id, log::PartitionId{0}}); }

    using Answer = std::shared_ptr<std::optional<ErrorCode>>;
    /// Commits `offset` for partitions 0 up to `partitions` of topic "t".
    Answer commit(const std::string& group, std::int64_t offset, std::int32_t partitions = 1) {
        kafka_protocol::OffsetCommitTopic topic{.name = "t", .partitions = {}};
        for (std::int32_t i = 0; i < partitions; ++i) topic.partitions.push_back({.partition_index = i, .committed_offset = offset});
        auto answer = std::make_shared<std::optional<ErrorCode>>();
        coordinator_->commit_offsets(caller(), {.group_id = group, .topics = {std::move(topic)}},
                                     [answer](const kafka_protocol::OffsetCommitResponse& response) {
                                         *answer = response.topics.at(0).partitions.at(0).error_code;
                                     });
        return answer;
    }
    Answer remove(const std::string& group) {
        auto answer = std::make_shared<std::optional<ErrorCode>>();
        coordinator_->delete_groups(caller(), {.groups_names = {group}}, [answer](const kafka_protocol::DeleteGroupsResponse& response) {
            *answer = response.results.at(0).error_code;
        });
        return answer;
    }
    ErrorCode wait(const Answer& answer) {
        EXPECT_TRUE(thread_.run_until([&] { return answer->has_value(); })) << "never answered";
        return answer->value_or(ErrorCode::request_timed_out);
    }
    /// -1: none.
    [[nodiscard]] std::int64_t committed(const std::string& group, std::int32_t partition = 0) {
        const std::vector<kafka_protocol::OffsetFetchTopic> topics{{.name = "t", .partition_indexes = {partition}}};
        return coordinator_->fetch_offsets(caller(), {.group_id = group, .topics = topics}).topics.at(0).partitions.at(0).committed_offset;
    }
    /// Lets the broker's thread end what the log has done by now.
    void settle() {
        static_cast<void>(log_->checkpoint());  // behind all that was appended, on the commit thread
        thread_.run_waiting();
    }

private:
    std::string open(Env& env, const log::SegmentLogOptions& log_options, const OffsetsTopicOptions& options) {
        auto log = log::SegmentLog::open(env, clock_, log_options);
        if (!log) return log.error().message;
        log_ = std::move(*log);
        if (!log_->is_recovered()) return "the log is not recovered yet";
        auto topic = OffsetsTopic::open(options, *log_, thread_, clock_, [](std::string_view) {});
        if (!topic) return topic.error().message;
        topic_ = std::move(*topic);
        coordinator_ = std::make_unique<groups::Coordinator>(groups::Options{}, clock_, random_, *topic_);
        const auto replayed = topic_->replay([this](const groups::StoredRecord& record) { return coordinator_->replay(record); });
        if (!replayed) return replayed.error().message;
        topic_->start_snapshots([this] { return coordinator_->snapshot(); });
        return "";
    }
    static groups::Caller caller() { return {.consumer = std::string(consumer), .connection = groups::ConnectionId{1}, .version = 3}; }

    BrokerThread thread_;
    SeededRandom random_;
    const Clock& clock_;
    std::unique_ptr<log::SegmentLog> log_;
    std::unique_ptr<OffsetsTopic> topic_;
    std::unique_ptr<groups::Coordinator> coordinator_;
    std::string error_;
};

inline OffsetsTopicOptions small_snapshots() { return {.snapshot_at_least = 700, .snapshot_factor = 2, .append_bytes = 200}; }

inline log::SegmentLogOptions small_log(std::string directory) {
    auto options = small_options(std::move(directory));
    options.journal_bytes = 64 * 1024;
    options.segment_bytes = 2048;
    options.retry_interval = std::chrono::milliseconds(1);
    return options;
}

/// What was answered, and what else may be: offsets of one group and partition rise in every test.
struct Expected {
    std::int64_t acknowledged = -1;
    std::int64_t submitted = -1;
};
using Model = std::map<Place, Expected>;

/// The first wrong thing, or nothing. What was found is from then on what was acknowledged.
inline std::string compare(Gateway& gateway, Model& model) {
    for (auto& [place, expected] : model) {
        const std::int64_t found = gateway.committed(place.group, place.partition);
        const std::string what = place.group + "/" + std::to_string(place.partition) + ": committed " + std::to_string(found);
        if (found < expected.acknowledged) return what + ", acknowledged " + std::to_string(expected.acknowledged);
        if (found > expected.submitted) return what + ", which nobody committed";
        if (found != gateway.committed(place.group, 0)) return what + ", a part of a commit";
        expected = {found, found};
    }
    return "";
}

/// A group that commits once and is deleted. Names begin with "gone".
inline void come_and_go(Gateway& gateway, Model& model, std::int64_t round) {
    const std::string group = "gone " + std::to_string(round);
    Expected& expected = model[{group, 0}];
    expected.submitted = round;
    const auto committed = gateway.commit(group, round);
    static_cast<void>(gateway.wait(committed));
    const auto removed = gateway.remove(group);
    if (gateway.wait(removed) == ErrorCode::none) expected.submitted = -1;
}

/// Rounds of commits of three groups, some waited for, some on their way together; groups that come and go; a snapshot every few of them,
/// removals, checkpoints.
inline void work(Gateway& gateway, Model& model, std::int64_t from) {
    constexpr std::int32_t partitions = 3;
    for (std::int64_t round = from; round < from + 8; ++round) {
        std::vector<std::pair<std::string, Gateway::Answer>> answers;
        for (const std::string group : {"one", "two", "three"}) {
            for (std::int32_t p = 0; p < partitions; ++p) model[{group, p}].submitted = round;
            answers.emplace_back(group, gateway.commit(group, round, partitions));
        }
        for (const auto& [group, answer] : answers) {
            if (gateway.wait(answer) != ErrorCode::none) continue;
            for (std::int32_t p = 0; p < partitions; ++p) model[{group, p}].acknowledged = round;
        }
        if (round % 4 == 1) come_and_go(gateway, model, round);
        if (round % 4 == 3) gateway.settle();
    }
}

}  // namespace tenter::broker::testing
