#include "gateway/broker/fetch.hpp"

#include <algorithm>

namespace tenter::broker {

using kafka_protocol::ErrorCode;
using kafka_protocol::FetchPartition;
using kafka_protocol::FetchPartitionResponse;
using kafka_protocol::FetchRequest;

namespace {

constexpr std::int64_t unknown = -1;
/// Most who read are at the end, where little is to be had: the log takes memory for as much as it is asked for.
constexpr std::size_t first_read = 64 << 10;
/// Who finds no room waits at least so long, so that it does not ask again at once.
constexpr std::chrono::milliseconds least_wait_for_room{100};

std::size_t as_size(std::int32_t number) { return number > 0 ? static_cast<std::size_t>(number) : 0; }

}  // namespace

Fetch::Fetch(Fetches& fetches, const FetchRequest& request, const View& view, std::shared_ptr<FetchRoom::Account> account,
             std::size_t first, Answer answer)
    : fetches_(fetches),
      account_(std::move(account)),
      answer_(std::move(answer)),
      first_(first),
      reads_committed_(request.isolation_level == 1),
      max_bytes_(std::min(as_size(request.max_bytes), fetches.limits_.fetch_answer_bytes)),
      max_wait_(
          std::min<std::chrono::milliseconds>(std::chrono::milliseconds(std::max(request.max_wait_ms, 0)), fetches.limits_.max_wait)) {
    min_bytes_ = std::min(as_size(request.min_bytes), std::max<std::size_t>(max_bytes_, 1));
    for (const auto& topic : request.topics)
        for (const auto& partition : topic.partitions) add(topic.topic, partition, view);
    places_.clear();
}

Fetch::~Fetch() { stop_waiting(); }

/// Who names a partition twice means the last, as in Kafka.
void Fetch::add(const std::string& topic, const FetchPartition& wanted, const View& view) {
    auto& responses = response_.responses;
    const auto known = places_.find({topic, wanted.partition});
    std::pair<std::size_t, std::size_t> place;
    if (known != places_.end()) {
        place = known->second;
        std::erase_if(parts_, [&](const Part& part) { return std::pair(part.topic, part.index) == place; });
    } else {
        if (responses.empty() || responses.back().topic != topic) responses.emplace_back().topic = topic;
        responses.back().partitions.emplace_back();
        place = {responses.size() - 1, responses.back().partitions.size() - 1};
        places_.emplace(std::pair(std::string_view(topic), wanted.partition), place);
    }
    auto& told = responses[place.first].partitions[place.second];
    told = {.partition_index = wanted.partition, .high_watermark = unknown};
    const auto at = view.find(topic, wanted.partition);
    if (!at) {
        told.aborted_transactions.emplace();  // of nothing, as in Kafka; null is for those who read what is not committed
        return refuse(told, ErrorCode::unknown_topic_or_partition);
    }
    if (const auto error = check_leader_epoch(wanted.current_leader_epoch); error != ErrorCode::none) return refuse(told, error);
    parts_.push_back({.topic = place.first,
                      .index = place.second,
                      .at = *at,
                      .next = {wanted.fetch_offset},
                      .limit = as_size(wanted.partition_max_bytes)});
}

void Fetch::refuse(FetchPartitionResponse& told, ErrorCode error) {
    told.error_code = error;
    told.high_watermark = told.last_stable_offset = told.log_start_offset = unknown;
    has_error_ = true;
}

void Fetch::begin() { go_on(); }

void Fetch::go_on() {
    do {
        lacks_room_ = false;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            auto& part = parts_[(first_ + i) % parts_.size()];
            if (part.is_behind && !part.is_done) read(part);  // without room, too: the answer says how far each partition goes
        }
        if (is_enough()) return finish();
    } while (!wait());
}

void Fetch::read(Part& part) {
    const auto bounds = fetches_.log_.bounds(part.at);
    if (!bounds) return fail_part(part, bounds.error());
    auto& answered = told(part);
    answered.high_watermark = answered.last_stable_offset = bounds->next.value;
    answered.log_start_offset = bounds->first.value;
    if (part.next < bounds->first || part.next > bounds->next) {
        part.is_done = true;
        // What was read before the log's start went past it is right all the same.
        if (answered.records.pieces.empty()) refuse(answered, ErrorCode::offset_out_of_range);
        return;
    }
    if (reads_committed_) answered.aborted_transactions.emplace();
    read_up_to(part, bounds->next);
}

