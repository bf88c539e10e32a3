#pragma once
// gateway/broker/topics.hpp: what topics are called on the wire, and who sees which.
//
//   wire    incoming.shop.<source>      __offsets            sources of the log with `topic_prefix` in front; internal topics as they are
//   seen by its consumers, operator     operator only
//
// A topic that somebody may not see does not exist for them, whatever they ask.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/consumers/consumer.hpp"
#include "gateway/log/event_log.hpp"

namespace tenter::broker {

/// The log's topics by name; what was found once is not asked for again. Belongs to one thread.
class Topics {
public:
    /// `event_log` must outlive it.
    Topics(const log::EventLog& event_log, std::string prefix) : log_(event_log), prefix_(std::move(prefix)) {}
    Topics(const Topics&) = delete;
    Topics& operator=(const Topics&) = delete;

    /// By its name in the log; null if there is none. Valid for the life of this.
    [[nodiscard]] const log::TopicInfo* find(std::string_view source);
    /// The same, asked anew: a topic may get more partitions.
    [[nodiscard]] const log::TopicInfo* refresh(std::string_view source);
    /// Names of all topics, sorted.
    [[nodiscard]] std::vector<std::string> names() const;

    [[nodiscard]] std::string wire_name(std::string_view source) const;
    /// The name in the log; nothing if the prefix is missing.
    [[nodiscard]] std::optional<std::string_view> source_of(std::string_view wire_name) const noexcept;

    [[nodiscard]] static bool is_internal(std::string_view source) noexcept { return source.starts_with("__"); }

private:
    const log::EventLog& log_;
    std::string prefix_;
    std::map<std::string, log::TopicInfo, std::less<>> known_;
};

/// What one client sees of the topics. Borrows both for its life.
class View {
public:
    View(Topics& topics, const consumers::Consumer& consumer) : topics_(topics), consumer_(&consumer) {}
    /// The operator's.
    [[nodiscard]] static View of_everything(Topics& topics) { return View(topics); }

    /// The topic, if it is there and may be seen.
    [[nodiscard]] const log::TopicInfo* find(std::string_view wire_name) const;
    /// The partition, if it is there and may be seen.
    [[nodiscard]] std::optional<log::TopicPartition> find(std::string_view wire_name, std::int32_t partition) const;
    /// The partition of a topic that `find` found; if need be the log is asked again.
    [[nodiscard]] std::optional<log::TopicPartition> partition(const log::TopicInfo& topic, std::int32_t number) const;
    /// All that may be seen, as now in the log, sorted by name.
    [[nodiscard]] std::vector<const log::TopicInfo*> all() const;
    [[nodiscard]] bool may_see(std::string_view source) const noexcept;
    [[nodiscard]] Topics& topics() const noexcept { return topics_; }

private:
    explicit View(Topics& topics) : topics_(topics), consumer_(nullptr) {}

    Topics& topics_;
    const consumers::Consumer* consumer_;  ///< Null: everything is seen.
};

}  // namespace tenter::broker
