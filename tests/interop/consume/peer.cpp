// Our consumer as a program, for tests in Python: prints each event and each notice as a line of JSON.
//
//   consume_peer PROFILE TOPIC[,TOPIC] [name=value ...]      consume_peer decode < made.jsonl    (what make_records.py prints)
//
// `error` lines name the exception's class. Exit code: 0, or 1 after an error.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <iostream>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/json.hpp>

#include "tenter/base/encoding.hpp"
#include "tenter/base/json_text.hpp"
#include "tenter/consume/consumer.hpp"

namespace {

using namespace tenter;
using namespace tenter::consume;
namespace json = boost::json;

std::mutex output;

void say(const json::object& line) {
    const auto text = json::serialize(line) + "\n";
    const std::scoped_lock lock(output);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

std::string error_class(const std::exception& thrown) {
    if (dynamic_cast<const FormatError*>(&thrown) != nullptr) return "FormatError";
    if (dynamic_cast<const EnvelopeDecodeError*>(&thrown) != nullptr) return "EnvelopeDecodeError";
    if (dynamic_cast<const PayloadDecodeError*>(&thrown) != nullptr) return "PayloadDecodeError";
    if (const auto* ours = dynamic_cast<const Exception*>(&thrown)) return std::string(to_string(ours->code()));
    return "std::exception";
}

json::object described(const WebhookEvent& event) {
    json::object headers;
    for (const auto& [name, values] : event.headers.to_lists()) headers[name] = json::value_from(values);
    json::array record_headers;
    event.record_headers.for_each([&](std::string_view name, std::optional<BytesView> value) {
        record_headers.push_back(json::array{name, value ? json::value(hex_encode(*value)) : json::value()});
    });
    return {{"method", envelope::to_string(event.method)},
            {"timestamp_ms", event.timestamp.time_since_epoch().count()},
            {"headers", std::move(headers)},
            {"encoding", event.encoding == Encoding::json ? "JSON" : "CBOR"},
            {"payload_hex", hex_encode(event.payload_bytes)},
            {"payload_json", event.payload()},
            {"key", event.key ? json::value(hex_encode(*event.key)) : json::value()},
            {"record_headers", std::move(record_headers)},
            {"topic", event.topic},
            {"partition", event.partition},
            {"offset", event.offset},
            {"attempt", event.attempt}};
}

json::object described(const Notice& notice) {
    json::array partitions;
    for (const auto& partition : notice.partitions) partitions.push_back(json::array{partition.topic, partition.partition});
    json::object line{
        {"notice", to_string(notice.kind)}, {"message", notice.message}, {"partitions", std::move(partitions)}, {"lag", notice.lag}};
    if (notice.place) line["offset"] = notice.place->offset;
    return line;
}

using Settings = std::map<std::string, std::string>;

StartPoint start_of(const std::string& text) {
    if (text == "earliest") return StartPoint::earliest();
    if (text == "latest") return StartPoint::latest();
    if (text.starts_with("time:")) return StartPoint::at(UnixMillis(std::chrono::milliseconds(std::stoll(text.substr(5)))));
    if (!text.starts_with("offset:")) return StartPoint::last_processed();  // offset:TOPIC:PARTITION:OFFSET
    const auto first = text.find(':', 7);
    const auto second = text.find(':', first + 1);
    return StartPoint::at_offsets({{.topic = text.substr(7, first - 7),
                                    .partition = std::stoi(text.substr(first + 1, second - first - 1)),
                                    .offset = std::stoll(text.substr(second + 1))}});
}

std::chrono::milliseconds milliseconds(const std::string& text) { return std::chrono::milliseconds(std::stoll(text)); }

ConsumerOptions options_of(const Settings& settings) {
    ConsumerOptions options;
    const auto when = [&](const char* name, auto use) {
        if (const auto found = settings.find(name); found != settings.end()) use(found->second);
    };
    when("group", [&](const auto& text) { options.group = text == "none" ? ConsumerGroup::none() : ConsumerGroup::named(text); });
    when("start", [&](const auto& text) { options.start = start_of(text); });
    when("workers", [&](const auto& text) { options.workers = std::stoul(text); });
    when("commit_each", [&](const auto&) { options.commit = CommitPolicy::each(); });
    when("commit_interval", [&](const auto& text) { options.commit.interval = milliseconds(text); });
    when("commit_events", [&](const auto& text) { options.commit.max_events = static_cast<std::uint32_t>(std::stoul(text)); });
    when("retries", [&](const auto& text) {
        options.retry =
            retry::RetryConfig{.max_retries = static_cast<std::uint32_t>(std::stoul(text)), .initial_delay = std::chrono::milliseconds(20)};
    });
    when("dead_letters", [&](const auto& text) { options.dead_letter_topic = text; });
    when("undecodable", [&](const auto& text) {
        const auto decision = text == "skip" ? Undecodable::skip : Undecodable::dead_letter;
        options.on_undecodable = [decision](const UndecodableRecord& record) {
            say({{"undecodable", error_class(record.error)}, {"offset", record.error.offset()}});
            return decision;
        };
    });
    when("connect_timeout", [&](const auto& text) { options.connect_timeout = milliseconds(text); });
    when("session_timeout", [&](const auto& text) { options.session_timeout = milliseconds(text); });
    when("max_poll_interval", [&](const auto& text) { options.max_poll_interval = milliseconds(text); });
    when("revoke_timeout", [&](const auto& text) { options.revoke_timeout = milliseconds(text); });
    when("metadata_refresh", [&](const auto& text) { options.metadata_refresh = milliseconds(text); });
    when("lag_interval", [&](const auto& text) { options.lag_interval = milliseconds(text); });
    when("instance", [&](const auto& text) { options.instance_id = text; });
    when("cooperative", [&](const auto&) { options.cooperative = true; });
    options.stop_on_signals = settings.contains("signals");
    return options;
}

/// A callback that takes its time, as a user's may.
void take(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, time, [] { return false; });
}

int consume_topics(const std::string& profile, const std::string& list, const Settings& settings) {
    std::vector<std::string> topics;
    for (std::size_t begin = 0; begin <= list.size();) {
        const auto end = std::min(list.find(',', begin), list.size());
        topics.push_back(list.substr(begin, end - begin));
        begin = end + 1;
    }
    const auto number = [&](const char* name, std::int64_t otherwise) {
        const auto found = settings.find(name);
        return found == settings.end() ? otherwise : std::stoll(found->second);
    };
    const auto count = number("count", -1);
    const auto throw_at = number("throw_at", -1);  // the offset of the event whose callback throws
    const auto slow_at = number("slow_at", -1);    // the offset of the event whose callback takes `slow_ms`
    const auto slow_ms = number("slow_ms", 0);
    const auto each_ms = number("each_ms", 0);
    const bool brief = settings.contains("brief");
    const bool until_caught_up = settings.contains("until_caught_up");
    std::stop_source stop;
    std::atomic<std::int64_t> seen = 0;
    auto options = options_of(settings);
    options.on_notice = [&](const Notice& notice) {
        say(described(notice));
        if (until_caught_up && notice.kind == Notice::Kind::caught_up) stop.request_stop();
    };
    MisterWebhooksConsumer consumer(std::move(topics), ConnectionProfile::from_file(profile), std::move(options));
    consumer.run(stop.get_token(), [&](const WebhookEvent& event) {
        if (event.offset == throw_at) throw std::runtime_error("as was asked");
        if (event.offset == slow_at) take(std::chrono::milliseconds(slow_ms), {});
        if (each_ms > 0) take(std::chrono::milliseconds(each_ms), {});
        say(brief ? json::object{{"topic", event.topic}, {"partition", event.partition}, {"offset", event.offset}} : described(event));
        if (++seen == count) stop.request_stop();
    });
    say({{"ended", true}});
    return 0;
}

int run(const std::vector<std::string>& arguments) {
    Settings settings;
    for (std::size_t i = 2; i < arguments.size(); ++i) {
        const auto equals = arguments[i].find('=');
        settings[arguments[i].substr(0, equals)] = equals == std::string::npos ? "" : arguments[i].substr(equals + 1);
    }
    return consume_topics(arguments.at(0), arguments.at(1), settings);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (const std::exception& thrown) {
        say({{"error", error_class(thrown)}, {"message", thrown.what()}});
        return 1;
    }
}
