#include "gateway/broker/session.hpp"

#include <utility>

#include "gateway/kafka_protocol/api.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::broker {

using kafka_protocol::ApiKey;

namespace {

std::string name_of(const kafka_protocol::RequestHead& head) {
    const auto name = to_string(head.api_key);
    const auto shown = name.empty() ? "request " + std::to_string(static_cast<int>(head.api_key)) : std::string(name);
    return shown + " version " + std::to_string(head.version);
}

bool comes_before_authentication(ApiKey key) {
    return key == ApiKey::api_versions || key == ApiKey::sasl_handshake || key == ApiKey::sasl_authenticate;
}

}  // namespace

Session::Session(Core& core, Arrival arrival, CloseConnection close)
    : core_(core),
      id_(core.next_connection()),
      arrival_(std::move(arrival)),
      endpoint_(endpoint_for(core.options.advertise, arrival_)),
      close_(std::move(close)),
      state_(arrival_.is_operator ? State::admitted : State::fresh) {
    core_.sessions.emplace(id_, this);
    if (!arrival_.is_operator) return;
    use_ = &core_.uses[{}];
    ++use_->connections;
}

Session::~Session() {
    respond_ = nullptr;
    fetch_.reset();
    core_.timers.cancel(timer_);
    core_.coordinator.connection_closed(id_);
    core_.sessions.erase(id_);
    if (use_ != nullptr && --use_->connections == 0) core_.uses.erase(std::string(consumer()));
}

std::size_t Session::max_frame_bytes() const noexcept {
    const auto& limits = core_.options.limits;
    return is_authenticated() ? limits.frame_bytes : limits.unauthenticated_frame_bytes;
}

void Session::handle(BytesView frame, Respond respond) {
    TENTER_ASSERT(respond_ == nullptr);
    respond_ = std::move(respond);
    if (is_ended_) return close_now("a request after the end");
    const auto head = kafka_protocol::peek_request(frame);
    if (!head) return close_now(head.error().message);
    version_ = head->version;
    correlation_id_ = head->correlation_id;
    // The one request that may come in any version: its answer says which ones are known, and is read whatever the client knows.
    if (head->api_key == ApiKey::api_versions && !is_offered(head->api_key, head->version))
        return answer(kafka_protocol::unsupported_api_versions(), 0);
    if (auto reason = refusal(*head)) return close_now(std::move(*reason));
    auto request = kafka_protocol::decode_request(frame);
    if (!request) return close_now(std::move(request.error().message));
    client_id_ = request->header.client_id.value_or(std::string());
    serve(*request);
}

/// Why it is closed instead of being answered, if so.
std::optional<std::string> Session::refusal(const kafka_protocol::RequestHead& head) const {
    if (!is_authenticated() && !comes_before_authentication(head.api_key)) return name_of(head) + " before authentication";
    if (!is_offered(head.api_key, head.version)) return name_of(head) + " is not offered";
    return std::nullopt;
}

void Session::reply(Reply reply) {
    core_.timers.cancel(std::exchange(timer_, {}));
    if (reply.close) is_ended_ = true;
    std::exchange(respond_, nullptr)(std::move(reply));
}

void Session::reply_at_length(kafka_protocol::Frame frame, std::optional<std::string> close) {
    if (use_ == nullptr) return close_now("a long answer before authentication");
    if (core_.large_answers.allowance(*use_->large_answers) == 0)
        return close_now("too many long answers that it asked for and has not read");
    frame.keep(core_.large_answers.hold(use_->large_answers, frame.own().size()));
    reply({.frame = std::move(frame), .close = std::move(close)});
}

const consumers::Consumer* Session::known() const noexcept { return login_ ? core_.watch.registry().find(login_->name) : nullptr; }

View Session::view() const {
    if (arrival_.is_operator) return View::of_everything(core_.topics);
    const auto* consumer = known();
    TENTER_ASSERT(is_authenticated() && consumer != nullptr);
    return View(core_.topics, *consumer);
}

void Session::end(std::string_view reason) {
    is_ended_ = true;
    if (close_) std::exchange(close_, nullptr)(reason);
}

}  // namespace tenter::broker
