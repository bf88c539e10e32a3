#include "src/consume/scripted_source.hpp"

#include <algorithm>

#include "tenter/base/exception.hpp"

namespace tenter::consume {
namespace {

constexpr std::chrono::milliseconds look_again{1};

class ScriptedBatch final : public RecordBatch {
public:
    explicit ScriptedBatch(std::vector<std::shared_ptr<const ScriptedRecord>> records) : records_(std::move(records)) {}

    [[nodiscard]] std::size_t size() const noexcept override { return records_.size(); }
    [[nodiscard]] Record record(std::size_t index) const override {
        const auto& record = *records_[index];
        return {.offset = *record.offset, .timestamp = record.timestamp, .key = record.key, .value = record.value};
    }
    [[nodiscard]] std::optional<RecordHeaders::Entry> header(std::size_t index, std::size_t number) const override {
        const auto& headers = records_[index]->headers;
        if (number >= headers.size()) return std::nullopt;
        return RecordHeaders::Entry{.name = headers[number].first, .value = headers[number].second};
    }

private:
    const std::vector<std::shared_ptr<const ScriptedRecord>> records_;
};

class ScriptedPartition final : public SourcePartition {
public:
    explicit ScriptedPartition(Script::Log& log) : log_(log) {}

    [[nodiscard]] Taken take(std::size_t max) override {
        const auto count = std::min(max, log_.records.size() - log_.position);
        if (count == 0) return {.records = nullptr, .at_end = true};
        const auto begin = log_.records.begin() + static_cast<std::ptrdiff_t>(log_.position);
        std::vector<std::shared_ptr<const ScriptedRecord>> taken(begin, begin + static_cast<std::ptrdiff_t>(count));
        log_.position += count;
        return {.records = std::make_shared<ScriptedBatch>(std::move(taken)), .at_end = log_.position == log_.records.size()};
    }
    [[nodiscard]] std::optional<std::int64_t> end() const override { return log_.records.empty() ? 0 : *log_.records.back()->offset + 1; }

private:
    Script::Log& log_;
};

}  // namespace

Instant ScriptedTime::now() {
    const std::scoped_lock lock(mutex_);
    return now_;
}

void ScriptedTime::wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock, Instant until) {
    {
        const std::scoped_lock own(mutex_);
        if (!wanted_ || until < *wanted_) wanted_ = until;
    }
    condition.wait_for(lock, look_again);
}

void ScriptedTime::pass() {
    const std::scoped_lock lock(mutex_);
    if (wanted_) now_ = std::max(now_, *wanted_);
    wanted_.reset();
}

void ScriptedTime::skip_to(Instant until) {
    const std::scoped_lock lock(mutex_);
    now_ = std::max(now_, until);
}

void Script::Log::go_back() {
    const auto first = committed.value_or(0);
    const auto found = std::ranges::lower_bound(records, first, {}, [](const auto& record) { return *record->offset; });
    position = static_cast<std::size_t>(found - records.begin());
}

void Script::add(ScriptedRecord record) {
    auto& next = next_offsets[{record.topic, record.partition}];
    if (!record.offset) record.offset = next;
    if (*record.offset < next)
        throw Exception(Error{Errc::invalid_input, record.topic + " partition " + std::to_string(record.partition) + ": offset " +
                                                       std::to_string(*record.offset) + " is not above the one before"});
    next = *record.offset + 1;
    steps.emplace_back(std::move(record));
}

Result<void> ScriptedSource::start(SourceListener& listener, const std::function<bool()>&) {
    listener_ = &listener;
    for (const auto& step : script_.steps)
        if (const auto* record = std::get_if<ScriptedRecord>(&step)) script_.logs.try_emplace({record->topic, record->partition});
    assign_all();
    return {};
}

void ScriptedSource::assign_all() {
    std::vector<AssignedPartition> assigned;
    for (auto& [id, log] : script_.logs) {
        log.go_back();
        assigned.push_back({.id = {.topic = id.first, .partition = id.second}, .source = std::make_shared<ScriptedPartition>(log)});
    }
    listener_->on_assigned(std::move(assigned));
}

void ScriptedSource::revoke_all(bool lost) {
    std::vector<Notice::Partition> revoked;
    for (const auto& [id, log] : script_.logs) revoked.push_back({.topic = id.first, .partition = id.second});
    listener_->on_revoked(revoked, lost);
}

bool ScriptedSource::all_taken() const {
    return std::ranges::all_of(script_.logs, [](const auto& entry) { return entry.second.position == entry.second.records.size(); });
}

/// Whether a step was taken. All but records wait until the records before them have been.
bool ScriptedSource::take_step(bool idle) {
    auto& steps = script_.steps;
    if (steps.empty()) return false;
    if (auto* const record = std::get_if<ScriptedRecord>(&steps.front())) {
        auto shared = std::make_shared<const ScriptedRecord>(std::move(*record));
        script_.logs.at({shared->topic, shared->partition}).records.push_back(std::move(shared));
        steps.pop_front();
        return true;
    }
    const bool is_rebalance = std::holds_alternative<Rebalance>(steps.front());
    if (!all_taken() || (!idle && !is_rebalance)) return false;
    const auto step = std::move(steps.front());
    steps.pop_front();
    if (const auto* failure = std::get_if<Failure>(&step)) {
        listener_->on_failed(failure->error);
    } else if (const auto* connection = std::get_if<Connection>(&step)) {
        listener_->on_notice(connection->notice);
    } else {
        revoke_all(!is_rebalance);
        assign_all();
    }
    return !is_rebalance && std::get_if<Failure>(&step) == nullptr && std::get_if<Redelivery>(&step) == nullptr;
}

void ScriptedSource::poll(std::chrono::milliseconds timeout, bool idle) {
    if (ended_commit_) {
        auto result = std::move(*ended_commit_);
        ended_commit_.reset();
        return listener_->on_committed(std::move(result));
    }
    const auto before = script_.steps.size();
    while (take_step(idle)) {
    }
    if (script_.steps.size() != before || is_exhausted_) return;
    if (script_.steps.empty() && idle && all_taken()) {
        is_exhausted_ = true;
        return listener_->on_exhausted();
    }
    if (timeout.count() > 0) time_.pass();  // the engine has taken all that it wants
    waker_.wait(std::min(timeout, look_again));
}

Result<void> ScriptedSource::commit(const std::vector<OffsetToCommit>& offsets) {
    if (script_.refused_commits > 0) {
        --script_.refused_commits;
        return fail(Errc::unavailable, "commit: refused by the script");
    }
    for (const auto& offset : offsets) script_.logs.at({offset.id.topic, offset.id.partition}).committed = offset.offset;
    return {};
}

void ScriptedSource::commit_later(const std::vector<OffsetToCommit>& offsets) { ended_commit_ = commit(offsets); }

Result<void> ScriptedSource::commit_now(const std::vector<OffsetToCommit>& offsets, std::chrono::milliseconds) {
    if (ended_commit_) {
        auto result = std::move(*ended_commit_);
        ended_commit_.reset();
        listener_->on_committed(std::move(result));
    }
    return commit(offsets);
}

Result<void> ScriptedSource::dead_letter(const DeadLetter& letter, const std::function<bool()>&) {
    const std::scoped_lock lock(dead_letters_mutex_);
    script_.dead_letters.push_back(
        {.place = {.topic = letter.from.topic, .partition = letter.from.partition, .offset = letter.batch.record(letter.index).offset},
         .reason = std::string(letter.reason)});
    return {};
}

void ScriptedSource::stop(std::chrono::milliseconds) {}

}  // namespace tenter::consume
