// SaslHandshake, SaslAuthenticate: PLAIN only. Who is known, who must wait, who is refused, and how late.

#include <utility>

#include "gateway/broker/plain.hpp"
#include "gateway/broker/session.hpp"
#include "tenter/base/secret.hpp"

namespace tenter::broker {

using kafka_protocol::ErrorCode;
using kafka_protocol::SaslAuthenticateResponse;

namespace {

constexpr std::string_view mechanism = "PLAIN";
/// A longer name is not shown: it might be the secret in the wrong place.
constexpr std::size_t longest_shown_name = 40;

std::string shown(std::string_view user) {
    if (!consumers::is_consumer_name(user) || user.size() > longest_shown_name) return "a consumer that there cannot be";
    return "consumer \"" + std::string(user) + "\"";
}

}  // namespace

void Session::choose(const kafka_protocol::SaslHandshakeRequest& request) {
    // As Kafka where sessions do not end: there is nothing to renew.
    if (is_authenticated()) return answer(kafka_protocol::SaslHandshakeResponse{.error_code = ErrorCode::illegal_sasl_state});
    // Offered, because clients take a range without it for none; but what follows it are octets outside of Kafka's frames.
    if (version_ == 0) return close_now("SaslHandshake version 0, after which tokens come without frames");
    const kafka_protocol::SaslHandshakeResponse offered{.mechanisms = {std::string(mechanism)}};
    if (request.mechanism == mechanism) {
        state_ = State::chosen;
        return answer(offered);
    }
    auto refused = offered;
    refused.error_code = ErrorCode::unsupported_sasl_mechanism;
    answer(refused, version_, "a SASL mechanism other than PLAIN");
}

void Session::authenticate(kafka_protocol::SaslAuthenticateRequest& request) {
    const Secret token(std::move(request.auth_bytes));
    if (is_authenticated())
        return answer(SaslAuthenticateResponse{.error_code = ErrorCode::illegal_sasl_state, .error_message = "authenticated already"});
    if (state_ != State::chosen)
        return answer(SaslAuthenticateResponse{.error_code = ErrorCode::illegal_sasl_state, .error_message = "SaslHandshake comes first"},
                      version_, "SaslAuthenticate without SaslHandshake");
    core_.watch.look();
    const auto parts = parse_plain(token.reveal());
    const auto* consumer = parts ? core_.watch.registry().find(parts->user) : nullptr;
    const auto digest = consumers::proven_by(consumer, parts ? parts->password : BytesView(), core_.clock.now());
    if (!parts || consumer == nullptr || !digest) return refuse_login(parts ? parts->user : std::string_view());
    login_ = Login{.name = consumer->name, .id = consumer->id, .digest = *digest};
    admit();
}

void Session::refuse_login(std::string_view user) {
    const auto now = core_.clock.monotonic();
    auto reason = "unknown name or wrong secret of " + shown(user);
    timer_ = core_.timers.at(now + core_.slow_down.failed(arrival_.peer, now), [this, reason = std::move(reason)]() mutable {
        timer_ = {};
        answer(SaslAuthenticateResponse{.error_code = ErrorCode::sasl_authentication_failed,
                                        .error_message = "Authentication failed: Invalid username or password"},
               version_, std::move(reason));
    });
}

/// Lets it in, as soon as its consumer is ready.
void Session::admit() {
    if (!may_stay()) return close_now("consumer \"" + login_->name + "\" was removed while it logged in");
    if (known()->is_new) {
        if (std::exchange(state_, State::waiting) == State::waiting) return;
        timer_ = core_.timers.at(core_.clock.monotonic() + core_.options.limits.login_wait, [this] {
            timer_ = {};
            close_now("the start offsets of consumer \"" + login_->name + "\" could not be stored in time");
        });
        return;
    }
    auto& use = core_.uses[login_->name];
    const auto most = core_.options.limits.connections_per_consumer;
    if (use.connections >= most) return close_now("consumer \"" + login_->name + "\" has " + std::to_string(most) + " connections already");
    use_ = &use;
    ++use.connections;
    state_ = State::admitted;
    core_.slow_down.succeeded(arrival_.peer);
    answer(SaslAuthenticateResponse{});
}

bool Session::may_stay() const noexcept { return consumers::still_admits(known(), login_->id, login_->digest, core_.clock.now()); }

void Session::review() {
    if (!login_ || is_ended_) return;
    if (state_ == State::waiting) return admit();
    if (is_authenticated() && !may_stay()) end("consumer \"" + login_->name + "\" was removed, or its secret replaced");
}

}  // namespace tenter::broker
