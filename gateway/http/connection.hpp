#pragma once
// gateway/http/connection.hpp: one TCP connection. Private to connection.cpp and server.cpp.
//
//              .----------------------- next request (pipelined or not) <------------------.
//              v                                                                           |
//   accept -> input: head, body --> handle() --> answer --> output (only if the socket is full)
//              |       |                                       |
//              |       `-- refusal ----------------------------+--> peer_close: discard input until the peer closes or
//              `-- EOF, idle too long --> closed                                linger_timeout is over --> closed
//
// It waits for exactly one of these at a time, so there is one deadline, at most one operation on the socket, and a peer that sends
// without reading is not read from.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gateway/http/chunked_body.hpp"
#include "gateway/http/input_buffer.hpp"
#include "gateway/http/worker.hpp"
#include "gateway/http_head/request_head.hpp"

namespace tenter::http {

/// Belongs to its worker's thread, but for `answer` and `abandon`. Kept alive by the worker's list, by operations on the socket and by
/// Responders; the latter may outlive worker and server, which is why the socket goes when the connection closes.
class Connection final : public Responder::Target, public std::enable_shared_from_this<Connection> {
public:
    Connection(Worker& worker, Socket socket);

    void start();                   ///< Begins to read.
    void start_refused();           ///< Answers 503 without reading, and closes.
    void deliver(Answer&& answer);  ///< From the inbox.
    void drain();                   ///< The worker has begun to drain.
    void enforce_deadline(Instant now);
    [[nodiscard]] bool has_request() const noexcept;  ///< Partly received, being handled, or its answer not written.
    void close();

    void answer(std::uint64_t request, Response&& response) override;
    void abandon(std::uint64_t request) override;

    std::size_t place = 0;  ///< In the worker's list.

private:
    enum class Stage : std::uint8_t { head, body, answering };
    enum class Waiting : std::uint8_t { input, answer, output, peer_close };
    enum class Timed : std::uint8_t { nothing, idle, head, body, output, linger };  ///< What the deadline is for.

    [[nodiscard]] bool has_work();
    void pump();
    [[nodiscard]] Waiting take_requests();
    bool take_head();
    bool take_body();
    bool take_chunks();
    [[nodiscard]] std::optional<Refusal> accept_head();
    void dispatch();

    void complete(std::optional<Response> response);
    void write_answer(const Response& response);
    void refuse(const Refusal& refusal);
    [[nodiscard]] bool flush();
    void await_output();

    void await_input();
    void linger();
    void read();
    void on_read(const ErrorCode& error, std::size_t bytes);
    void set_deadline(Timed timed, std::chrono::milliseconds after);
    [[nodiscard]] bool idle() const noexcept { return stage_ == Stage::head && in_.empty(); }

    Worker& worker_;
    const std::shared_ptr<Inbox> inbox_;
    std::optional<Socket> socket_;
    std::string peer_;

    InputBuffer in_;
    std::string out_;
    std::size_t written_ = 0;  ///< Of `out_`.

    HeadScanner scanner_;
    RequestHead head_;
    std::size_t head_bytes_ = 0;
    bool head_views_valid_ = false;  ///< `head_` and the worker's headers point to this request.
    bool skipped_empty_line_ = false;
    bool answers_head_ = false;  ///< The method is HEAD: the answer has no body.
    std::optional<ChunkedBody> chunked_;
    std::string chunked_body_;
    UnixMillis received_at_{};

    std::uint64_t request_ = 0;  ///< Counts the requests; answers carry it.
    Stage stage_ = Stage::head;
    Waiting waiting_ = Waiting::input;
    bool handling_ = false;
    bool closing_ = false;  ///< No further request; close when `out_` is written.
    bool reading_ = false;

    Timed timed_ = Timed::nothing;
    Instant deadline_ = Instant::max();
};

}  // namespace tenter::http
