#include "gateway/forward/kafka_end.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>

#include <librdkafka/rdkafka.h>

#include "gateway/forward/transaction.hpp"
#include "tenter/base/crc32c.hpp"

namespace tenter::forward {
namespace {

constexpr std::chrono::milliseconds question_time{5'000};
constexpr int poll_ms = 200;
constexpr std::int64_t first_window = 1'000;
constexpr std::int64_t window_growth = 10;
constexpr std::chrono::seconds patience{30};  // without a record, an end or an error

struct DestroyQueue {
    void operator()(rd_kafka_queue_t* queue) const noexcept { rd_kafka_queue_destroy(queue); }
};
struct DestroyMessage {
    void operator()(rd_kafka_message_t* message) const noexcept { rd_kafka_message_destroy(message); }
};
using Message = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;

std::string name_of(const KafkaPartition& at) { return at.topic + "/" + std::to_string(at.partition); }

struct Bounds {
    std::int64_t first = 0;
    std::int64_t next = 0;
};

Result<Bounds> ask_bounds(rd_kafka_t* client, const KafkaPartition& at, std::chrono::milliseconds timeout = question_time) {
    Bounds bounds;
    const auto code = rd_kafka_query_watermark_offsets(client, at.topic.c_str(), at.partition, &bounds.first, &bounds.next,
                                                       static_cast<int>(timeout.count()));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_client::to_error(code, "asking for the end of " + name_of(at)));
    return bounds;
}

Result<std::unique_ptr<LinkedClient>> make_reader(const Link& link, bool committed) {
    return LinkedClient::make_consumer(link, [committed](kafka_client::Settings& settings) {
        settings.set("isolation.level", committed ? "read_committed" : "read_uncommitted");
        settings.set("enable.partition.eof", "true");
        settings.set("auto.offset.reset", "error");  // records that are removed under our eyes must not make us skip to the end
        settings.set("queued.max.messages.kbytes", 16'384);
        settings.set("fetch.wait.max.ms", 100);
        settings.set("fetch.error.backoff.ms", 100);
    });
}

/// The offset in a record of ours; nothing in one of somebody else.
Result<std::optional<std::int64_t>> local_offset_of(const rd_kafka_message_t& message, std::string_view log_id) {
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::optional<std::int64_t>{};
    const auto last = [headers](std::string_view name) -> std::optional<BytesView> {
        const void* value = nullptr;
        std::size_t size = 0;
        const auto code = rd_kafka_header_get_last(headers, std::string(name).c_str(), &value, &size);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR || value == nullptr) return std::nullopt;
        return BytesView(static_cast<const char*>(value), size);
    };
    if (last(log_header) != log_id) return std::optional<std::int64_t>{};
    const BytesView digits = last(offset_header).value_or(BytesView{});
    std::int64_t offset = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), offset);
    if (error == std::errc{} && end == digits.data() + digits.size() && offset >= 0) return std::optional<std::int64_t>(offset);
    return fail(Errc::corrupt, std::string(rd_kafka_topic_name(message.rkt)) + "/" + std::to_string(message.partition) + " offset " +
                                   std::to_string(message.offset) + ": a record of this log whose " + std::string(offset_header) +
                                   " is no number");
}

/// Reads windows of partitions through one queue.
class Search {
public:
    Search(const Link& link, std::string_view log_id, std::span<const KafkaPartition> partitions, const Stop& stop)
        : link_(link), log_id_(log_id), partitions_(partitions), stop_(stop), ends_(partitions.size()) {}

