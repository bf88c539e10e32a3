// The workers' half of the engine.
#include <algorithm>
#include <utility>

#include "src/consume/engine.hpp"
#include "tenter/base/exception.hpp"
#include "tenter/envelope/envelope.hpp"
#include "tenter/event/json.hpp"

namespace tenter::consume {
namespace {

constexpr std::chrono::milliseconds dead_letter_pause{1000};

std::string reason_of(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
        return exception.what();
    } catch (...) {
        return "the callback threw something that is no std::exception";
    }
}

RecordPlace place_of(const LaneBatch& batch, std::int64_t offset) {
    return {.topic = batch.partition->id.topic, .partition = batch.partition->id.partition, .offset = offset};
}

/// Whether the payload is what its encoding says.
Result<void> check_payload(const envelope::Envelope& envelope) {
    if (envelope.encoding == Encoding::json) return event::check_json(envelope.payload);
    if (envelope::is_well_formed_cbor(envelope.payload)) return {};
    return fail(Errc::invalid_input, "the payload is not one well-formed CBOR item");
}

}  // namespace

void Engine::work(Lane& lane) {
    Lock lock(mutex_);
    work_until_stopped(lane, lock);
    --busy_workers_;
    settled_.notify_all();
    lock.unlock();
    source_.wake();
}

void Engine::work_until_stopped(Lane& lane, Lock& lock) {
    while (true) {
        std::optional<Instant> earliest;
        const auto place = next_slot(lane, earliest);
        if (!place) {
            if (stopping()) return;
            if (earliest) {
                time_.wait_until(lane.ready, lock, *earliest);
            } else {
                lane.ready.wait(lock);
            }
            continue;
        }
        auto batch = lane.slots[*place].batches.front();
        ++batch->partition->in_flight;
        batch->is_begun = true;
        lock.unlock();
        Handled handled{.outcome = Outcome::failed};
        std::exception_ptr thrown;
        try {
            handled = handle(*batch);
        } catch (...) {
            thrown = std::current_exception();
        }
        lock.lock();
        settle(lane, batch, handled);  // first, since how far this partition may be drained depends on what has failed
        if (handled.outcome == Outcome::done) {
            lock.unlock();
            batch.reset();  // frees its records, which takes its time, so without the mutex
            lock.lock();
        }
        if (!thrown) continue;
        if (!thrown_) thrown_ = std::move(thrown);
        begin_stop_locked();
        source_.wake();
    }
}

std::optional<std::size_t> Engine::next_slot(Lane& lane, std::optional<Instant>& earliest) {
    const auto count = lane.slots.size();
    std::optional<Instant> now;
    const auto may_begin = [](const Lane::Slot& slot) {
        return !slot.batches.empty() && slot.batches.front()->first_undone.load() < slot.partition->begin_below.load();
    };
    if (is_revoking_.load()) {
        const auto urgent = std::ranges::find_if(lane.slots, [&](auto& slot) { return slot.partition->is_draining() && may_begin(slot); });
        if (urgent != lane.slots.end()) return static_cast<std::size_t>(urgent - lane.slots.begin());
        if (must_wait_for_commit()) return std::nullopt;
    }
    for (std::size_t step = 0; step < count; ++step) {
        const auto place = (lane.cursor + step) % count;
        auto& slot = lane.slots[place];
        if (!may_begin(slot)) continue;
        if (slot.not_before) {
            if (!now) now = time_.now();
            if (*now < *slot.not_before) {
                if (!earliest || *slot.not_before < *earliest) earliest = slot.not_before;
                continue;
            }
            slot.not_before.reset();
        }
        lane.cursor = place + 1;
        return place;
    }
    return std::nullopt;
}

