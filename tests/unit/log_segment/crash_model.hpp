#pragma once
// tests/unit/log_segment/crash_model.hpp: what a log must show after any crash, compared with what it does show.
//
// Every record that is appended carries a value of its own. The model knows, of each append, where its records were acknowledged, or that
// the outcome is unknown. After a restart: acknowledged records are at their place, unaltered; appends of unknown outcome are there as a
// whole, once, or not at all; nothing else is there. What was seen once must stay; what was not there must not come back. Records that were
// removed may come back only while no checkpoint had their partition's new start; from that start on none may be missing.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/unit/log_segment/log_testing.hpp"

namespace tenter::log::testing {

class CrashModel {
public:
    /// One append: its records by topic name and partition; offsets when they are known.
    struct Record {
        std::string topic;
        std::int32_t partition = 0;
        std::string value;
        std::int64_t offset = -1;
    };
    struct Append {
        std::mutex mutex;
        std::vector<Record> records;
        bool must_be_there = false;
        bool may_be_there = true;
    };

    /// Sends records; the outcome goes into the model when it is known. All of `topics` must be open in `log`.
    void append(EventLog& log, std::vector<Record> records, std::int64_t timestamp_ms) {
        auto entry = std::make_shared<Append>();
        entry->records = std::move(records);
        appends_.push_back(entry);
        std::vector<NewRecord> to_send;
        for (const auto& record : entry->records) {
            const auto topic = log.find_topic(record.topic);
            ASSERT_TRUE(topic) << topic.error().message;
            to_send.push_back({topic->id, PartitionId{record.partition}, std::nullopt, record.value, {}, at_ms(timestamp_ms)});
        }
        log.append(to_send, [entry](AppendResult result) {
            const std::lock_guard lock(entry->mutex);
            if (!result) {
                // `unavailable` says that the outcome is unknown; every other refusal that nothing was appended.
                entry->may_be_there = result.error().code == Errc::unavailable;
                return;
            }
            entry->must_be_there = true;
            for (std::size_t i = 0; i < result->size(); ++i) entry->records[i].offset = (*result)[i].offset.value;
        });
    }

    /// Records that must be there, appended by other means.
    void expect(std::vector<Record> records) {
        auto entry = std::make_shared<Append>();
        entry->records = std::move(records);
        entry->must_be_there = true;
        appends_.push_back(std::move(entry));
    }

    /// Removes records; what is below may be missing from now on.
    void remove_before(EventLog& log, const std::string& topic, std::int32_t partition, Offset first) {
        const auto found = log.find_topic(topic);
        ASSERT_TRUE(found) << found.error().message;
        if (!log.remove_before({found->id, PartitionId{partition}}, first)) return;
        std::int64_t& asked = starts_[place(topic, partition)].asked;
        asked = std::max(asked, first.value);
    }
    /// Checkpoints; if that is done, what was removed before stays removed.
    bool checkpoint(SegmentLog& log) {
        auto starts = starts_;
        if (!log.checkpoint()) return false;
        for (auto& [name, start] : starts) starts_[name].durable = start.asked;
        return true;
    }

    [[nodiscard]] std::size_t acknowledged() const {
        std::size_t count = removed_;
        for (const auto& append : appends_) {
            const std::lock_guard lock(append->mutex);
            count += append->must_be_there ? 1 : 0;
        }
        return count;
    }

    /// Compares, and learns the outcome of what was unknown. The first difference, or nothing. No append may be under way.
    [[nodiscard]] std::string compare(EventLog& log) {
        std::map<std::string, std::pair<std::string, std::int64_t>> shown;  // value -> where
        for (const auto& topic : log.topics()) {
            for (std::int32_t p = 0; p < topic.partition_count; ++p) {
                if (auto fault = read_all(log, topic, p, shown); !fault.empty()) return fault;
            }
        }
        for (const auto& append : appends_) {
            if (auto fault = compare_append(*append, shown); !fault.empty()) return fault;
        }
        removed_ += std::erase_if(appends_, [](const auto& append) { return append->records.empty(); });
        return shown.empty() ? "" : "a record is there that nobody appended, or twice: " + shown.begin()->second.first;
    }

private:
    struct Start {
        std::int64_t asked = 0;    ///< Nothing below need be there.
        std::int64_t durable = 0;  ///< Nothing below may be there.
    };

    static std::string place(const std::string& topic, std::int32_t partition) { return topic + "/" + std::to_string(partition); }

    std::string read_all(EventLog& log, const TopicInfo& topic, std::int32_t partition,
                         std::map<std::string, std::pair<std::string, std::int64_t>>& shown) {
        const TopicPartition at{topic.id, PartitionId{partition}};
        const std::string name = place(topic.name, partition);
        const auto bounds = log.bounds(at);
        if (!bounds) return name + ": " + bounds.error().message;
        Start& start = starts_[name];
        const std::string first = std::to_string(bounds->first.value);
        if (bounds->first.value > start.asked) return name + ": begins at " + first + ", which nobody asked for";
        if (bounds->first.value < start.durable) return name + ": begins at " + first + " again, though it was removed for good";
        start = {bounds->first.value, bounds->first.value};
        for (std::int64_t next = bounds->first.value; next < bounds->next.value;) {
            const auto batches = log.read(at, Offset{next}, 2000);
            if (!batches) return name + ": " + batches.error().message;
            const auto records = decode_batches(batches->bytes);
            if (!records) return name + ": " + records.error().message;
            if (records->empty()) return name + ": nothing at offset " + std::to_string(next);
            for (const auto& record : *records) {
                if (record.offset < bounds->first) continue;  // the start is within a batch
                if (record.offset.value != next) return name + ": a gap at offset " + std::to_string(next);
                if (!shown.emplace(*record.value, std::pair(name, next)).second)
                    return name + ": offset " + std::to_string(next) + " is there twice";
                ++next;
            }
        }
        return "";
    }

    std::string compare_append(Append& append, std::map<std::string, std::pair<std::string, std::int64_t>>& shown) {
        const std::lock_guard lock(append.mutex);
        std::erase_if(append.records, [&](const Record& record) {
            return record.offset >= 0 && record.offset < starts_[place(record.topic, record.partition)].asked;
        });
        if (append.records.empty()) return "";
        std::size_t there = 0;
        for (auto& record : append.records) {
            const auto found = shown.find(record.value);
            if (found == shown.end()) continue;
            const auto [name, offset] = found->second;
            if (name != place(record.topic, record.partition)) return name + ": a record of " + record.topic;
            if (record.offset >= 0 && record.offset != offset) return name + ": a record moved to offset " + std::to_string(offset);
            record.offset = offset;
            shown.erase(found);
            ++there;
        }
        const std::string what = append.records[0].topic + ", \"" + append.records[0].value.substr(0, 12) + "\": ";
        if (append.must_be_there && there != append.records.size()) return what + "acknowledged and lost";
        if (there != 0 && there != append.records.size()) return what + "there in part";
        if (there != 0 && !append.may_be_there) return what + "was refused, or not there before, and is there now";
        append.must_be_there = there != 0;
        append.may_be_there = there != 0;
        return "";
    }

    std::vector<std::shared_ptr<Append>> appends_;
    std::map<std::string, Start> starts_;  // by place
    std::size_t removed_ = 0;              // appends of which nothing is left
};

}  // namespace tenter::log::testing
