#pragma once
// gateway/log_segment/log_reader.hpp: reading a log from another process, beside a running gateway or when none runs: `tenter tail`.
//
// Takes no lock while it reads. How far it may read is what the gateway publishes in the file `watermarks`; everything below that is
// durable and never changes. When the gateway restarts, reads are `unavailable` until its recovery is complete, and then go on.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log_segment/partition_reader.hpp"
#include "gateway/log_segment/segment_log.hpp"
#include "gateway/log_segment/watermarks.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// Belongs to one thread. Ids of topics are its own and stay valid for its life.
class LogReader {
public:
    /// Beside a gateway that runs, or a log that was left in order by this start of the machine. `not_found`: there is no log;
    /// `unavailable`: a gateway is just starting, or nobody has published how far the log goes: see `open_recovering`.
    [[nodiscard]] static Result<std::unique_ptr<LogReader>> open(Env& env, const std::string& directory);
    /// If nobody runs the log, takes its lock, recovers it as a start would, and lets go of the lock; then as `open`. Never makes a log.
    /// Errors of recovery are as `SegmentLog::open` has them.
    [[nodiscard]] static Result<std::unique_ptr<LogReader>> open_recovering(Env& env, const Clock& clock, const SegmentLogOptions& options);

    /// By name. Topics that the gateway opened since appear.
    [[nodiscard]] Result<std::vector<TopicInfo>> topics();
    [[nodiscard]] Result<TopicInfo> find_topic(std::string_view name);

    /// These four as in `EventLog`.
    [[nodiscard]] Result<StoredBatches> read(TopicPartition at, Offset from, std::size_t max_bytes);
    [[nodiscard]] Result<PartitionBounds> bounds(TopicPartition at);
    [[nodiscard]] Result<std::optional<TimedOffset>> offset_for_time(TopicPartition at, UnixMillis time);
    [[nodiscard]] Result<std::optional<TimedOffset>> newest(TopicPartition at);

    /// Changes whenever anything may have been appended anywhere, or the gateway restarted: one load from memory, for polling.
    [[nodiscard]] std::uint64_t moves() const noexcept;

private:
    struct ReadPartition {
        std::unique_ptr<PartitionReader> reader;
        WatermarkSlot slot;
        bool published = false;  // by the present generation
    };
    struct ReadTopic {
        TopicId id;
        std::map<std::int32_t, ReadPartition> partitions;
    };

    LogReader(Env& env, Layout layout) : env_(env), layout_(std::move(layout)), segments_(env, max_open_files, index_interval_bytes) {}
    /// Follows restarts of the gateway and topics that it adds.
    [[nodiscard]] Result<void> refresh();
    [[nodiscard]] Result<void> map_again();
    void take_slots();
    [[nodiscard]] Result<ReadPartition*> find(TopicPartition at);
    /// Reads with limits that were valid before and after.
    template <class Value, class Read>
    [[nodiscard]] Result<Value> read_valid(TopicPartition at, Read read);

    static constexpr std::size_t max_open_files = 64;
    static constexpr std::size_t index_interval_bytes = 4096;

    Env& env_;
    const Layout layout_;
    OpenSegments segments_;
    std::unique_ptr<WatermarkReader> watermarks_;
    std::uint64_t generation_ = 0;
    std::size_t slots_taken_ = 0;
    std::map<std::string, ReadTopic, std::less<>> topics_;
    std::vector<ReadTopic*> by_id_;
};

}  // namespace tenter::log