void Engine::settle(Lane& lane, const std::shared_ptr<LaneBatch>& batch, const Handled& handled) {
    auto& partition = *batch->partition;
    --partition.in_flight;
    settled_.notify_all();
    if (partition.revoked) return;  // its slot is gone
    if (handled.outcome == Outcome::failed || (handled.outcome == Outcome::blocked && partition.is_draining()))
        return partition.lower(batch->first_undone.load());
    auto& slot = lane.slot_of(batch->partition);
    if (handled.outcome == Outcome::blocked) slot.not_before = time_.now() + handled.delay;
    if (handled.outcome != Outcome::done) return;
    partition.settled_end = std::max(partition.settled_end, batch->last + 1);
    slot.batches.pop_front();
    std::erase(partition.outstanding, batch);
    partition.buffered -= batch->count;
    partition.buffered_bytes -= batch->bytes;
    source_.wake();
}

Engine::Handled Engine::handle(LaneBatch& batch) {
    while (batch.next < batch.count) {
        if (!stopping() && stop_()) begin_stop();
        if (batch.first_undone.load() >= batch.partition->begin_below.load()) return {.outcome = Outcome::interrupted};
        const auto handled = handle_next(batch);
        if (handled.outcome != Outcome::done) return handled;
        passed(batch);
        if (is_revoking_.load() && batch.next < batch.count && !batch.partition->is_draining()) return {.outcome = Outcome::interrupted};
    }
    return {.outcome = Outcome::done};
}

/// The record that was next is processed.
void Engine::passed(LaneBatch& batch) {
    batch.failures = 0;
    ++batch.next;
    const auto undone = batch.next < batch.count ? batch.records->record(batch.index(batch.next)).offset : all_done;
    batch.first_undone.store(undone);
    const auto handled = handled_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (!commits_) return;
    if (!options_.commit.every_event) {
        const auto open = handled - safe_.load(std::memory_order_relaxed);
        if (open < options_.commit.max_events) return;
        if (!commit_wanted_.exchange(true)) source_.wake();
    }
    if (must_wait_for_commit()) wait_for_commit(batch);
}

bool Engine::must_wait_for_commit() const noexcept {
    if (!commits_ || options_.commit.every_event) return commits_;
    return handled_.load() - safe_.load() >= std::uint64_t{2} * options_.commit.max_events;
}

/// Until what is processed is committed far enough that more may be processed. A partition that is drained is committed at its end.
void Engine::wait_for_commit(LaneBatch& batch) {
    const auto& partition = *batch.partition;
    Lock lock(mutex_);
    const auto goal = options_.commit.every_event ? partition.processed() : 0;
    const auto enough = [&] {
        if (stopping() || is_revoking_.load() || partition.is_draining()) return true;
        if (options_.commit.every_event) return partition.committed >= goal;
        return !must_wait_for_commit();
    };
    while (!enough()) {
        commit_wanted_.store(true);
        source_.wake();
        settled_.wait(lock);
    }
}

Engine::Handled Engine::handle_next(LaneBatch& batch) {
    const auto index = batch.index(batch.next);
    if (batch.given_up) return send_dead_letter(batch);
    const auto record = batch.records->record(index);
    const RecordHeaders headers(*batch.records, index);
    const auto kind = envelope::classify(headers.find(envelope::header_name));
    if (!kind) return decide(batch, record, FormatError(place_of(batch, record.offset), kind.error()));
    if (*kind == envelope::EnvelopeKind::system) {
        if (options_.on_system)
            options_.on_system({.place = place_of(batch, record.offset),
                                .key = record.key,
                                .value = record.value,
                                .timestamp = record.timestamp,
                                .headers = headers});
        return {};
    }
    if (!record.value) {
        const Error no_value{Errc::invalid_input, "the record has no value"};
        return decide(batch, record, EnvelopeDecodeError(place_of(batch, record.offset), no_value));
    }
    const auto decoded = envelope::decode(*record.value);
    if (!decoded) return decide(batch, record, EnvelopeDecodeError(place_of(batch, record.offset), decoded.error()));
    if (options_.check_payload) {
        if (auto checked = check_payload(*decoded); !checked)
            return decide(batch, record, PayloadDecodeError(place_of(batch, record.offset), std::move(checked.error())));
    }
    const WebhookEvent event{.method = decoded->method,
                             .timestamp = record.timestamp,
                             .headers = Headers(decoded->headers),
                             .encoding = decoded->encoding,
                             .payload_bytes = decoded->payload,
                             .key = record.key,
                             .topic = batch.partition->id.topic,
                             .partition = batch.partition->id.partition,
                             .offset = record.offset,
                             .record_headers = headers,
                             .raw = *record.value,
                             .attempt = batch.failures};
    return call_back(batch, event);
}

