#pragma once
// gateway/kafka_listener/request_buffer.hpp: what has come on a connection and is not done with, and where its requests begin and end.
// Private to this room.
//
//   | size (int32) | request | size | request | size | req...     <- append
//   `---- next ----^

#include <cstddef>
#include <optional>
#include <string>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::kafka_listener {

/// Grows by what has come, never by what a size announces. Empty it holds no memory: most connections wait most of the time.
class RequestBuffer {
public:
    void append(BytesView bytes) { bytes_.append(bytes); }

    /// The next request without its size, if it is there whole; a view until the next call of anything else. `too_large` or
    /// `invalid_input`, as soon as its size has come, if that is over `max_bytes`, zero or negative.
    [[nodiscard]] Result<std::optional<BytesView>> next(std::size_t max_bytes) const;
    /// Drops the request that `next` gave.
    void consume(BytesView request);

    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() - begin_; }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

private:
    std::string bytes_;
    std::size_t begin_ = 0;  ///< What is before it is done with.
};

}  // namespace tenter::kafka_listener
