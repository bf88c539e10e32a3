#pragma once
// bench/baseline/unlogged.hpp: an EventLog that says "durable" at once and keeps nothing: what is left of the gateway without its log.

#include <mutex>
#include <string>
#include <vector>

#include "gateway/log/event_log.hpp"

namespace tenter::bench {

/// `append` completes before it returns, on the caller's thread. There is nothing to read.
class UnloggedEvents final : public log::EventLog {
public:
    [[nodiscard]] log::Capabilities capabilities() const noexcept override { return {}; }
    [[nodiscard]] Result<log::TopicId> ensure_topic(std::string_view name, std::int32_t partition_count) override;
    [[nodiscard]] std::vector<log::TopicInfo> topics() const override;
    [[nodiscard]] Result<log::TopicInfo> find_topic(std::string_view name) const override;
    void append(std::span<const log::NewRecord> records, log::AppendDone done) override;
    [[nodiscard]] Result<log::StoredBatches> read(log::TopicPartition at, log::Offset from, std::size_t max_bytes) const override;
    [[nodiscard]] Result<log::PartitionBounds> bounds(log::TopicPartition at) const override;
    [[nodiscard]] Result<std::optional<log::TimedOffset>> offset_for_time(log::TopicPartition at, UnixMillis time) const override;
    [[nodiscard]] Result<std::optional<log::TimedOffset>> newest(log::TopicPartition at) const override;
    [[nodiscard]] Result<void> remove_before(log::TopicPartition at, log::Offset first) override;
    [[nodiscard]] Result<std::unique_ptr<log::Subscription>> follow(log::TopicPartition at,
                                                                    std::function<void(log::Offset)> moved) override;
    [[nodiscard]] log::LogState state() const noexcept override { return log::LogState::accepting; }
    Result<void> stop() override { return {}; }

private:
    mutable std::mutex mutex_;  // topics are made before there is load
    std::vector<log::TopicInfo> topics_;
};

}  // namespace tenter::bench
