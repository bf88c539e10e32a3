#pragma once
// gateway/kafka_listener/connection.hpp: one connection. Private to this room.
//
//   handshake --> open: input --> request --> Client::handle ~~> answer --> output --> next request (pipelined or not)
//                          ^                                                  |
//                          `--------------------------------------------------+--> closed, if the answer says so
//
// A peer that sends without reading fills its 64 KiB, and is not read from until its answers are written.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gateway/broker/client.hpp"
#include "gateway/kafka_listener/answer_writer.hpp"
#include "gateway/kafka_listener/descriptor.hpp"
#include "gateway/kafka_listener/event_loop.hpp"
#include "gateway/kafka_listener/request_buffer.hpp"
#include "gateway/kafka_listener/site.hpp"
#include "gateway/kafka_listener/transport.hpp"

namespace tenter::kafka_listener {

/// Belongs to its site, on the loop's thread.
class Connection final : public EventLoop::Watcher {
public:
    /// `socket` must not block. The operator's connection has no TLS.
    Connection(Site& site, Descriptor socket, bool is_operator);
    ~Connection() override;

    /// Begins to watch the socket. False: the kernel has no memory for it, and the connection is to be destroyed.
    [[nodiscard]] bool start();
    void on_ready() override;
    void on_ended() override;
    void run();  ///< Goes on with what there is to do: after a pause in favour of others, and after an answer.
    void enforce_deadline();
    /// With a reason it is reported.
    void close(std::string_view reason = {});

    [[nodiscard]] bool is_closed() const noexcept { return stage_ == Stage::closed; }
    [[nodiscard]] bool is_operator() const noexcept { return is_operator_; }
    [[nodiscard]] Instant accepted_at() const noexcept { return accepted_at_; }

    std::size_t place = 0;    ///< In the site's list.
    bool is_waiting = false;  ///< In the site's list of those that run again.

private:
    enum class Stage : std::uint8_t { handshake, open, closed };
    enum class Timed : std::uint8_t { nothing, login, idle, request, output };  ///< What the deadline is for.

    void shake_hands();
    void open();
    void pump();
    [[nodiscard]] bool read_input();
    [[nodiscard]] bool take(BytesView bytes);
    [[nodiscard]] bool handle_next();
    void accept_reply(broker::Reply reply);
    [[nodiscard]] bool write_output();
    void note_authentication();
    void leave_strangers();
    void watch(bool wants_write);
    void show_interest(Interest interest);
    [[nodiscard]] bool has_room() const noexcept;
    void set_timer();
    void set_deadline(Timed timed);
    [[nodiscard]] bool follow(const Result<tls::Step>& step);

    Site& site_;
    Descriptor socket_;
    Transport transport_;
    const bool is_operator_;
    std::string peer_;
    std::unique_ptr<broker::Client> client_;

    Stage stage_ = Stage::handshake;
    Interest interest_ = Interest::read;
    RequestBuffer input_;
    std::size_t large_bytes_ = 0;  ///< Of the input, counted in the site's.
    bool input_ended_ = false;     ///< For this turn: the socket has no more.
    bool peer_has_gone_ = false;   ///< Nothing comes any more, and nobody waits for an answer.
    AnswerWriter output_;
    std::size_t written_ = 0;  ///< Since the deadline was set.

    bool is_handling_ = false;                    ///< In `Client::handle`.
    bool awaits_reply_ = false;                   ///< Handled and not answered.
    std::optional<std::string> last_words_;       ///< Close for this reason when the output is written.
    std::optional<std::string> close_requested_;  ///< By the broker, which must not be called back.

    std::optional<Site::Strangers::iterator> stranger_;
    Instant accepted_at_;
    Timed timed_ = Timed::nothing;
    Instant deadline_ = Instant::max();
};

}  // namespace tenter::kafka_listener
