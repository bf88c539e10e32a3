#pragma once
// gateway/log_kafka/reader.hpp: reads records of a cluster from where it is asked to, with a cursor for each partition that runs ahead.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log_kafka/topic_table.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"
#include "tenter/kafka_client/client.hpp"

namespace tenter::log::kafka {

struct ReaderOptions {
    kafka_client::Cluster cluster;
    std::chrono::milliseconds timeout{};  ///< For one answer of the broker.
    std::vector<std::pair<std::string, std::string>> properties;
};

/// Thread safe. Its client is made at the first question: a gateway that only writes has none. Partitions are given by topics of the table,
/// which must outlive it.
class Reader {
public:
    Reader(const Clock& clock, ReaderOptions options);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader();

    [[nodiscard]] Result<StoredBatches> read(const OpenTopic& topic, PartitionId partition, Offset from, std::size_t max_bytes);
    [[nodiscard]] Result<PartitionBounds> bounds(const OpenTopic& topic, PartitionId partition);
    [[nodiscard]] Result<std::optional<TimedOffset>> offset_for_time(const OpenTopic& topic, PartitionId partition, UnixMillis time);
    /// Ends cursors that nobody has used for a while: each holds records that it read ahead, and asks the broker for more.
    void end_idle_cursors();

private:
    class BatchWriter;
    class Cursor;
    [[nodiscard]] Result<Offset> wait_for_records(Cursor& cursor, const OpenTopic& topic, Offset from, BatchWriter& writer) const;
    [[nodiscard]] Result<std::optional<TimedOffset>> timed(const OpenTopic& topic, PartitionId partition, Offset from, UnixMillis time);
    [[nodiscard]] Result<rd_kafka_s*> client();
    [[nodiscard]] Result<std::shared_ptr<Cursor>> cursor(const OpenTopic& topic, PartitionId partition);

    const Clock& clock_;
    const ReaderOptions options_;
    std::mutex mutex_;  // guards what follows, not the cursors themselves
    kafka_client::ConnectionErrors errors_;
    kafka_client::Client client_;
    std::map<TopicPartition, std::shared_ptr<Cursor>> cursors_;
};

}  // namespace tenter::log::kafka