Engine::Handled Engine::call_back(LaneBatch& batch, const WebhookEvent& event) {
    const auto record = [&] { return batch.records->record(batch.index(batch.next)); };
    std::exception_ptr thrown;
    try {
        callback_(event);
        return {};
    } catch (const StopConsuming&) {
        begin_stop();
        return {.outcome = Outcome::failed};
    } catch (const PayloadDecodeError& error) {
        if (options_.on_undecodable && error.place() == event.place()) return decide(batch, record(), error);
        thrown = std::current_exception();
    } catch (...) {
        thrown = std::current_exception();
    }
    return after_failure(batch, record(), thrown);
}

Engine::Handled Engine::decide(LaneBatch& batch, const Record& record, const DecodeError& error) {
    auto decision = Undecodable::stop;
    if (options_.on_undecodable) {
        const RecordHeaders headers(*batch.records, batch.index(batch.next));
        decision = options_.on_undecodable(
            {.error = error, .key = record.key, .value = record.value, .timestamp = record.timestamp, .headers = headers});
    }
    switch (decision) {
        case Undecodable::stop: break;
        case Undecodable::skip: tell({.kind = Notice::Kind::skipped, .message = error.what(), .place = error.place()}); return {};
        case Undecodable::dead_letter: batch.given_up = error.what(); return send_dead_letter(batch);
    }
    if (const auto* format = dynamic_cast<const FormatError*>(&error)) throw FormatError(*format);
    if (const auto* envelope = dynamic_cast<const EnvelopeDecodeError*>(&error)) throw EnvelopeDecodeError(*envelope);
    throw PayloadDecodeError(dynamic_cast<const PayloadDecodeError&>(error));
}

Engine::Handled Engine::after_failure(LaneBatch& batch, const Record& record, const std::exception_ptr& thrown) {
    if (!retry_) std::rethrow_exception(thrown);
    if (stopping() || stop_() || batch.partition->is_draining()) return {.outcome = Outcome::failed};
    if (retry_->should_retry(batch.failures)) {
        const auto delay = retry_->delay(batch.failures++, random_);
        tell({.kind = Notice::Kind::retrying, .message = reason_of(thrown), .place = place_of(batch, record.offset), .delay = delay});
        return {.outcome = Outcome::blocked, .delay = delay};
    }
    if (!options_.dead_letter_topic) std::rethrow_exception(thrown);
    batch.given_up = reason_of(thrown);
    return send_dead_letter(batch);
}

Engine::Handled Engine::send_dead_letter(LaneBatch& batch) {
    const auto index = batch.index(batch.next);
    const auto place = place_of(batch, batch.records->record(index).offset);
    const auto stop = [&] { return place.offset >= batch.partition->begin_below.load(); };  // it could not be committed
    auto sent =
        source_.dead_letter({.batch = *batch.records, .index = index, .from = batch.partition->id, .reason = *batch.given_up}, stop);
    if (sent) {
        tell({.kind = Notice::Kind::dead_lettered, .message = std::move(*batch.given_up), .place = place});
        batch.given_up.reset();
        return {};
    }
    if (stop()) return {.outcome = Outcome::failed};
    auto error = std::move(sent.error()).within(to_string(place));
    if (error.code != Errc::unavailable && error.code != Errc::overloaded) throw Exception(std::move(error));
    tell({.kind = Notice::Kind::error, .message = std::move(error.message), .place = place});
    return {.outcome = Outcome::blocked, .delay = dead_letter_pause};
}

}  // namespace tenter::consume