    Result<std::vector<KafkaEnd>> run() {
        if (auto made = connect(); !made) return fail(std::move(made.error()));
        if (auto asked = ask_ends(); !asked) return fail(std::move(asked.error()));
        std::vector<Window> windows;
        for (std::size_t i = 0; i < partitions_.size(); ++i) {
            const std::int64_t end = ends_[i].next_offset;
            const std::int64_t from = partitions_[i].from <= end ? partitions_[i].from : 0;
            const std::int64_t least = std::max(from, ends_[i].first_offset);
            const std::int64_t begin = from > 0 ? least : std::max(least, end - first_window);
            if (begin < end) windows.push_back({i, begin, end, least});
        }
        while (!windows.empty()) {
            if (auto read = read_windows(windows); !read) return fail(std::move(read.error()));
            windows = earlier_windows(windows);
        }
        return std::move(ends_);
    }

private:
    struct Window {
        std::size_t index;
        std::int64_t begin;
        std::int64_t end;
        std::int64_t least;
    };

    Result<void> connect() {
        auto reader = make_reader(link_, true);
        if (!reader) return fail(std::move(reader.error()));
        reader_ = std::move(*reader);
        return {};
    }

    /// The end with what is not committed, then patience until everything before it is decided.
    Result<void> ask_ends() {
        const auto all = make_reader(link_, false);
        if (!all) return fail(all.error());
        for (std::size_t i = 0; i < partitions_.size(); ++i) {
            if (stop_()) return fail(Errc::unavailable, "stopped");
            const auto bounds = ask_bounds((*all)->get(), partitions_[i]);
            if (!bounds) return fail(bounds.error());
            ends_[i].first_offset = bounds->first;
            ends_[i].next_offset = bounds->next;
        }
        for (std::size_t i = 0; i < partitions_.size(); ++i) {
            for (;;) {
                if (stop_()) return fail(Errc::unavailable, "stopped");
                const auto committed = ask_bounds(reader_->get(), partitions_[i]);
                if (!committed) return fail(committed.error());
                if (committed->next >= ends_[i].next_offset) break;
                rd_kafka_poll(reader_->get(), 100);  // a transaction of another producer, or a follower that lags
            }
        }
        return {};
    }

    Result<void> read_windows(const std::vector<Window>& windows) {
        const std::unique_ptr<rd_kafka_queue_t, DestroyQueue> queue(rd_kafka_queue_new(reader_->get()));
        std::vector<TopicHandle> topics;
        pending_.assign(partitions_.size(), nullptr);
        left_ = 0;
        Result<void> outcome;
        for (const auto& window : windows) {
            auto topic = open_topic(reader_->get(), partitions_[window.index].topic);
            if (!topic) {
                outcome = fail(std::move(topic.error()));
                break;
            }
            const std::int32_t number = partitions_[window.index].partition;
            if (rd_kafka_consume_start_queue(topic->get(), number, window.begin, queue.get()) != 0) {
                outcome = fail(kafka_client::to_error(rd_kafka_last_error(), "reading " + name_of(partitions_[window.index])));
                break;
            }
            topics.push_back(std::move(*topic));
            pending_[window.index] = &window;
            ++left_;
        }
        if (outcome) outcome = drain(queue.get());
        for (std::size_t i = 0; i < topics.size(); ++i) rd_kafka_consume_stop(topics[i].get(), partitions_[windows[i].index].partition);
        return outcome;
    }

    Result<void> drain(rd_kafka_queue_t* queue) {
        auto last_sign = std::chrono::steady_clock::now();
        while (left_ > 0) {
            const Message message(rd_kafka_consume_queue(queue, poll_ms));
            rd_kafka_poll(reader_->get(), 0);
            if (stop_()) return fail(Errc::unavailable, "stopped");
            const auto now = std::chrono::steady_clock::now();
            if (message) {
                if (auto taken = take(*message); !taken) return taken;
                last_sign = now;
            } else if (now - last_sign > patience) {
                return fail(Errc::unavailable, "no answer from " + link_.cluster.bootstrap + ": " + reader_->errors().latest());
            }
        }
        return {};
    }

