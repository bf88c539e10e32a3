#pragma once
// Tools for the tests of the listener: a service that does what its requests say, and clients over real sockets.

#include <condition_variable>
#include <csignal>
#include <deque>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "gateway/kafka_listener/control_socket.hpp"
#include "gateway/kafka_listener/descriptor.hpp"
#include "gateway/kafka_listener/listener.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::kafka_listener {

inline constexpr std::chrono::seconds patience{20};

inline std::string with_size(std::string_view request) {
    const auto size = static_cast<std::uint32_t>(request.size());
    std::string wire;
    for (const int shift : {24, 16, 8, 0}) wire += static_cast<char>(size >> static_cast<unsigned>(shift));
    return wire.append(request);
}

/// Answers by the first letter of a request:
///   l... logs in, echoes       e... echoes      n... answers nothing      c... echoes and closes
///   h... holds its answer until `release`       b<n> answers with n bytes of shared records
///   x... echoes, and asks for the connection to be closed a task later
class ScriptedService final : public Service {
public:
    static constexpr std::size_t stranger_limit = 1'000;
    static constexpr std::size_t friend_limit = 1 << 20;

    class ScriptedClient final : public broker::Client {
    public:
        ScriptedClient(ScriptedService& service, broker::CloseConnection close) : service_(service), close_(std::move(close)) {}
        ~ScriptedClient() override { service_.note(*this, nullptr); }

        void handle(BytesView frame, broker::Respond respond) override {
            TENTER_ASSERT(!frame.empty());
            service_.note(frame);
            broker::Reply reply;
            reply.frame.own() = with_size(frame);
            switch (frame.front()) {
                case 'l': is_authenticated_ = true; break;
                case 'n': reply.frame.own().clear(); break;
                case 'c': reply.close = "was asked to"; break;
                case 'h': return service_.note(*this, std::move(respond));
                case 'b': reply.frame = records(std::stoul(std::string(frame.substr(1)))); break;
                case 'x': service_.executor->post([this] { close_("not wanted any more"); }); break;
                default: break;
            }
            respond(std::move(reply));
        }
        std::size_t max_frame_bytes() const noexcept override { return is_authenticated_ ? friend_limit : stranger_limit; }
        bool is_authenticated() const noexcept override { return is_authenticated_; }
        std::string_view consumer() const noexcept override { return is_authenticated_ ? "shop" : ""; }

        bool is_authenticated_ = false;

    private:
        static kafka_protocol::Frame records(std::size_t size) {
            kafka_protocol::Frame frame;
            frame.own() = with_size(std::string(size, 'r')).substr(0, 4);
            if (size > 0) frame.append(kafka_protocol::share(std::string(size, 'r')));
            return frame;
        }
        ScriptedService& service_;
        broker::CloseConnection close_;
    };

    Result<void> start() override { return start_result; }
    std::unique_ptr<broker::Client> connect(broker::Arrival arrival, broker::CloseConnection close) override {
        auto client = std::make_unique<ScriptedClient>(*this, std::move(close));
        client->is_authenticated_ = arrival.is_operator;
        const std::scoped_lock lock(mutex_);
        arrivals_.push_back(std::move(arrival));
        ++clients_;
        changed_.notify_all();
        return client;
    }
    Instant next_deadline() const override { return Instant::max(); }
    void tick() override {}

    /// Holds an answer, or forgets a client that is gone.
    void note(ScriptedClient& client, broker::Respond respond) {
        const std::scoped_lock lock(mutex_);
        if (respond) {
            held_[&client] = std::move(respond);
        } else {
            held_.erase(&client);
            --clients_;
        }
        changed_.notify_all();
    }
    void note(BytesView handled) {
        const std::scoped_lock lock(mutex_);
        last_handled_ = handled;
        changed_.notify_all();
    }
    /// Answers all that is held, on the listener's thread.
    void release() {
        executor->post([this] {
            auto held = take_held();
            for (auto& [client, respond] : held) {
                broker::Reply reply;
                reply.frame.own() = with_size("released");
                respond(std::move(reply));
            }
        });
    }

    [[nodiscard]] bool wait_for_clients(std::size_t count) {
        return wait([&] { return clients_ == count; });
    }
    [[nodiscard]] bool wait_for_held(std::size_t count) {
        return wait([&] { return held_.size() == count; });
    }
    [[nodiscard]] bool wait_until_handled(std::string_view request) {
        return wait([&] { return last_handled_ == request; });
    }
    [[nodiscard]] std::vector<broker::Arrival> arrivals() {
        const std::scoped_lock lock(mutex_);
        return arrivals_;
    }

    Result<void> start_result{};
    broker::Executor* executor = nullptr;

private:
    std::map<ScriptedClient*, broker::Respond> take_held() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(held_, {});
    }
    template <class Condition>
    bool wait(Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, condition);
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<ScriptedClient*, broker::Respond> held_;
    std::vector<broker::Arrival> arrivals_;
    std::string last_handled_;
    std::size_t clients_ = 0;
};

/// Reasons for which connections were closed, in their order.
class Reasons {
public:
    void add(const Refusal& refusal) {
        const std::scoped_lock lock(mutex_);
        reasons_.push_back(std::string(refusal.peer) + "|" + std::string(refusal.consumer) + "|" + std::string(refusal.reason));
        changed_.notify_all();
    }
    /// Waits for one that was not taken yet: "peer|consumer|reason".
    std::string next() {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, patience, [this] { return !reasons_.empty(); })) return "none in time";
        std::string reason = std::move(reasons_.front());
        reasons_.pop_front();
        return reason;
    }
    [[nodiscard]] bool empty() {
        const std::scoped_lock lock(mutex_);
        return reasons_.empty();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> reasons_;
};

