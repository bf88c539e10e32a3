#pragma once
// bench/load/answer.hpp: as much of an HTTP/1.1 answer as the load generator must understand to know where it ends and what it said.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tenter::load {

enum class AnswerState : std::uint8_t {
    incomplete,  ///< More bytes are needed.
    complete,
    malformed,  ///< No HTTP/1.1 answer, or one without Content-Length: the connection cannot be used any more.
};

struct Answer {
    AnswerState state = AnswerState::incomplete;
    unsigned status = 0;     ///< Valid once complete.
    std::size_t length = 0;  ///< Head and body together.
    bool closes = false;     ///< `Connection: close`.
};

/// Reads the answer at the beginning of `bytes`.
[[nodiscard]] Answer read_answer(std::string_view bytes) noexcept;

}  // namespace tenter::load
