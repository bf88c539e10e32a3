#pragma once
// gateway/broker/offsets_topic.hpp: where the offsets of consumer groups become durable: the topic `__offsets` of the same log, so that a
// commit of offsets shares its fdatasync with the events of that moment.
//
//   start       every record, oldest first -> Coordinator::replay
//   store       one append, all or nothing -> done, in the order of the calls, on the broker's thread
//   compaction  when what was stored since the last snapshot is several times its size: the whole state again, as records behind all
//               others; once these are durable, everything before them is removed
//
//   | old ... | snapshot, in one append or several | stored since ... |        a crash before the removal: all of it is replayed, the last
//             ^ the log's start, once the whole snapshot is durable             record of a key counts; after it: the snapshot and the rest
//
// A snapshot that is not complete is never what the log begins with, and nothing of it is older than what it stands behind.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/broker/executor.hpp"
#include "gateway/groups/coordinator.hpp"
#include "gateway/groups/records.hpp"
#include "gateway/log/event_log.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"

namespace tenter::broker {

struct OffsetsTopicOptions {
    std::string topic = "__offsets";          ///< With one partition.
    std::size_t snapshot_at_least = 1 << 20;  ///< Bytes of records that are stored before a snapshot is worth it,
    std::size_t snapshot_factor = 4;          ///< and how many times the last snapshot they must be.
    std::size_t append_bytes = 1 << 20;       ///< Of a snapshot, in one append; one larger record alone.
};

/// Belongs to the broker's thread; may be destroyed on another while nothing else calls it.
class OffsetsTopic final : public groups::OffsetStore {
public:
    /// `unsupported` if the log cannot remove records or is not atomic. A SegmentLog must be recovered (`is_recovered`), else offsets that
    /// were acknowledged are not there yet. The log must outlive the topic, and have stopped before `executor` or `clock` end;
    /// `notice` is for the operator, and called on the broker's thread.
    [[nodiscard]] static Result<std::unique_ptr<OffsetsTopic>> open(OffsetsTopicOptions options, log::EventLog& event_log,
                                                                    Executor& executor, const Clock& clock,
                                                                    std::function<void(std::string_view)> notice);
    OffsetsTopic(const OffsetsTopic&) = delete;
    OffsetsTopic& operator=(const OffsetsTopic&) = delete;
    /// What is still to be completed is not called any more.
    ~OffsetsTopic() override;

    /// Gives every record to `take`, oldest first, before anything is stored. Fails as `take` does; `corrupt` names the offset.
    [[nodiscard]] Result<void> replay(const std::function<Result<void>(const groups::StoredRecord&)>& take);
    /// From here on snapshots are made; `snapshot` is called on the broker's thread, never within a call of `store`. What it gives must
    /// stand for all that was stored before.
    void start_snapshots(std::function<std::vector<groups::StoredRecord>()> snapshot);
    /// `snapshot` is not called any more.
    void stop_snapshots();

    void store(std::vector<groups::StoredRecord> records, Done done) override;

private:
    struct Core;
    OffsetsTopic(std::shared_ptr<Core> core, std::unique_ptr<log::Subscription> growth);
    const std::shared_ptr<Core> core_;
    std::unique_ptr<log::Subscription> growth_;
};

}  // namespace tenter::broker