/// A client that waits, 20 s at most; plain until `start_tls`.
class TestClient {
public:
    /// `receive_buffer`: of the kernel, in bytes; 0: as it likes.
    explicit TestClient(std::uint16_t port, int receive_buffer = 0)
        : TestClient(Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), port, receive_buffer) {}
    /// Connects this socket.
    TestClient(Descriptor socket, std::uint16_t port, int receive_buffer = 0) : socket_(std::move(socket)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        set_patience();
        if (receive_buffer > 0) ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    explicit TestClient(Descriptor socket) : socket_(std::move(socket)) { set_patience(); }

    /// False: no handshake. Verifies nothing: that is tested elsewhere.
    bool start_tls(const char* server_name = nullptr) {
        std::signal(SIGPIPE, SIG_IGN);
        context_.reset(SSL_CTX_new(TLS_client_method()));
        session_.reset(SSL_new(context_.get()));
        SSL_set_fd(session_.get(), socket_.get());
        if (server_name != nullptr)
            SSL_ctrl(session_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(server_name));
        return SSL_connect(session_.get()) == 1;
    }
    bool send(std::string_view bytes) {
        if (session_) return SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
        return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }
    bool request(std::string_view request) { return send(with_size(request)); }
    /// One answer without its size; "closed" at the end.
    std::string answer() {
        const std::string size = exactly(4);
        if (size.size() < 4) return "closed";
        std::size_t length = 0;
        for (const char byte : size) length = length << 8U | static_cast<unsigned char>(byte);
        std::string body = exactly(length);
        return body.size() == length ? body : "closed";
    }
    std::string ask(std::string_view question) { return request(question) ? answer() : "closed"; }
    [[nodiscard]] std::string subject_of_certificate() const {
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(session_.get()), X509_free);
        std::string text(200, '\0');
        X509_NAME_oneline(X509_get_subject_name(certificate.get()), text.data(), static_cast<int>(text.size()));
        return text.c_str();
    }
    /// Says that it is the end, as TLS has it, and closes.
    void say_goodbye() {
        SSL_shutdown(session_.get());
        close();
    }
    void close() {
        session_.reset();
        socket_.reset();
    }
    [[nodiscard]] int socket() const { return socket_.get(); }

private:
    void set_patience() const {
        const timeval limit{.tv_sec = patience.count(), .tv_usec = 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }
    std::string exactly(std::size_t size) {
        std::string bytes(size, '\0');
        std::size_t filled = 0;
        while (filled < size) {
            const int wanted = static_cast<int>(std::min<std::size_t>(size - filled, 1 << 20));
            const ssize_t got = session_ ? SSL_read(session_.get(), bytes.data() + filled, wanted)
                                         : ::recv(socket_.get(), bytes.data() + filled, static_cast<std::size_t>(wanted), 0);
            if (got <= 0) break;
            filled += static_cast<std::size_t>(got);
        }
        bytes.resize(filled);
        return bytes;
    }

    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
        void operator()(SSL* session) const { SSL_free(session); }
    };
    Descriptor socket_;
    std::unique_ptr<SSL_CTX, Free> context_;
    std::unique_ptr<SSL, Free> session_;
};

class ListenerTest : public testing::Test {
protected:
    ListenerTest() {
        std::string name = (std::filesystem::temp_directory_path() / "tenter-listener-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        options_.listen = {{"127.0.0.1", 0}};
    }
    ~ListenerTest() override {
        if (listener_) listener_->stop();
        listener_.reset();
        std::filesystem::remove_all(folder_);
    }

    Result<void> try_start() {
        tls::Certificates certificates([this] { return tls::ensure_identity(env_, clock_, folder_ + "/data", names_); }, {});
        EXPECT_TRUE(certificates.refresh());
        listener_ = std::make_unique<Listener>(options_, clock_, std::move(certificates),
                                               Observer{.on_refused = [this](const Refusal& refusal) { reasons_.add(refusal); },
                                                        .on_notice = [this](std::string_view text) { reasons_.add({"", "", text}); }});
        service_.executor = &listener_->executor();
        return listener_->start(service_);
    }
    void start() {
        const auto started = try_start();
        ASSERT_TRUE(started) << started.error().message;
    }
    [[nodiscard]] std::uint16_t port() const { return listener_->addresses().front().port; }
    /// A connection whose handshake is done.
    std::unique_ptr<TestClient> connected(int receive_buffer = 0) {
        auto client = std::make_unique<TestClient>(port(), receive_buffer);
        EXPECT_TRUE(client->start_tls());
        return client;
    }
    /// And that has logged in.
    std::unique_ptr<TestClient> logged_in(int receive_buffer = 0) {
        auto client = connected(receive_buffer);
        EXPECT_EQ(client->ask("login"), "login");
        return client;
    }

    std::string folder_;
    PosixEnv env_;
    SystemClock clock_;
    std::vector<std::string> names_{"localhost", "127.0.0.1"};
    ListenerOptions options_;
    Reasons reasons_;
    ScriptedService service_;
    std::unique_ptr<Listener> listener_;
};

}  // namespace tenter::kafka_listener
