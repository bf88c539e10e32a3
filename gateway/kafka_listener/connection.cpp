#include "gateway/kafka_listener/connection.hpp"

#include <sys/socket.h>

#include "gateway/kafka_listener/sockets.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::kafka_listener {
namespace {

using tls::Progress;

/// One turn of a connection.
constexpr int reads_per_turn = 4;
constexpr int requests_per_turn = 16;
constexpr std::size_t output_per_turn = 128 * 1024;

/// What may wait while a request is under way, and what a connection may hold without being counted.
constexpr std::size_t usual_input_bytes = 64 * 1024;
/// An answer has to get on by so much to have its time anew.
constexpr std::size_t output_step_bytes = 64 * 1024;

}  // namespace

Connection::Connection(Site& site, Descriptor socket, bool is_operator)
    : site_(site),
      socket_(std::move(socket)),
      transport_(is_operator ? nullptr : &site.certificates.context(), socket_.get()),
      is_operator_(is_operator),
      peer_(is_operator ? "operator" : peer_of(socket_.get()).host),
      accepted_at_(site.now) {}

Connection::~Connection() = default;

bool Connection::start() {
    if (!site_.loop.add(socket_.get(), *this, interest_)) return false;
    if (is_operator_) {
        open();
    } else {
        stranger_ = site_.strangers.insert(site_.strangers.end(), this);
    }
    set_timer();
    return true;
}

// ---- Turns --------------------------------------------------------------------------------------------------------------------------

void Connection::on_ready() {
    if (stage_ == Stage::handshake) return shake_hands();
    if (stage_ == Stage::closed) return;
    input_ended_ = false;
    pump();
}

/// While more was sent than is taken, nothing is read that would say so; and nobody waits for an answer any more.
void Connection::on_ended() { close(); }

/// What the socket has is the loop's to tell; only what TLS holds already is not.
void Connection::run() {
    if (stage_ == Stage::closed) return;
    input_ended_ = !transport_.has_buffered();
    pump();
}

void Connection::shake_hands() {
    if (site_.handshakes_left == 0) return;  // the socket stays ready: the next turn comes here again
    --site_.handshakes_left;
    const auto step = transport_.handshake();
    if (!follow(step)) return;
    if (step->progress != Progress::done) return watch(step->progress == Progress::wants_write);
    open();
    pump();
}

void Connection::open() {
    stage_ = Stage::open;
    client_ = site_.service->connect({.peer = peer_,
                                      .reached = is_operator_ ? broker::Endpoint{} : reached_by(socket_.get()),
                                      .server_name = transport_.server_name(),
                                      .is_operator = is_operator_},
                                     [this](std::string_view reason) {
                                         close_requested_ = reason;
                                         if (!is_handling_) site_.run_again(*this);
                                     });
}

/// Does what can be done now: what has come, answers first. A peer that does not read them is not listened to.
void Connection::pump() {
    if (close_requested_) return close(*close_requested_);
    for (int requests = 0;;) {
        if (!output_.done() && !write_output()) return;
        if (last_words_) return close(*last_words_);
        if (!awaits_reply_ && requests < requests_per_turn) {
            const bool handled = handle_next();
            if (stage_ == Stage::closed) return;
            if (close_requested_) return close(*close_requested_);
            if (handled) {
                ++requests;
                continue;
            }
        }
        if (requests == requests_per_turn) {
            site_.run_again(*this);
            break;
        }
        if (peer_has_gone_) return close(awaits_reply_ || input_.empty() ? "" : "closed in the middle of a request");
        if (input_ended_ || !has_room()) break;
        if (!read_input()) return;
    }
    watch(false);
    set_timer();
}

// ---- Input --------------------------------------------------------------------------------------------------------------------------

/// More may be read: always until there is a whole request, and then up to a bound.
bool Connection::has_room() const noexcept { return !awaits_reply_ || input_.size() < usual_input_bytes; }

/// False: closed.
bool Connection::read_input() {
    for (int reads = 0; has_room(); ++reads) {
        if (reads == reads_per_turn) break;
        const auto step = transport_.read(site_.input_scratch);
        if (step && step->progress == Progress::closed && !awaits_reply_) {
            peer_has_gone_ = true;  // what it asked before is a request like any other: a commit, or that it leaves its group
            break;
        }
        if (!follow(step)) return false;
        if (step->progress != Progress::done) break;
        if (!take({site_.input_scratch.data(), step->bytes})) return false;
        if (!transport_.has_buffered()) break;
    }
    input_ended_ = true;  // for this turn: `watch` and the loop see to it that there is another
    return true;
}

/// False: closed.
bool Connection::take(BytesView bytes) {
    input_.append(bytes);
    const std::size_t large = input_.size() > usual_input_bytes ? input_.size() - usual_input_bytes : 0;
    site_.large_requests_bytes += large - large_bytes_;
    large_bytes_ = large;
    if (site_.large_requests_bytes <= site_.options.large_requests_bytes) return true;
    close("too many large requests at once, of all clients together");
    return false;
}

