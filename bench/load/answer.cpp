#include "bench/load/answer.hpp"

#include <charconv>
#include <optional>
#include <system_error>

#include "tenter/base/text.hpp"

namespace tenter::load {
namespace {

constexpr std::string_view version = "HTTP/1.1 ";
constexpr Answer malformed{AnswerState::malformed, 0, 0, false};

std::optional<std::size_t> parse_number(std::string_view text) noexcept {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// The value of the header line that begins at `line`, if it is the one called `name`.
std::optional<std::string_view> value_if(std::string_view line, std::string_view name) noexcept {
    if (line.size() <= name.size() || line[name.size()] != ':' || !equals_ignoring_case(line.substr(0, name.size()), name))
        return std::nullopt;
    return trim_ows(line.substr(name.size() + 1));
}

}  // namespace

Answer read_answer(std::string_view bytes) noexcept {
    const auto head_end = bytes.find("\r\n\r\n");
    if (!bytes.starts_with(version.substr(0, bytes.size()))) return malformed;
    if (head_end == std::string_view::npos) return {};
    const auto status = parse_number(bytes.substr(version.size(), 3));
    if (!status || *status < 200 || *status > 599) return malformed;

    std::optional<std::size_t> body_length;
    Answer answer{AnswerState::complete, static_cast<unsigned>(*status), 0, false};
    auto lines = bytes.substr(0, head_end + 2);
    lines.remove_prefix(lines.find("\r\n") + 2);
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find("\r\n"));
        if (const auto length = value_if(line, "content-length")) body_length = parse_number(*length);
        if (const auto connection = value_if(line, "connection")) answer.closes = equals_ignoring_case(*connection, "close");
        lines.remove_prefix(line.size() + 2);
    }
    if (!body_length) return malformed;
    answer.length = head_end + 4 + *body_length;
    return bytes.size() < answer.length ? Answer{} : answer;
}

}  // namespace tenter::load
