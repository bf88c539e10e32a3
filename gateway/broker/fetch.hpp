#pragma once
// gateway/broker/fetch.hpp: Fetch: whole stored batches as they are, at once or when there are enough of them.
//
//   begin --> read --enough? an error? time over?--> answer
//               ^  `--no--> waiting --the log has grown, room has come free--.
//               `-----------------------------------------------------------'
//
// Limits as in Kafka (KIP-74): batches up to the partition's and the request's max bytes, but the first batch of an answer whatever its
// size. What was read stays with the waiting fetch, so that nothing is read twice. Of several partitions another is first each time.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/broker/broker.hpp"
#include "gateway/broker/fetch_room.hpp"
#include "gateway/broker/growth.hpp"
#include "gateway/broker/positions.hpp"
#include "gateway/broker/shared_reads.hpp"
#include "gateway/broker/timers.hpp"
#include "gateway/broker/topics.hpp"
#include "gateway/kafka_protocol/messages_fetch.hpp"
#include "gateway/log/event_log.hpp"
#include "tenter/base/clock.hpp"

namespace tenter::broker {

class Fetch;

/// What all fetches share. Belongs to the broker's thread.
class Fetches {
public:
    /// The references must outlive it.
    Fetches(const Limits& limits, log::EventLog& event_log, const Clock& clock, Executor& executor, Timers& timers, Damage damage);
    Fetches(const Fetches&) = delete;
    Fetches& operator=(const Fetches&) = delete;
    /// No fetch may be left.
    ~Fetches();

    [[nodiscard]] const FetchRoom& room() const noexcept { return room_; }

private:
    friend class Fetch;

    void grown(std::span<const log::TopicPartition> partitions);
    void room_came_free();
    void serve_those_without_room();

    const Limits& limits_;
    log::EventLog& log_;
    const Clock& clock_;
    Executor& executor_;
    Timers& timers_;
    Damage damage_;
    FetchRoom room_;
    SharedReads reads_;
    std::map<std::pair<log::TopicPartition, Fetch*>, std::size_t> waiting_;  ///< With the number of the fetch's part.
    std::map<std::uint64_t, Fetch*> without_room_;                           ///< In the order in which they came.
    std::uint64_t last_number_ = 0;
    bool is_serving_soon_ = false;
    std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  ///< What was posted looks whether this still is.
    Growth growth_;
};

/// One request under way. Destroyed before its answer: there is none.
class Fetch {
public:
    using Answer = std::move_only_function<void(kafka_protocol::FetchResponse)>;

    /// `first`: with which of its partitions it begins, modulo their number. `answer` is called once, maybe before `begin` returns; bound
    /// as `Respond`. `fetches` must outlive it; `view` is used here only.
    Fetch(Fetches& fetches, const kafka_protocol::FetchRequest& request, const View& view, std::shared_ptr<FetchRoom::Account> account,
          std::size_t first, Answer answer);
    Fetch(const Fetch&) = delete;
    Fetch& operator=(const Fetch&) = delete;
    ~Fetch();

    void begin();

private:
    friend class Fetches;

    /// One partition that can be read.
    struct Part {
        std::size_t topic = 0;  ///< Where its answer is.
        std::size_t index = 0;
        log::TopicPartition at;
        log::Offset next;       ///< Where to read on.
        std::size_t limit = 0;  ///< Octets that it may still add.
        bool is_done = false;   ///< Nothing more comes from it into this answer.
        bool is_behind = true;  ///< There may be more in the log than was read.
    };

    void add(const std::string& topic, const kafka_protocol::FetchPartition& wanted, const View& view);
    void go_on();
    void read(Part& part);
    void read_up_to(Part& part, log::Offset end);
    [[nodiscard]] bool read_piece(Part& part);
    void fail_part(Part& part, const Error& error);
    void refuse(kafka_protocol::FetchPartitionResponse& told, kafka_protocol::ErrorCode error);
    [[nodiscard]] bool is_enough() const;
    /// Whether there is still nothing to be had, so that it has to wait.
    [[nodiscard]] bool wait();
    void stop_waiting();
    void finish();
    [[nodiscard]] kafka_protocol::FetchPartitionResponse& told(const Part& part) {
        return response_.responses[part.topic].partitions[part.index];
    }
    [[nodiscard]] std::size_t left() const noexcept { return size_ < max_bytes_ ? max_bytes_ - size_ : 0; }

    Fetches& fetches_;
    std::shared_ptr<FetchRoom::Account> account_;
    Answer answer_;
    kafka_protocol::FetchResponse response_;
    std::vector<Part> parts_;
    std::map<std::pair<std::string_view, std::int32_t>, std::pair<std::size_t, std::size_t>>
        places_;  ///< In the response; while it is built.
    std::size_t first_;
    std::size_t min_bytes_;
    bool reads_committed_;
    std::size_t max_bytes_;
    std::chrono::milliseconds max_wait_;
    std::size_t size_ = 0;  ///< Octets that were read.
    bool has_error_ = false;
    bool lacks_room_ = false;
    bool is_registered_ = false;
    std::uint64_t number_ = 0;  ///< Among those without room; 0: it is not.
    Timers::Id timer_{};
};

}  // namespace tenter::broker