/// True if there was a request; maybe closed.
bool Connection::handle_next() {
    const auto request = input_.next(client_->max_frame_bytes());
    if (!request) {
        close(request.error().message);
        return false;
    }
    if (!*request) return false;
    timed_ = Timed::nothing;  // whatever comes next has its time from now on
    awaits_reply_ = true;
    is_handling_ = true;
    client_->handle(**request, [this](broker::Reply reply) { accept_reply(std::move(reply)); });
    is_handling_ = false;
    input_.consume(**request);
    static_cast<void>(take({}));  // what is counted of it
    note_authentication();
    return true;
}

// ---- Output -------------------------------------------------------------------------------------------------------------------------

/// Called by the broker, now or later: only notes what there is to do.
void Connection::accept_reply(broker::Reply reply) {
    awaits_reply_ = false;
    last_words_ = std::move(reply.close);
    if (reply.frame.size() > 0) output_.begin(std::move(reply.frame));
    if (!is_handling_) site_.run_again(*this);
}

/// True when all is written; else it goes on later, or the connection is closed.
bool Connection::write_output() {
    note_authentication();
    if (!stranger_ && timed_ != Timed::output) set_deadline(Timed::output);
    for (std::size_t written = 0; !output_.done();) {
        if (written >= output_per_turn) {
            site_.run_again(*this);
            return false;
        }
        const BytesView chunk = output_.next(site_.output_scratch);
        const auto step = transport_.write(chunk, output_.goes_on_behind(chunk) ? tls::Then::more : tls::Then::nothing);
        if (!follow(step)) return false;
        if (step->progress != Progress::done) {
            show_interest(step->progress == Progress::wants_write ? Interest::write : Interest::read);
            return false;
        }
        output_.advance(step->bytes);
        written += step->bytes;
        written_ += step->bytes;
        if (!stranger_ && written_ >= output_step_bytes) set_deadline(Timed::output);
    }
    timed_ = Timed::nothing;
    return true;
}

/// False: closed, for what the transport says.
bool Connection::follow(const Result<tls::Step>& step) {
    if (step && step->progress != Progress::closed) return true;
    close(step || peer_has_gone_ ? std::string_view() : step.error().message);
    return false;
}

/// Reads, unless there is no room or an answer is in the way; and writes where the socket was full.
void Connection::watch(bool wants_write) {
    const bool wants_read = stage_ == Stage::handshake ? !wants_write : output_.done() && has_room();
    const Interest wanted = wants_read ? Interest::read : wants_write ? Interest::write : Interest::nothing;
    // What TLS holds already makes no socket readable.
    if (wants_read && stage_ == Stage::open && transport_.has_buffered()) site_.run_again(*this);
    show_interest(wanted);
}

void Connection::show_interest(Interest interest) {
    if (interest == interest_) return;
    interest_ = interest;
    site_.loop.change(socket_.get(), *this, interest);
}

// ---- Deadlines and the end ----------------------------------------------------------------------------------------------------------

void Connection::note_authentication() {
    if (stranger_ && client_->is_authenticated()) {
        leave_strangers();
        timed_ = Timed::nothing;
    }
}

void Connection::leave_strangers() {
    if (!stranger_) return;
    site_.strangers.erase(*stranger_);
    stranger_.reset();
}

void Connection::set_timer() {
    if (stranger_) {
        set_deadline(Timed::login);
    } else if (awaits_reply_) {
        set_deadline(Timed::nothing);
    } else {
        const Timed timed = input_.empty() ? Timed::idle : Timed::request;
        if (timed != timed_) set_deadline(timed);
    }
}

void Connection::set_deadline(Timed timed) {
    const ListenerOptions& options = site_.options;
    timed_ = timed;
    written_ = 0;
    switch (timed) {
        case Timed::nothing: deadline_ = Instant::max(); return;
        case Timed::login: deadline_ = accepted_at_ + options.login_timeout; return;
        case Timed::idle: deadline_ = site_.now + options.idle_timeout; return;
        case Timed::request: deadline_ = site_.now + options.request_timeout; return;
        case Timed::output: deadline_ = site_.now + options.write_timeout; return;
    }
}

void Connection::enforce_deadline() {
    if (site_.now < deadline_) return;
    switch (timed_) {
        case Timed::nothing: return;
        case Timed::login: return close(stage_ == Stage::handshake ? "no TLS handshake in time" : "not authenticated in time");
        case Timed::idle: return close();
        case Timed::request: return close("a request that did not come whole in time");
        case Timed::output: return close("an answer that was not read in time");
    }
}

void Connection::close(std::string_view reason) {
    if (stage_ == Stage::closed) return;
    const std::string_view consumer = client_ ? client_->consumer() : std::string_view();
    if (!reason.empty()) site_.report({.peer = peer_, .consumer = consumer, .reason = reason});
    const bool is_mannerly = stage_ == Stage::open && output_.done();
    stage_ = Stage::closed;
    leave_strangers();
    site_.large_requests_bytes -= large_bytes_;
    client_.reset();
    if (is_mannerly) transport_.say_goodbye();
    ::shutdown(socket_.get(), SHUT_WR);
    site_.loop.forget(socket_.get());
    site_.remove(*this);
}

}  // namespace tenter::kafka_listener
