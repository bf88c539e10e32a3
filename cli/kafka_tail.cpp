#include "cli/kafka_tail.hpp"

#include <algorithm>
#include <utility>

#include "tenter/base/exception.hpp"

namespace tenter::cli {
namespace {

std::function<std::optional<BytesView>(std::string_view)> finder(const consume::RecordHeaders& headers) {
    return [headers](std::string_view name) { return headers.find(name); };
}

RecordView view_of(const consume::WebhookEvent& event) {
    return {.source = event.topic,
            .partition = event.partition,
            .offset = event.offset,
            .time = event.timestamp,
            .key = event.key,
            .value = event.raw,
            .header = finder(event.record_headers)};
}

RecordView view_of(const consume::UndecodableRecord& record) {
    return {.source = record.error.topic(),
            .partition = record.error.partition(),
            .offset = record.error.offset(),
            .time = record.timestamp,
            .key = record.key,
            .value = record.value,
            .header = finder(record.headers)};
}

RecordView view_of(const consume::SystemRecord& record) {
    return {.source = record.place.topic,
            .partition = record.place.partition,
            .offset = record.place.offset,
            .time = record.timestamp,
            .key = record.key,
            .value = record.value,
            .header = finder(record.headers)};
}

}  // namespace

consume::ConsumerOptions KafkaTail::consumer_options() {
    consume::ConsumerOptions options;
    options.group = options_.group ? consume::ConsumerGroup::named(*options_.group) : consume::ConsumerGroup::none();
    options.start = kafka_start(options_.from);
    options.on_undecodable = [this](const consume::UndecodableRecord& record) {
        show(view_of(record));
        return consume::Undecodable::skip;
    };
    options.on_system = [this](const consume::SystemRecord& record) { show(view_of(record)); };
    options.on_notice = [this](const consume::Notice& notice) { hear(notice); };
    return options;
}

void KafkaTail::run(consume::Consumer& consumer, const std::stop_token& stop) {
    if (view_.has_ended()) return;
    consumer_ = &consumer;
    try {
        consumer.run(stop, [this](const consume::WebhookEvent& event) { show(view_of(event)); });
    } catch (const consume::StopConsuming&) {  // of a record that is no event
    }
}

void KafkaTail::show(const RecordView& record) {
    if (view_.has_ended()) throw consume::StopConsuming();  // nobody has seen it, so it is not committed
    if (options_.partition && record.partition != *options_.partition) return;
    if (!view_.show(read_event(record))) consumer_->shutdown();
}

void KafkaTail::hear(const consume::Notice& notice) {
    using Kind = consume::Notice::Kind;
    if (notice.kind == Kind::caught_up && !options_.follow) consumer_->shutdown();
    if (notice.kind == Kind::skipped) return;  // it was shown
    if (notice.kind == Kind::assigned && options_.partition && !std::exchange(is_assigned_, true)) {
        for (const auto& [topic, partition] : notice.partitions) {
            const bool has_it =
                std::ranges::find(notice.partitions, consume::Notice::Partition{topic, *options_.partition}) != notice.partitions.end();
            if (!has_it) throw Exception(Error{Errc::not_found, topic + " has no partition " + std::to_string(*options_.partition)});
        }
    }
    if (const auto line = lines_.line(notice)) say_(*line);
}

}  // namespace tenter::cli
