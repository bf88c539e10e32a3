#pragma once
// gateway/kafka_listener/acceptor.hpp: one socket that is listened on. Private to this room.

#include "gateway/kafka_listener/descriptor.hpp"
#include "gateway/kafka_listener/event_loop.hpp"
#include "gateway/kafka_listener/site.hpp"

namespace tenter::kafka_listener {

/// Accepts what comes, a bounded number a turn. After an accept that failed for want of descriptors or memory it pauses: trying at once
/// would only spin.
class Acceptor final : public EventLoop::Watcher {
public:
    Acceptor(Site& site, Descriptor socket, bool is_operators);
    ~Acceptor() override;

    [[nodiscard]] bool start();  ///< False: the kernel has no memory for it.
    void on_ready() override;
    void end_pause();                                                              ///< If it is over.
    [[nodiscard]] Instant paused_until() const noexcept { return paused_until_; }  ///< `Instant::max()`: not paused.

private:
    Site& site_;
    Descriptor socket_;
    const bool is_operators_;
    Instant paused_until_ = Instant::max();
};

}  // namespace tenter::kafka_listener
