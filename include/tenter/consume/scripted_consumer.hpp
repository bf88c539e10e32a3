#pragma once
// tenter/consume/scripted_consumer.hpp: a consumer for your tests, without Kafka. It runs the code that runs in production; only the
// records come from memory, and time does not pass.
//
//   ScriptedConsumer consumer;
//   consumer.add(webhook(Method::post, {{"content-type", "application/json"}}, R"({"id": 1})"));
//   consumer.redeliver();
//   consumer.run(callback);                                   // returns at the end of the script
//   EXPECT_EQ(consumer.committed("scripted", 0), 1);

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"
#include "tenter/consume/consumer.hpp"

namespace tenter::consume {

/// A Kafka record.
struct ScriptedRecord {
    std::string topic = "scripted";
    std::int32_t partition = 0;
    std::optional<std::int64_t> offset{};  ///< Nothing: the next of its partition, from 0. Offsets grow; they may leave gaps.
    UnixMillis timestamp{};
    std::optional<Bytes> key{};
    std::optional<Bytes> value{};
    std::vector<std::pair<std::string, std::optional<Bytes>>> headers{};
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// The record of a webhook with a payload that is one JSON text: enveloped as Mister Webhooks does it. Change what you like in it.
[[nodiscard]] ScriptedRecord webhook(Method method, const HeaderList& headers, BytesView payload);
/// The record that Tenter's gateway writes for a webhook with that body, of whatever content type.
[[nodiscard]] ScriptedRecord captured_webhook(Method method, const HeaderList& headers, BytesView body);

/// What `tenter tail --json` printed, as records again: topics, partitions, offsets, keys, times and bodies are the same; where another
/// program than Tenter wrote the envelope (`id` is empty), the payload is, JSON or CBOR. A line with `error` and no `method` becomes the
/// raw record with its `value` that the consumer cannot read either (`on_undecodable`), or, as it was, a record of the system.
/// `invalid_input` names the line and the member.
[[nodiscard]] Result<std::vector<ScriptedRecord>> read_captured(std::string_view json_lines);
/// The same from a file. Throws Exception, also for a file that cannot be read; at most 256 MiB.
[[nodiscard]] std::vector<ScriptedRecord> captured_file(const std::string& path);

/// A record in the dead-letter topic.
struct DeadLettered {
    RecordPlace place;  ///< Where it came from.
    std::string reason;
};

/// Consumes a script: what happens, in order. Members that tell what happened are for after `run`.
///
/// Delays of retries do not pass, they are only counted; with one worker everything is deterministic. An `options.group` of none commits
/// nothing, as in production. `start`, `stop_on_signals` and what concerns connections have no meaning here.
class ScriptedConsumer final : public Consumer {
public:
    /// Throws Exception for options out of their bounds.
    explicit ScriptedConsumer(ConsumerOptions options = {});
    ~ScriptedConsumer() override;

    /// The script.
    void add(ScriptedRecord record);
    void add(std::vector<ScriptedRecord> records);
    /// All partitions are revoked and assigned again while the events before this may still be under way: none is skipped, none repeated.
    void rebalance();
    /// Once everything before this is processed: the membership is lost, so what was not committed yet comes again.
    void redeliver();
    /// Once everything before this is processed: `run` throws an Exception with it.
    void fail(Error error);
    /// Once everything before this is processed: notices `disconnected` and `connected`.
    void disconnect(std::string reason);
    void reconnect();
    /// The next commits are refused, before anything else happens.
    void refuse_commits(std::size_t count);

    using Consumer::run;
    /// Returns at the end of the script, when everything is processed and committed, or as every Consumer. Another `run` goes on behind
    /// what was committed, with what has been added since.
    void run(std::stop_token stop, const Callback& callback) override;
    void shutdown() noexcept override;

    /// The offset of the next event, as committed; nothing where nothing was.
    [[nodiscard]] std::optional<std::int64_t> committed(std::string_view topic, std::int32_t partition) const;
    [[nodiscard]] const std::vector<DeadLettered>& dead_lettered() const noexcept;
    /// All notices, also without `on_notice`.
    [[nodiscard]] const std::vector<Notice>& notices() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenter::consume
