// How long after its 2xx a webhook is with a consumer: broker_latency HTTP_PORT PATH PROFILE TOPIC RATE SECONDS posts RATE webhooks of 1
// KiB a second, open loop, and reads them from partition 0 of TOPIC with librdkafka.
//
//   due --> sent --> 2xx read (t1) ...... consumer has the record (t2)     t2 - t1; below 0 where the consumer was first
//
// Prints one JSON object: how many, and percentiles in microseconds, also from when each was due.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>

#include "bench/order.hpp"
#include "tenter/envelope/connection_profile.hpp"
#include "tenter/kafka_client/client.hpp"

namespace {

using namespace tenter;
using Time = std::chrono::steady_clock::time_point;

constexpr std::size_t senders = 16;
constexpr std::size_t id_length = 36;  // as the answer and the record's header `tenter-id` have it
constexpr std::chrono::seconds patience{30};

[[noreturn]] void give_up(const std::string& reason) {
    std::fprintf(stderr, "broker_latency: %s\n", reason.c_str());
    std::exit(1);
}

/// One keep-alive connection that waits for each answer.
class Sender {
public:
    Sender(std::uint16_t port, const std::string& path) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) give_up("no connection to the gateway");
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::string body = bench::order_json();
        request_ = "POST " + path +
                   " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                   "\r\n\r\n" + body;
    }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    ~Sender() { ::close(socket_); }

    /// The id of the event that was stored.
    std::string post() {
        if (::send(socket_, request_.data(), request_.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request_.size()))
            give_up("send failed");
        std::string answer;
        std::array<char, 4096> piece{};
        while (answer.find("\"}") == std::string::npos) {
            const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
            if (got <= 0) give_up("the gateway closed: " + answer);
            answer.append(piece.data(), static_cast<std::size_t>(got));
        }
        constexpr std::string_view member = "\"id\":\"";
        const auto at = answer.find(member);
        if (!answer.starts_with("HTTP/1.1 200") || at == std::string::npos) give_up("not taken: " + answer);
        return answer.substr(at + member.size(), id_length);
    }

private:
    int socket_;
    std::string request_;
};

struct Posted {
    std::string id;
    Time due;
    Time answered;
};

/// Reads on a thread of its own from the log's end on, and notes when each event came.
class Reader {
public:
    Reader(const envelope::ConnectionProfile& profile, const std::string& topic) {
        kafka_client::Settings settings({profile.kafka_bootstrap, profile.consumer_name, profile.auth_secret, profile.kafka_ca});
        settings.set("group.id", "latency");
        settings.set("enable.auto.commit", "false");
        auto made = std::move(settings).make_consumer();
        if (!made) give_up(made.error().message);
        thread_ = std::jthread([this, topic, consumer = std::move(*made)](const std::stop_token& stop) {
            auto* const partitions = rd_kafka_topic_partition_list_new(1);
            rd_kafka_topic_partition_list_add(partitions, topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_END;
            rd_kafka_poll_set_consumer(consumer.get());
            rd_kafka_assign(consumer.get(), partitions);
            rd_kafka_topic_partition_list_destroy(partitions);
            while (!stop.stop_requested()) {
                if (auto* const message = rd_kafka_consumer_poll(consumer.get(), 100)) {
                    note(*message, std::chrono::steady_clock::now());
                    rd_kafka_message_destroy(message);
                }
            }
        });
    }

    [[nodiscard]] std::size_t count() const { return count_.load(); }
    [[nodiscard]] bool has(const std::string& id) {
        const std::scoped_lock lock(mutex_);
        return seen_.contains(id);
    }
    /// After the last event.
    std::unordered_map<std::string, Time> stop() {
        thread_.request_stop();
        thread_.join();
        return std::move(seen_);
    }

private:
    void note(const rd_kafka_message_t& message, Time now) {
        rd_kafka_headers_t* headers = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR || rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
            rd_kafka_header_get_last(headers, "tenter-id", &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
            return;
        const std::scoped_lock lock(mutex_);
        seen_.emplace(std::string(static_cast<const char*>(value), size), now);
        ++count_;
    }

    std::mutex mutex_;
    std::unordered_map<std::string, Time> seen_;
    std::atomic<std::size_t> count_{0};
    std::jthread thread_;
};

void wait_until(const std::string& what, auto condition) {
    const Time give_up_at = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > give_up_at) give_up(what);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

std::vector<Posted> post_all(std::uint16_t port, const std::string& path, std::size_t rate, std::size_t seconds) {
    std::mutex mutex;
    std::vector<Posted> all;
    const Time start = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    std::vector<std::jthread> threads;
    for (std::size_t first = 0; first < senders; ++first)
        threads.emplace_back([&, first] {
            Sender sender(port, path);
            std::vector<Posted> mine;
            for (std::size_t number = first; number < rate * seconds; number += senders) {
                const Time due = start + std::chrono::nanoseconds(1'000'000'000ULL * number / rate);
                std::this_thread::sleep_until(due);
                std::string id = sender.post();
                mine.push_back({std::move(id), due, std::chrono::steady_clock::now()});
            }
            const std::scoped_lock lock(mutex);
            all.insert(all.end(), mine.begin(), mine.end());
        });
    threads.clear();
    return all;
}

void print(const char* name, std::vector<double> micros, const char* end) {
    std::ranges::sort(micros);
    const auto at = [&](double part) { return micros[static_cast<std::size_t>(part * static_cast<double>(micros.size() - 1))]; };
    std::printf("\"%s\":{\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p99_9\":%.1f,\"max\":%.1f}%s", name, at(0.5), at(0.9), at(0.99),
                at(0.999), micros.back(), end);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 7) give_up("usage: broker_latency HTTP_PORT PATH PROFILE TOPIC RATE SECONDS");
    const auto port = static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10));
    const std::string path = argv[2];
    const auto rate = std::strtoull(argv[5], nullptr, 10);
    const auto seconds = std::strtoull(argv[6], nullptr, 10);
    Reader reader(envelope::ConnectionProfile::from_file(argv[3]), argv[4]);
    {
        Sender first(port, path);
        std::string last;
        wait_until("the consumer reads nothing", [&] {
            if (reader.count() == 0) last = first.post();
            return reader.has(last);  // and so all that were posted before the measurement
        });
    }
    const std::size_t before = reader.count();
    const auto posted = post_all(port, path, rate, seconds);
    wait_until("not all events came", [&] { return reader.count() >= before + posted.size(); });
    const auto seen = reader.stop();
    std::vector<double> from_answer;
    std::vector<double> from_due;
    for (const Posted& event : posted) {
        const auto found = seen.find(event.id);
        if (found == seen.end()) give_up("event " + event.id + " never came");
        const auto micros = [&](Time since) { return std::chrono::duration<double, std::micro>(found->second - since).count(); };
        from_answer.push_back(micros(event.answered));
        from_due.push_back(micros(event.due));
    }
    std::printf("{\"events\":%zu,", posted.size());
    print("from_answer_us", std::move(from_answer), ",");
    print("from_due_us", std::move(from_due), "}\n");
}
