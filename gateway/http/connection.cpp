#include "gateway/http/connection.hpp"

#include <boost/asio/buffer.hpp>

namespace tenter::http {
namespace {

constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";
/// Answers to pipelined requests are gathered up to this, then written.
constexpr std::size_t max_gathered_bytes = 64 * 1024;
/// A connection keeps no larger output buffer than this.
constexpr std::size_t kept_output_bytes = 64 * 1024;

std::string address_of(const Socket& socket) {
    ErrorCode error;
    const auto endpoint = socket.remote_endpoint(error);
    return error ? std::string() : endpoint.address().to_string();
}

}  // namespace

Connection::Connection(Worker& worker, Socket socket)
    : worker_(worker),
      inbox_(worker.inbox),
      socket_(std::move(socket)),
      peer_(address_of(*socket_)),
      scanner_(worker.site.options.max_header_bytes) {
    ErrorCode ignored;  // a socket that refuses these is dead, and says so at the first read
    socket_->set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    socket_->non_blocking(true, ignored);
}

void Connection::start() { pump(); }

void Connection::start_refused() {
    refuse({503, "too many connections"});
    pump();
}

// ---- From bytes to answers ----------------------------------------------------------------------------------------------------------

/// Goes on until there is something to wait for.
void Connection::pump() {
    for (;;) {
        head_views_valid_ = false;
        const Waiting next = take_requests();
        if (!flush()) return;
        switch (next) {
            case Waiting::input: return await_input();
            case Waiting::answer:
                waiting_ = Waiting::answer;
                timed_ = Timed::nothing;
                deadline_ = Instant::max();  // the handler keeps its own
                return;
            case Waiting::peer_close: return linger();
            case Waiting::output: break;  // everything was written: go on
        }
    }
}

/// Handles what lies in the buffer, one request after the other; says what is missing in order to go on.
Connection::Waiting Connection::take_requests() {
    for (;;) {
        if (closing_) return Waiting::peer_close;
        if (stage_ == Stage::answering) return Waiting::answer;
        if (out_.size() >= max_gathered_bytes) return Waiting::output;
        if (stage_ == Stage::head && !take_head()) return Waiting::input;
        if (closing_) continue;
        if (!take_body()) return Waiting::input;
        if (!closing_) dispatch();
    }
}

/// False: more input is needed. A refusal sets `closing_`.
bool Connection::take_head() {
    if (!skipped_empty_line_ && in_.view().starts_with("\r\n")) {  // RFC 9112 section 2.2
        in_.consume(2);
        skipped_empty_line_ = true;
    }
    answers_head_ = in_.view().starts_with("HEAD ");
    const auto bytes = scanner_.scan(in_.view());
    if (bytes && *bytes == 0) return false;
    if (!bytes) {
        refuse(bytes.error());
        return true;
    }
    head_bytes_ = *bytes;
    if (const auto refusal = accept_head()) refuse(*refusal);
    return true;
}

/// Judges the head that lies at the front of the buffer.
std::optional<Refusal> Connection::accept_head() {
    const auto head = parse_request_head(in_.view().substr(0, head_bytes_), worker_.headers);
    if (!head) return head.error();
    const ServerOptions& options = worker_.site.options;
    head_ = *head;
    head_views_valid_ = true;
    received_at_ = worker_.site.clock.now();
    if (head_.content_length > options.max_body_bytes) return Refusal{413, "body over the limit"};
    if (head_.framing == BodyFraming::chunked) chunked_.emplace(options.max_body_bytes, options.max_header_bytes);
    stage_ = Stage::body;
    const bool body_expected = head_.framing == BodyFraming::chunked || head_.content_length > 0;
    if (head_.expects_continue && body_expected && in_.size() == head_bytes_) out_.append(continue_line);
    return std::nullopt;
}

/// False: more input is needed. A refusal sets `closing_`.
bool Connection::take_body() {
    switch (head_.framing) {
        case BodyFraming::none: return true;
        case BodyFraming::content_length: return in_.size() - head_bytes_ >= head_.content_length;
        case BodyFraming::chunked: return take_chunks();
    }
    return true;
}

bool Connection::take_chunks() {
    if (in_.size() == head_bytes_) return false;
    const auto used = chunked_->take(in_.view().substr(head_bytes_), chunked_body_);
    if (!used) {
        refuse(used.error());
        return true;
    }
    in_.remove(head_bytes_, *used);
    return chunked_->complete();
}

void Connection::dispatch() {
    if (!head_views_valid_) {
        // The buffer has moved since the head was read. Reading it again is cheaper than offsets for everybody else.
        head_ = *parse_request_head(in_.view().substr(0, head_bytes_), worker_.headers);
    }
    const bool chunked = head_.framing == BodyFraming::chunked;
    const std::size_t length = chunked ? 0 : static_cast<std::size_t>(head_.content_length);
    const Request request{.message = {.method = head_.method,
                                      .target = head_.target,
                                      .headers = worker_.headers,
                                      .body = chunked ? BytesView(chunked_body_) : in_.view().substr(head_bytes_, length),
                                      .origin = {}},
                          .peer = peer_,
                          .received_at = received_at_};
    stage_ = Stage::answering;
    handling_ = true;
    worker_.site.handler.handle(request, Responder(shared_from_this(), ++request_));
    handling_ = false;
    head_views_valid_ = false;

    in_.consume(head_bytes_ + length);
    chunked_.reset();
    chunked_body_.clear();
    if (chunked_body_.capacity() > InputBuffer::kept_bytes) chunked_body_.shrink_to_fit();
    scanner_.reset();
    skipped_empty_line_ = false;
    timed_ = Timed::nothing;
}

// ---- Answers ------------------------------------------------------------------------------------------------------------------------

void Connection::answer(std::uint64_t request, Response&& response) {
    if (inbox_->on_own_thread() && handling_ && request == request_ && stage_ == Stage::answering)
        complete(std::move(response));
    else
        inbox_->put({shared_from_this(), request, std::move(response)});
}

void Connection::abandon(std::uint64_t request) {
    if (inbox_->on_own_thread() && handling_ && request == request_ && stage_ == Stage::answering)
        complete(std::nullopt);
    else
        inbox_->put({shared_from_this(), request, std::nullopt});
}

void Connection::deliver(Answer&& answer) {
    if (!socket_ || answer.request != request_ || stage_ != Stage::answering) return;
    complete(std::move(answer.response));
    if (waiting_ == Waiting::answer) pump();  // otherwise earlier answers are still being written, and their end goes on from here
}

void Connection::complete(std::optional<Response> response) {
    stage_ = Stage::head;
    if (response) return write_answer(*response);
    refuse({500, "request dropped without an answer"});
}

void Connection::write_answer(const Response& response) {
    closing_ = closing_ || !head_.keep_alive || worker_.draining;
    const auto open = head_.minor_version == 0 ? ConnectionField::keep_alive : ConnectionField::none;
    const auto field = closing_ ? ConnectionField::close : open;
    append_response(out_, response,
                    {.without_body = answers_head_, .connection = field, .date = worker_.date.at(worker_.site.clock.now())});
}

/// Answers in the server's own name and closes: what follows on the connection cannot be trusted to begin where we think.
void Connection::refuse(const Refusal& refusal) {
    const Site& site = worker_.site;
    site.report({.peer = peer_, .status = refusal.status, .reason = refusal.reason});
    Response response{.status = refusal.status, .body = {}, .content_type = "application/json", .headers = {}};
    if (site.refusal_body) response.body = site.refusal_body(refusal.status, refusal.reason);
    if (refusal.status == 503) response.headers.push_back({"Retry-After", "1"});
    closing_ = true;
    write_answer(response);
}

/// True if nothing is left to write. Else `pump` comes again when the socket takes more, or the connection is closed.
bool Connection::flush() {
    while (written_ < out_.size()) {
        ErrorCode error;
        written_ += socket_->write_some(boost::asio::buffer(out_.data() + written_, out_.size() - written_), error);
        if (error == boost::asio::error::would_block) {
            await_output();
            return false;
        }
        if (error) {  // the peer has gone; what it asked for is done all the same
            close();
            return false;
        }
    }
    out_.clear();
    written_ = 0;
    if (out_.capacity() > kept_output_bytes) out_.shrink_to_fit();
    return true;
}

/// Waits until the socket takes more. Nothing points into `out_` meanwhile, so a late answer may be appended to it.
void Connection::await_output() {
    waiting_ = Waiting::output;
    if (timed_ != Timed::output) set_deadline(Timed::output, worker_.site.options.write_timeout);
    socket_->async_wait(Socket::wait_write, [self = shared_from_this()](const ErrorCode& error) {
        if (!self->socket_) return;
        if (error) return self->close();
        self->pump();
    });
}

// ---- Waiting for the peer -----------------------------------------------------------------------------------------------------------

void Connection::await_input() {
    waiting_ = Waiting::input;
    if (worker_.draining && !has_work()) return close();
    const ServerOptions& options = worker_.site.options;
    if (idle()) {
        set_deadline(Timed::idle, options.idle_timeout);
    } else if (stage_ == Stage::head) {
        if (timed_ != Timed::head) set_deadline(Timed::head, options.header_timeout);
    } else {
        if (timed_ != Timed::body) set_deadline(Timed::body, options.body_timeout);
    }
    read();
}

/// Closing with unread input makes the kernel send a reset, which can destroy an answer that the peer has not read yet: so the end of our
/// side is announced first, and the peer's input discarded for a while (RFC 9112 section 9.6).
void Connection::linger() {
    ErrorCode error;
    socket_->shutdown(Socket::shutdown_send, error);
    if (error) return close();
    waiting_ = Waiting::peer_close;
    set_deadline(Timed::linger, worker_.site.options.linger_timeout);
    if (!reading_) {
        in_.consume(in_.size());
        read();
    }
}

void Connection::read() {
    if (reading_) return;
    reading_ = true;
    const auto room = in_.prepare();
    socket_->async_read_some(boost::asio::buffer(room.data(), room.size()),
                             [self = shared_from_this()](const ErrorCode& error, std::size_t bytes) { self->on_read(error, bytes); });
}

void Connection::on_read(const ErrorCode& error, std::size_t bytes) {
    reading_ = false;
    if (!socket_) return;
    switch (waiting_) {
        case Waiting::input:
            if (error) {
                if (!idle()) worker_.site.report({.peer = peer_, .status = 0, .reason = "connection closed in the middle of a request"});
                return close();
            }
            in_.commit(bytes);
            return pump();
        case Waiting::peer_close: return error ? close() : read();
        case Waiting::output:  // a 408 that the socket did not take whole: what comes in is no longer wanted
        case Waiting::answer: return;
    }
}

void Connection::set_deadline(Timed timed, std::chrono::milliseconds after) {
    timed_ = timed;
    deadline_ = worker_.site.clock.monotonic() + after;
}

void Connection::enforce_deadline(Instant now) {
    if (now < deadline_) return;
    deadline_ = Instant::max();
    switch (timed_) {
        case Timed::head: refuse({408, "head not received in time"}); return pump();
        case Timed::body: refuse({408, "body not received in time"}); return pump();
        case Timed::output: worker_.site.report({.peer = peer_, .status = 0, .reason = "answer not read in time"}); return close();
        case Timed::idle:
        case Timed::linger: return close();
        case Timed::nothing: return;
    }
}

// ---- Ends ---------------------------------------------------------------------------------------------------------------------------

bool Connection::has_request() const noexcept { return waiting_ != Waiting::peer_close && (!idle() || !out_.empty()); }

void Connection::drain() {
    if (waiting_ == Waiting::input && !has_work()) close();
}

/// Also true when a request has come that nobody has looked at yet: closing now would reset it.
bool Connection::has_work() {
    ErrorCode error;
    return !idle() || (socket_->available(error) > 0 && !error);
}

void Connection::close() {
    if (!socket_) return;
    socket_.reset();
    worker_.remove(*this);
}

}  // namespace tenter::http
