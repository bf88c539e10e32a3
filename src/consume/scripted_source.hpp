#pragma once
// src/consume/scripted_source.hpp: records from memory, and what happens between them.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "src/consume/engine.hpp"
#include "src/consume/record_source.hpp"
#include "src/consume/waker.hpp"
#include "tenter/consume/scripted_consumer.hpp"

namespace tenter::consume {

/// Time that passes only when there is nothing else to do: then it jumps to what is waited for.
class ScriptedTime final : public EngineTime {
public:
    [[nodiscard]] Instant now() override;
    void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock, Instant until) override;
    void skip_to(Instant until) override;
    /// To the earliest time that a worker waits for.
    void pass();

private:
    std::mutex mutex_;
    std::optional<Instant> wanted_;
    Instant now_ = Instant(std::chrono::hours(1));
};

struct Rebalance {};
struct Redelivery {};
struct Failure {
    Error error;
};
struct Connection {
    Notice notice;
};
using Step = std::variant<ScriptedRecord, Rebalance, Redelivery, Failure, Connection>;

/// What outlives a run: the broker, so to speak.
struct Script {
    using Id = std::pair<std::string, std::int32_t>;
    struct Log {
        std::vector<std::shared_ptr<const ScriptedRecord>> records;
        std::optional<std::int64_t> committed;
        std::size_t position = 0;

        void go_back();  ///< To what is committed.
    };

    std::deque<Step> steps;
    std::map<Id, Log> logs;
    std::map<Id, std::int64_t> next_offsets;  ///< Of records to be added.
    std::vector<DeadLettered> dead_letters;
    std::size_t refused_commits = 0;

    /// Gives the record its offset. Throws Exception for one that does not grow.
    void add(ScriptedRecord record);
};

class ScriptedSource final : public RecordSource {
public:
    ScriptedSource(Script& script, ScriptedTime& time) : script_(script), time_(time) {}

    [[nodiscard]] Result<void> start(SourceListener& listener, const std::function<bool()>& stop) override;
    void poll(std::chrono::milliseconds timeout, bool idle) override;
    void wake() noexcept override { waker_.wake(); }
    void commit_later(const std::vector<OffsetToCommit>& offsets) override;
    [[nodiscard]] Result<void> commit_now(const std::vector<OffsetToCommit>& offsets, std::chrono::milliseconds timeout) override;
    [[nodiscard]] Result<void> dead_letter(const DeadLetter& letter, const std::function<bool()>& stop) override;
    void stop(std::chrono::milliseconds timeout) override;

private:
    [[nodiscard]] bool all_taken() const;
    [[nodiscard]] bool take_step(bool idle);
    void assign_all();
    void revoke_all(bool lost);
    [[nodiscard]] Result<void> commit(const std::vector<OffsetToCommit>& offsets);

    Script& script_;
    ScriptedTime& time_;
    SourceListener* listener_ = nullptr;
    Waker waker_;
    std::mutex dead_letters_mutex_;
    std::optional<Result<void>> ended_commit_;
    bool is_exhausted_ = false;
};

}  // namespace tenter::consume
