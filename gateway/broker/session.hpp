#pragma once
// gateway/broker/session.hpp: one connection: who it is, and which request it waits for.
//
//   new --SaslHandshake--> chosen --SaslAuthenticate--> admitted        ApiVersions at any time; all else before: closed
//    |                        |  \--> waiting (a new consumer's start offsets are on their way to the disk) --> admitted
//    |                        `--wrong--> refused late, closed
//    `--the operator's socket--> admitted

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/broker/client.hpp"
#include "gateway/broker/core.hpp"
#include "gateway/broker/describe.hpp"
#include "gateway/broker/fetch.hpp"
#include "gateway/broker/group_requests.hpp"
#include "gateway/broker/timers.hpp"
#include "gateway/consumers/consumer.hpp"
#include "gateway/kafka_protocol/codec.hpp"
#include "tenter/base/uuid.hpp"

namespace tenter::broker {

class Session final : public Client {
public:
    Session(Core& core, Arrival arrival, CloseConnection close);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() override;

    void handle(BytesView frame, Respond respond) override;
    [[nodiscard]] std::size_t max_frame_bytes() const noexcept override;
    [[nodiscard]] bool is_authenticated() const noexcept override { return state_ == State::admitted; }
    [[nodiscard]] std::string_view consumer() const noexcept override {
        return login_ && is_authenticated() ? login_->name : std::string_view();
    }

    /// The consumers may be others than before: whoever is none any more has to go, and who waited may begin.
    void review();

private:
    static constexpr std::size_t usual_answer_bytes = 64 << 10;
    enum class State : std::uint8_t { fresh, chosen, waiting, admitted };
    /// Who it is, and what proved it.
    struct Login {
        std::string name;
        Uuid id;
        consumers::StoredSecret::Digest digest;
    };
    struct Serve;  // session_requests.cpp

    // session.cpp
    [[nodiscard]] std::optional<std::string> refusal(const kafka_protocol::RequestHead& head) const;
    void serve(kafka_protocol::Request& request);
    template <class Message>
    void answer(const Message& message) {
        answer(message, version_);
    }
    template <class Message>
    void answer(const Message& message, std::int16_t version, std::optional<std::string> close = {}) {
        auto frame = kafka_protocol::encode_response(correlation_id_, version, message);
        if (!frame) return close_now(frame.error().message);
        if (frame->own().size() > usual_answer_bytes) return reply_at_length(std::move(*frame), std::move(close));
        reply({.frame = std::move(*frame), .close = std::move(close)});
    }
    void reply(Reply reply);
    /// An answer that is counted until it is written: who does not read what it asks for is closed instead.
    void reply_at_length(kafka_protocol::Frame frame, std::optional<std::string> close);
    /// Instead of an answer.
    void close_now(std::string reason) { reply({.frame = {}, .close = std::move(reason)}); }
    void end(std::string_view reason);
    /// Null for the operator, and for whom is none any more.
    [[nodiscard]] const consumers::Consumer* known() const noexcept;
    /// While it is admitted, and its consumer known.
    [[nodiscard]] View view() const;

    // authentication.cpp
    void choose(const kafka_protocol::SaslHandshakeRequest& request);
    void authenticate(kafka_protocol::SaslAuthenticateRequest& request);
    void admit();
    void refuse_login(std::string_view user);
    [[nodiscard]] bool may_stay() const noexcept;

    // session_requests.cpp
    [[nodiscard]] Cluster cluster() const { return {.id = core_.options.cluster_id, .endpoint = endpoint_}; }
    [[nodiscard]] GroupRequests groups() const;
    void produce(const kafka_protocol::ProduceRequest& request);
    void fetch(const kafka_protocol::FetchRequest& request);

    Core& core_;
    const groups::ConnectionId id_;
    const Arrival arrival_;
    const Endpoint endpoint_;  ///< Where it is told to connect to.
    CloseConnection close_;
    State state_;
    std::optional<Login> login_;
    bool is_ended_ = false;
    Core::Use* use_ = nullptr;  ///< Once it is admitted.

    // The request under way.
    Respond respond_;
    std::int16_t version_ = 0;
    std::int32_t correlation_id_ = 0;
    std::string client_id_;
    std::unique_ptr<Fetch> fetch_;
    std::size_t fetches_ = 0;  ///< How many there were: each begins with another partition.
    Timers::Id timer_{};       ///< Of a login that waits, or is refused late.
};

}  // namespace tenter::broker