    Result<void> take(const rd_kafka_message_t& message) {
        if (message.rkt == nullptr) return {};
        const std::string_view topic = rd_kafka_topic_name(message.rkt);
        const auto found =
            std::ranges::find_if(partitions_, [&](const auto& at) { return at.partition == message.partition && at.topic == topic; });
        if (found == partitions_.end()) return {};
        const auto index = static_cast<std::size_t>(found - partitions_.begin());
        const Window* const window = pending_[index];
        if (window == nullptr) return {};
        if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            // With aborted records or markers at the end this is the only sign.
            if (message.offset < window->begin) return fail(Errc::unavailable, name_of(*found) + " became shorter while it was read");
            if (message.offset >= window->end) done(index);
            return {};
        }
        if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_client::to_error(message.err, "reading " + name_of(*found)));
        if (message.offset >= window->end) {
            done(index);
            return {};
        }
        const auto offset = local_offset_of(message, log_id_);
        if (!offset) return fail(offset.error());
        if (*offset && (!ends_[index].last || ends_[index].last->local_offset < **offset))
            ends_[index].last = ForwardedRecord{**offset, checksum(message)};
        if (message.offset + 1 >= window->end) done(index);
        return {};
    }

    static std::uint32_t checksum(const rd_kafka_message_t& message) {
        const auto view = [](const void* data, std::size_t size) {
            return data == nullptr ? std::optional<BytesView>{} : BytesView(static_cast<const char*>(data), size);
        };
        std::vector<log::RecordHeader> found;
        rd_kafka_headers_t* headers = nullptr;
        if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
            const char* name = nullptr;
            const void* value = nullptr;
            std::size_t size = 0;
            for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
                if (name != log_header && name != offset_header) found.push_back({name, view(value, size)});
        }
        return checksum_of(view(message.key, message.key_len), view(message.payload, message.len), found);
    }

    void done(std::size_t index) {
        pending_[index] = nullptr;
        --left_;
    }

    [[nodiscard]] std::vector<Window> earlier_windows(const std::vector<Window>& windows) const {
        std::vector<Window> earlier;
        for (const auto& window : windows) {
            if (ends_[window.index].last || window.begin <= window.least) continue;
            const std::int64_t size = (ends_[window.index].next_offset - window.begin) * window_growth;
            earlier.push_back({window.index, std::max(window.least, window.begin - size), window.begin, window.least});
        }
        return earlier;
    }

    const Link& link_;
    const std::string_view log_id_;
    const std::span<const KafkaPartition> partitions_;
    const Stop& stop_;
    std::vector<KafkaEnd> ends_;
    std::vector<const Window*> pending_;
    std::size_t left_ = 0;
    std::unique_ptr<LinkedClient> reader_;
};

}  // namespace

std::uint32_t checksum_of(std::optional<BytesView> key, std::optional<BytesView> value, std::span<const log::RecordHeader> headers) {
    Bytes all;
    log::encode_record_payload(all, key, value, {});
    for (const auto& header : headers) log::encode_record_payload(all, header.key, header.value, {});
    return crc32c(all);
}

Result<std::vector<KafkaEnd>> find_ends(const Link& link, std::string_view log_id, std::span<const KafkaPartition> partitions,
                                        const Stop& stop) {
    return Search(link, log_id, partitions, stop).run();
}

Result<std::vector<std::int64_t>> next_offsets(const Link& link, std::span<const KafkaPartition> partitions) {
    const auto reader = make_reader(link, false);
    if (!reader) return fail(reader.error());
    return committed_ends((*reader)->get(), partitions, question_time);
}

Result<std::vector<std::int64_t>> committed_ends(rd_kafka_s* client, std::span<const KafkaPartition> partitions,
                                                 std::chrono::milliseconds timeout) {
    std::vector<std::int64_t> offsets;
    for (const auto& at : partitions) {
        const auto bounds = ask_bounds(client, at, timeout);
        if (!bounds) return fail(bounds.error());
        offsets.push_back(bounds->next);
    }
    return offsets;
}

std::string cluster_id(rd_kafka_s* client) {
    char* const id = rd_kafka_clusterid(client, static_cast<int>(question_time.count()));
    if (id == nullptr) return "";
    std::string copy(id);
    rd_kafka_mem_free(client, id);
    return copy;
}

}  // namespace tenter::forward
