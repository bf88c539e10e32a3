#pragma once
// gateway/forward/session.hpp: one producer's life: look at the cluster, shut out the predecessor, find where it was, forward until
// something is in doubt. Then the next session begins in the same way.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/forward/kafka_end.hpp"
#include "gateway/forward/local_partition.hpp"
#include "gateway/forward/saved_positions.hpp"
#include "gateway/forward/shared.hpp"
#include "gateway/forward/transaction.hpp"

namespace tenter::forward {

struct ClusterFacts {
    std::vector<std::size_t> max_message_bytes;  ///< By route.
    std::string cluster_id;
};

/// Whether the cluster can take what is to be forwarded. `unavailable`: it does not answer; everything else needs a person: wrong
/// credentials or certificate (`unauthenticated`), topics that are not there (`not_found`, all named), too few partitions, or records that
/// may be too large (`invalid_input`).
[[nodiscard]] Result<ClusterFacts> look_at_cluster(const ForwarderOptions& options, const log::EventLog& log, const Stop& stop);

enum class SessionEnd : std::uint8_t { again, halted };

class Session {
public:
    explicit Session(Shared& shared);
    ~Session();

    /// Returns when asked to stop, or when a new session is needed (`again`), or none can help (`halted`; was told).
    [[nodiscard]] SessionEnd run();

private:
    struct Part {
        std::size_t track = 0;
        Piece piece;
        std::vector<const log::StoredRecord*> to_send;
        std::int64_t next = 0;  ///< After everything that is dealt with.
    };
    struct Chunk {
        std::vector<Part> parts;
        std::size_t bytes = 0;
        std::size_t records = 0;
    };

    [[nodiscard]] Result<void> connect();
    [[nodiscard]] Result<void> find_positions();
    [[nodiscard]] Result<std::int64_t> position_of(const Track& track, const KafkaEnd& end, const SavedPosition& saved);
    [[nodiscard]] SessionEnd forward_until_doubt();
    [[nodiscard]] Chunk read_chunk();
    [[nodiscard]] std::size_t share_of_one() const;
    void read_part(std::size_t index, std::size_t share, Chunk& chunk);
    /// Takes what may be sent of the part; false: it goes no further now.
    [[nodiscard]] bool choose(Part& part);
    [[nodiscard]] bool put_aside(Part& part, const log::StoredRecord& record, std::size_t size);
    void stand_still(Track& track, const std::string& why);
    [[nodiscard]] TransactionResult send(const Chunk& chunk);
    void confirm(const Chunk& chunk);
    [[nodiscard]] bool fail_chunk(const TransactionFault& fault);
    void refresh_limits();
    void save(bool now);
    [[nodiscard]] SessionEnd end_with(const TransactionFault& fault);
    [[nodiscard]] bool on_wait(const Error& error);
    [[nodiscard]] std::string place(const Track& track) const;
    void pause(std::uint32_t failures);

    Shared& shared_;
    const ForwarderOptions& options_;
    std::string log_id_;
    ClusterFacts facts_;
    Chunk sent_;  // its bytes are librdkafka's until the producer is done with them
    std::unique_ptr<TransactionalProducer> producer_;
    std::vector<TopicHandle> topics_;  // by route; go before the producer
    std::size_t first_track_ = 0;      // takes turns
    std::uint32_t failures_ = 0;
    Instant saved_at_{};
    bool unsaved_ = false;
    bool halted_ = false;
};

}  // namespace tenter::forward