void Fetch::read_up_to(Part& part, log::Offset end) {
    while (part.next < end && !part.is_done && !lacks_room_)
        if (!read_piece(part)) return;
    part.is_behind = part.next < end;
}

/// Whether it may go on.
bool Fetch::read_piece(Part& part) {
    const bool is_first = size_ == 0;
    const auto fits = std::min(part.limit, left());
    const auto room = fetches_.room_.allowance(*account_, size_);
    if (fits == 0 && !is_first) {
        part.is_done = true;
        return false;
    }
    if (room == 0) {
        lacks_room_ = true;
        return false;
    }
    auto& records = told(part).records;
    const auto asked = std::min({fits, room, records.pieces.empty() ? first_read : fits});
    auto piece = fetches_.reads_.read(part.at, part.next, {.to_read = asked, .to_share = std::max(asked, std::min(fits, room))});
    if (!piece) {
        fail_part(part, piece.error());
        return false;
    }
    const auto size = piece->bytes->size();
    if (size > fits && !is_first) {  // a batch that is greater than what may still come
        part.is_done = true;
        return false;
    }
    if (size == 0 && piece->next <= part.next) {
        part.is_done = true;  // the log says that there is more, and has it not
        return false;
    }
    part.next = piece->next;
    if (size == 0) return true;  // a gap
    part.limit -= std::min(part.limit, size);
    size_ += size;
    records.pieces.push_back(fetches_.room_.take(account_, std::move(piece->bytes)));
    return true;
}

void Fetch::fail_part(Part& part, const Error& error) {
    part.is_done = true;
    const bool is_gone = error.code == Errc::not_found;  // the log's start has just gone past it
    if (!is_gone) fetches_.damage_(error);
    auto& answered = told(part);
    // What was read before is whole; the error comes again when the client asks for what follows.
    if (answered.records.pieces.empty()) refuse(answered, is_gone ? ErrorCode::offset_out_of_range : ErrorCode::kafka_storage_error);
}

bool Fetch::is_enough() const {
    if (has_error_ || parts_.empty() || size_ >= min_bytes_) return true;
    if (size_ > 0 && (lacks_room_ || left() == 0)) return true;
    if (std::ranges::all_of(parts_, &Part::is_done)) return true;
    return max_wait_ == std::chrono::milliseconds(0) && !lacks_room_;
}

bool Fetch::wait() {
    if (timer_ == Timers::Id{}) {
        const auto wait = lacks_room_ ? std::max(max_wait_, least_wait_for_room) : max_wait_;
        timer_ = fetches_.timers_.at(fetches_.clock_.monotonic() + wait, [this] {
            timer_ = {};
            finish();
        });
    }
    if (lacks_room_) {
        if (number_ == 0) {
            number_ = ++fetches_.last_number_;
            fetches_.without_room_.emplace(number_, this);
        }
        return true;
    }
    if (number_ != 0) fetches_.without_room_.erase(std::exchange(number_, 0));
    bool has_grown = false;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        auto& part = parts_[i];
        if (part.is_done) continue;
        if (!is_registered_) fetches_.waiting_.emplace(std::pair(part.at, this), i);
        if (auto watched = fetches_.growth_.watch(part.at); !watched) {
            fail_part(part, watched.error());
            has_grown = true;
            continue;
        }
        const auto bounds = fetches_.log_.bounds(part.at);
        part.is_behind = !bounds || bounds->next > part.next;
        has_grown = has_grown || part.is_behind;
    }
    is_registered_ = true;
    return !has_grown;
}

void Fetch::stop_waiting() {
    fetches_.timers_.cancel(std::exchange(timer_, {}));
    if (number_ != 0) fetches_.without_room_.erase(std::exchange(number_, 0));
    if (!std::exchange(is_registered_, false)) return;
    for (const auto& part : parts_) fetches_.waiting_.erase({part.at, this});
}

void Fetch::finish() {
    stop_waiting();
    parts_.clear();
    std::exchange(answer_, nullptr)(std::exchange(response_, {}));
}

}  // namespace tenter::broker
