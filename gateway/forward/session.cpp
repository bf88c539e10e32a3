#include "gateway/forward/session.hpp"

#include <algorithm>
#include <map>

#include <librdkafka/rdkafka.h>

#include "gateway/forward/dead_letters.hpp"
#include "gateway/forward/topic_limits.hpp"

namespace tenter::forward {
namespace {

constexpr std::chrono::milliseconds idle_tick{500};
constexpr std::chrono::milliseconds question_time{1'000};
constexpr std::uint32_t failures_of_one_producer = 5;
constexpr std::size_t largest_batch = 1'000'000;
constexpr std::size_t smallest_chunk = 64U << 10;

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string list_of(const std::vector<std::string>& items) {
    std::string list;
    for (const auto& item : items) list += (list.empty() ? "" : "; ") + item;
    return list;
}

Result<void> check_partitions(const ForwarderOptions& options, const log::EventLog& log,
                              const std::vector<kafka_client::TopicFacts>& topics) {
    std::vector<std::string> faults;
    for (std::size_t i = 0; i < options.routes.size(); ++i) {
        const auto local = log.find_topic(options.routes[i].source);
        if (!local) return fail(local.error());
        if (topics[i].partition_count >= local->partition_count) continue;
        faults.push_back("topic " + quoted(topics[i].name) + " has " + std::to_string(topics[i].partition_count) + " partitions, source " +
                         quoted(local->name) + " has " + std::to_string(local->partition_count));
    }
    if (faults.empty()) return {};
    return fail(Errc::invalid_input, list_of(faults) + "; partition i goes to partition i, so add what is missing");
}

/// What topics take.
Result<std::vector<std::size_t>> ask_limits(const ForwarderOptions& options, rd_kafka_s* client) {
    std::vector<std::string> topics;
    for (const auto& route : options.routes) topics.push_back(route.topic);
    if (options.max_message_bytes) {
        std::vector<std::size_t> limits;
        for (const auto& topic : topics) limits.push_back(options.max_message_bytes(topic));
        return limits;
    }
    auto limits = describe_max_message_bytes(client, topics, options.start_timeout);
    if (limits || limits.error().code != Errc::unauthenticated) return limits;
    if (options.oversize) return std::vector<std::size_t>(topics.size(), default_max_message_bytes);
    return fail(Errc::unauthenticated, limits.error().message +
                                           "; give the user the right DescribeConfigs, or say in forward.oversize what becomes of a record "
                                           "that is too large");
}

Result<void> check_limits(const ForwarderOptions& options, const std::vector<std::size_t>& limits) {
    if (options.oversize || options.largest_payload == 0) return {};
    const std::size_t needed = forwarded_size_bound(options.largest_payload);
    std::vector<std::string> faults;
    for (std::size_t i = 0; i < limits.size(); ++i)
        if (limits[i] < needed) faults.push_back("topic " + quoted(options.routes[i].topic) + " takes " + std::to_string(limits[i]));
    if (faults.empty()) return {};
    return fail(Errc::invalid_input, "with http.max_body and http.max_header a record can take " + std::to_string(needed) + " bytes, but " +
                                         list_of(faults) +
                                         " (max.message.bytes); raise that, lower these, or say in forward.oversize what becomes of such "
                                         "a record: \"stop\" or \"dead\"");
}

}  // namespace

Result<ClusterFacts> look_at_cluster(const ForwarderOptions& options, const log::EventLog& log, const Stop& stop) {
    const auto client = LinkedClient::make_producer(options.link, [](kafka_client::Settings&) {});
    if (!client) return fail(client.error());
    std::vector<std::string> names;
    for (const auto& route : options.routes) names.push_back(route.topic);
    auto topics =
        kafka_client::find_topics((*client)->get(), options.link.cluster, (*client)->errors(), names, options.start_timeout, stop);
    if (!topics) {
        // Not an outage, though no broker answered: a person must look at it.
        if ((*client)->errors().refusal()) topics.error().code = Errc::unauthenticated;
        return fail(std::move(topics.error()));
    }
    if (auto enough = check_partitions(options, log, *topics); !enough) return fail(std::move(enough.error()));
    auto limits = ask_limits(options, (*client)->get());
    if (!limits) return fail(std::move(limits.error()));
    if (auto fits = check_limits(options, *limits); !fits) return fail(std::move(fits.error()));
    return ClusterFacts{std::move(*limits), cluster_id((*client)->get())};
}

Session::Session(Shared& shared) : shared_(shared), options_(shared.options), saved_at_(shared.clock.monotonic()) {}

Session::~Session() {
    topics_.clear();
    producer_.reset();  // before the bytes that it may still refer to
}

SessionEnd Session::run() {
    shared_.set_state(ForwarderState::connecting);
    const auto ready = connect();
    if (!ready) {
        if (halted_) {
            shared_.halt(ready.error());
            return SessionEnd::halted;
        }
        if (!shared_.stopping()) shared_.note_trouble(ready.error());
        return SessionEnd::again;
    }
    shared_.set_state(ForwarderState::forwarding);
    return forward_until_doubt();
}

bool Session::on_wait(const Error& error) {
    if (!shared_.stopping()) shared_.note_trouble(error);
    return shared_.stopping();
}

Result<void> Session::connect() {
    auto id = options_.log_id();
    if (!id) return fail(std::move(id.error()));
    log_id_ = std::move(*id);
    auto facts = look_at_cluster(options_, shared_.log, [this] { return shared_.stopping(); });
    if (!facts) return fail(std::move(facts.error()));
    facts_ = std::move(*facts);
    const std::size_t batch = std::min(largest_batch, *std::ranges::min_element(facts_.max_message_bytes));
    auto producer = TransactionalProducer::make(options_.link,
                                                {.id = log_id_, .transaction_timeout = options_.transaction_timeout, .batch_bytes = batch});
    if (!producer) return fail(std::move(producer.error()));
    producer_ = std::move(*producer);
    if (auto begun = producer_->init([this](const Error& error) { return on_wait(error); }); !begun)
        return fail(std::move(begun.error().error));
    for (const auto& route : options_.routes) {
        auto topic = open_topic(producer_->client().get(), route.topic);
        if (!topic) return fail(std::move(topic.error()));
        topics_.push_back(std::move(*topic));
    }
    return find_positions();
}

Result<void> Session::find_positions() {
    const auto saved = load_positions(shared_.log, facts_.cluster_id + " " + log_id_);
    if (!saved) return fail(saved.error());
    const auto saved_of = [&](const Track& track) {
        const auto found = saved->find({options_.routes[track.route].topic, track.local.partition.value});
        return found == saved->end() ? SavedPosition{} : found->second;
    };
    std::vector<KafkaPartition> partitions;
    for (const auto& track : shared_.tracks)
        partitions.push_back({options_.routes[track.route].topic, track.local.partition.value, saved_of(track).kafka_offset});
    // Takes long where a topic has many records of others, or one of their transactions is open.
    const Stop stop = [this] { return on_wait({Errc::unavailable, "looking in Kafka for the last record of this log"}); };
    const auto ends = find_ends(options_.link, log_id_, partitions, stop);
    if (!ends) {
        halted_ = ends.error().code == Errc::corrupt;
        return fail(ends.error());
    }
    for (std::size_t i = 0; i < ends->size(); ++i) {
        auto& track = shared_.tracks[i];
        const auto position = position_of(track, (*ends)[i], saved_of(track));
        if (!position) return fail(position.error());
        shared_.change([&] { track.next = *position; });
    }
    return {};
}

Result<std::int64_t> Session::position_of(const Track& track, const KafkaEnd& end, const SavedPosition& saved) {
    const auto bounds = shared_.log.bounds(track.local);
    if (!bounds) return fail(bounds.error());
    std::int64_t next = end.last ? end.last->local_offset + 1 : 0;
    if (saved.kafka_offset <= end.next_offset)
        next = std::max(next, saved.local_offset);
    else
        shared_.tell(Severity::warning,
                     place(track) + ": the Kafka topic is shorter than it was; it was made anew and gets everything again");
    if (next > bounds->next.value) {
        halted_ = shared_.log.state() != log::LogState::disk_full;  // then the end of the log is not readable yet
        return fail(Errc::corrupt, place(track) + ": Kafka has records of this log up to offset " + std::to_string(next - 1) +
                                       ", the log itself ends at " + std::to_string(bounds->next.value) +
                                       ": it is an older copy or was restored from a backup; forwarding from it would mix two histories. "
                                       "Put the newer log back, or remove the file ID of this one to forward all of it as another log");
    }
    if (end.last && end.last->local_offset >= bounds->first.value) {
        const auto ours = read_record(shared_.log, track.local, log::Offset{end.last->local_offset});
        if (!ours) return fail(ours.error());
        const auto& record = ours->records.front();
        if (checksum_of(record.key, record.value, record.headers) != end.last->checksum) {
            halted_ = true;
            return fail(Errc::corrupt, place(track) + ": the record at offset " + std::to_string(end.last->local_offset) +
                                           " is not the one that Kafka has under this offset: a copy of this log has forwarded another "
                                           "history. Only one copy may forward; remove the file ID of this one to forward all of it as "
                                           "another log");
        }
    }
    if (next < bounds->first.value) {
        if (next > 0)
            shared_.tell(Severity::error, place(track) + ": offsets " + std::to_string(next) + " to " +
                                              std::to_string(bounds->first.value - 1) +
                                              " are not in the log any more and never got to Kafka");
        next = bounds->first.value;
    }
    return next;
}

SessionEnd Session::forward_until_doubt() {
    for (;;) {
        if (shared_.stopping()) {
            save(true);
            return SessionEnd::again;
        }
        shared_.forget_wakes();
        shared_.check_backlog();
        const auto look = shared_.begin_look();
        auto chunk = read_chunk();
        if (chunk.parts.empty()) {
            shared_.note_success();
            shared_.note_nothing_left(look);
            save(false);
            rd_kafka_poll(producer_->client().get(), 0);
            shared_.wait(idle_tick);
            continue;
        }
        sent_ = std::move(chunk);
        if (const auto sent = send(sent_); !sent) {
            shared_.chunk_bytes = std::max(smallest_chunk, shared_.chunk_bytes / 4);
            if (!fail_chunk(sent.error())) return end_with(sent.error());
            continue;
        }
        confirm(sent_);
        save(false);
    }
}

Session::Chunk Session::read_chunk() {
    Chunk chunk;
    const std::size_t count = shared_.tracks.size();
    const std::size_t share = share_of_one();
    for (std::size_t i = 0; i < count && chunk.bytes < shared_.chunk_bytes && chunk.records < options_.chunk_records; ++i)
        read_part((first_track_ + i) % count, share, chunk);
    first_track_ = count == 0 ? 0 : (first_track_ + 1) % count;
    return chunk;
}

/// What one partition may put into a transaction: the fewer are behind, the more, for a transaction costs the same however large it is.
std::size_t Session::share_of_one() const {
    const auto behind = static_cast<std::size_t>(std::ranges::count_if(shared_.tracks, [this](const Track& track) {
        const auto bounds = shared_.log.bounds(track.local);
        return bounds && bounds->next.value > track.next;
    }));
    return std::min(shared_.chunk_bytes, std::max(options_.partition_bytes, shared_.chunk_bytes / std::max<std::size_t>(behind, 1)));
}

void Session::read_part(std::size_t index, std::size_t share, Chunk& chunk) {
    Track& track = shared_.tracks[index];
    const auto bounds = shared_.log.bounds(track.local);
    if (bounds && bounds->next.value <= track.next) return;
    if (track.still_until && shared_.clock.monotonic() < *track.still_until) return;
    if (track.still_until) refresh_limits();
    auto piece = read_piece(shared_.log, track.local, log::Offset{track.next}, share);
    if (!piece) return stand_still(track, "it cannot be read: " + piece.error().message);
    if (piece->records.empty()) return;
    shared_.change([&] {
        track.seen_records += piece->records.size();
        track.seen_bytes += piece->stored_bytes;
        track.still_until.reset();
    });
    Part part{index, std::move(*piece), {}, track.next};
    const bool all = choose(part);
    if (!all && part.next == track.next) return;
    chunk.bytes += part.piece.stored_bytes;
    chunk.records += part.to_send.size();
    chunk.parts.push_back(std::move(part));
}

bool Session::choose(Part& part) {
    const std::size_t limit = facts_.max_message_bytes[shared_.tracks[part.track].route];
    for (const auto& record : part.piece.records) {
        const std::size_t size = forwarded_size(record, log_id_);
        if (size > limit) {
            if (!put_aside(part, record, size)) return false;
        } else {
            part.to_send.push_back(&record);
        }
        part.next = record.offset.value + 1;
    }
    return true;
}

bool Session::put_aside(Part& part, const log::StoredRecord& record, std::size_t size) {
    Track& track = shared_.tracks[part.track];
    const auto& route = options_.routes[track.route];
    if (record.offset.value < track.dead_until) return true;
    const std::string reason = "takes " + std::to_string(size) + " bytes in Kafka, topic " + quoted(route.topic) + " takes " +
                               std::to_string(facts_.max_message_bytes[track.route]) + " (max.message.bytes)";
    if (options_.oversize != Oversize::dead) {
        stand_still(track, "the record at offset " + std::to_string(record.offset.value) + " " + reason +
                               "; raise that, or set forward.oversize = \"dead\"");
        return false;
    }
    const auto put = put_dead_letter(shared_.log, {.source = route.source,
                                                   .partition = track.local.partition.value,
                                                   .partition_count = track.partition_count,
                                                   .record = &record,
                                                   .reason = reason});
    if (!put) {
        stand_still(track, "the record at offset " + std::to_string(record.offset.value) + " " + reason + ", and it cannot be kept in " +
                               route.source + ".dead: " + put.error().message);
        return false;
    }
    track.dead_until = record.offset.value + 1;
    shared_.tell(Severity::warning, place(track) + ": the record at offset " + std::to_string(record.offset.value) + " " + reason +
                                        "; it is kept in " + route.source + ".dead");
    return true;
}

void Session::stand_still(Track& track, const std::string& why) {
    if (track.still_why != why) shared_.tell(Severity::error, place(track) + " is not forwarded further: " + why);
    track.still_why = why;  // told once, however often it is looked at again
    shared_.change([&] { track.still_until = shared_.clock.monotonic() + options_.recheck; });
}

TransactionResult Session::send(const Chunk& chunk) {
    const TransactionalProducer::OnWait wait = [this](const Error& error) { return on_wait(error); };
    const bool anything = std::ranges::any_of(chunk.parts, [](const auto& part) { return !part.to_send.empty(); });
    if (!anything) return {};  // nothing but dead letters
    if (auto begun = producer_->begin(); !begun) return begun;
    for (const auto& part : chunk.parts) {
        const Track& track = shared_.tracks[part.track];
        for (const auto* const record : part.to_send) {
            auto sent = producer_->produce(topics_[track.route].get(), track.local.partition.value, *record, wait);
            if (!sent) return sent;
        }
    }
    return producer_->commit(wait);
}

void Session::confirm(const Chunk& chunk) {
    failures_ = 0;
    shared_.chunk_bytes = std::min(options_.chunk_bytes, shared_.chunk_bytes * 2);
    shared_.change([&] {
        for (const auto& part : chunk.parts) {
            Track& track = shared_.tracks[part.track];
            track.next = part.next;
            track.records += part.to_send.size();
            track.bytes += part.piece.stored_bytes;
        }
    });
    unsaved_ = true;
    shared_.note_success();
}

/// True: this producer may try again.
bool Session::fail_chunk(const TransactionFault& fault) {
    if (fault.remedy != Remedy::same_chunk || ++failures_ >= failures_of_one_producer) return false;
    shared_.note_trouble(fault.error);
    if (producer_->delivery_error() == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) refresh_limits();
    pause(failures_);
    return true;
}

SessionEnd Session::end_with(const TransactionFault& fault) {
    if (fault.remedy != Remedy::fenced) {
        if (!shared_.stopping()) shared_.note_trouble(fault.error);
        return SessionEnd::again;
    }
    shared_.halt({Errc::unavailable, "another forwarder with the id of this log has taken over: " + fault.error.message +
                                         ". Only one copy of a log may forward; this gateway goes on without it"});
    return SessionEnd::halted;
}

void Session::refresh_limits() {
    if (auto limits = ask_limits(options_, producer_->client().get())) facts_.max_message_bytes = std::move(*limits);
}

void Session::save(bool now) {
    // More partitions make a longer note.
    const auto interval = options_.save_interval * (1 + static_cast<std::int64_t>(shared_.tracks.size() / 100));
    const Instant time = shared_.clock.monotonic();
    if (!unsaved_ || (!now && time - saved_at_ < interval)) return;
    saved_at_ = time;
    std::vector<KafkaPartition> partitions;
    for (const auto& track : shared_.tracks) partitions.push_back({options_.routes[track.route].topic, track.local.partition.value, 0});
    const auto ends = committed_ends(producer_->client().get(), partitions, question_time);
    if (!ends) return;  // another time
    SavedPositions positions;
    for (std::size_t i = 0; i < ends->size(); ++i)
        positions[{partitions[i].topic, partitions[i].partition}] = {shared_.tracks[i].next, (*ends)[i]};
    save_positions(shared_.log, facts_.cluster_id + " " + log_id_, positions, shared_.clock.now());
    unsaved_ = false;
}

std::string Session::place(const Track& track) const {
    return "source " + options_.routes[track.route].source + " partition " + std::to_string(track.local.partition.value);
}

void Session::pause(std::uint32_t failures) {
    const auto delay = std::min(options_.longest_backoff, options_.first_backoff * (std::int64_t{1} << std::min(failures, 16U)));
    const Instant until = shared_.clock.monotonic() + delay;
    while (!shared_.stopping()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - shared_.clock.monotonic());
        if (left.count() <= 0) return;
        shared_.forget_wakes();
        shared_.wait(left);
    }
}

}  // namespace tenter::forward
