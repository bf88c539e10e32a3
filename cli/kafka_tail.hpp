#pragma once
// cli/kafka_tail.hpp: `tenter tail --profile`: the same tail, of topics in Kafka.
//
//   KafkaTail tail(options, view, say);
//   WebhookConsumer consumer(topics, profile, tail.consumer_options());
//   tail.run(consumer, stop);

#include <atomic>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "cli/kafka_options.hpp"
#include "cli/tail_view.hpp"
#include "tenter/consume/consumer.hpp"

namespace tenter::cli {

struct KafkaTailOptions {
    std::optional<StartPoint> from{};         ///< Unset: where the group is.
    std::optional<std::string> group{};       ///< Unset: none; nothing is committed.
    std::optional<std::int32_t> partition{};  ///< Only that of each topic. Not with a group, for which the others would be skipped.
    bool follow = false;                      ///< Else the tail ends once it has seen everything that there is.
};

/// Shows the events of each partition in their order; those of several as they come. Records that cannot be read are shown with the reason.
class KafkaTail {
public:
    KafkaTail(KafkaTailOptions options, TailView& view, Say say) : options_(std::move(options)), view_(view), say_(std::move(say)) {}
    KafkaTail(const KafkaTail&) = delete;
    KafkaTail& operator=(const KafkaTail&) = delete;

    /// They refer to this object, which must outlive the consumer.
    [[nodiscard]] consume::ConsumerOptions consumer_options();
    /// Until the view has ended, `stop` is requested or, without `follow`, the end is reached. Throws as Consumer::run, and Exception
    /// (`not_found`) where a topic has no such partition.
    void run(consume::Consumer& consumer, const std::stop_token& stop);

private:
    void show(const RecordView& record);
    void hear(const consume::Notice& notice);

    const KafkaTailOptions options_;
    TailView& view_;
    const Say say_;
    NoticeLines lines_;
    bool is_assigned_ = false;
    consume::Consumer* consumer_ = nullptr;
};

}  // namespace tenter::cli
