#pragma once
// tests/unit/cli/stub_consumer.hpp: records for what stands on a consumer, without one: what the commands do with each event, record and
// notice is theirs alone.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/consume/record_source.hpp"
#include "tenter/consume/consumer.hpp"
#include "tenter/envelope/envelope.hpp"

namespace tenter::cli::testing {

struct StubRecord {
    std::optional<Bytes> key{};
    std::vector<std::pair<std::string, Bytes>> record_headers{{"envelope", "\x80"}};
    Bytes payload = "{}";
    envelope::Encoding encoding = envelope::Encoding::json;
    std::vector<std::pair<std::string, std::string>> headers{};
    std::uint32_t attempt = 0;
};

/// One record and the event in it, in topic "demo", partition 2.
class StubEvent final : public consume::RecordBatch {
public:
    explicit StubEvent(StubRecord record, std::int64_t offset = 7) : record_(std::move(record)), offset_(offset) {
        std::vector<HeaderView> headers;
        for (const auto& [name, value] : record_.headers) headers.push_back({name, value});
        envelope::encode({.method = envelope::Method::put, .headers = headers, .payload = record_.payload, .encoding = record_.encoding},
                         value_);
        decoded_ = *envelope::decode(value_);
    }
    [[nodiscard]] std::size_t size() const noexcept override { return 1; }
    [[nodiscard]] consume::Record record(std::size_t) const override {
        return {.offset = offset_, .timestamp = {}, .key = key(), .value = value_};
    }
    [[nodiscard]] std::optional<consume::RecordHeaders::Entry> header(std::size_t, std::size_t number) const override {
        if (number >= record_.record_headers.size()) return std::nullopt;
        const auto& [name, value] = record_.record_headers[number];
        return consume::RecordHeaders::Entry{.name = name, .value = value};
    }
    [[nodiscard]] consume::WebhookEvent event() const {
        return {.method = decoded_.method,
                .timestamp = {},
                .headers = consume::Headers(decoded_.headers),
                .encoding = decoded_.encoding,
                .payload_bytes = decoded_.payload,
                .key = key(),
                .topic = "demo",
                .partition = 2,
                .offset = offset_,
                .record_headers = consume::RecordHeaders(*this, 0),
                .raw = value_,
                .attempt = record_.attempt};
    }

private:
    [[nodiscard]] std::optional<BytesView> key() const { return record_.key ? std::optional<BytesView>(*record_.key) : std::nullopt; }

    StubRecord record_;
    std::int64_t offset_;
    Bytes value_;
    envelope::Envelope decoded_;
};

/// Runs a script instead of records from Kafka.
class StubConsumer final : public consume::Consumer {
public:
    using Script = std::function<void(const consume::Callback& callback)>;
    explicit StubConsumer(Script script) : script_(std::move(script)) {}

    using Consumer::run;
    void run(std::stop_token stop, const consume::Callback& callback) override {
        stop_ = std::move(stop);
        script_(callback);
    }
    void shutdown() noexcept override { is_shut_down_ = true; }
    [[nodiscard]] bool is_to_end() const { return is_shut_down_ || stop_.stop_requested(); }

private:
    Script script_;
    std::stop_token stop_;
    bool is_shut_down_ = false;
};

}  // namespace tenter::cli::testing
