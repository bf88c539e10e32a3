#pragma once
// cli/terminal_text.hpp: text for people's terminals. What strangers sent is shown, never obeyed: no control character of theirs gets
// through.

#include <string>
#include <string_view>

#include "tenter/base/bytes.hpp"

namespace tenter::cli {

/// Colours (ECMA-48 SGR), or plain text when off.
class Paint {
public:
    explicit Paint(bool on) : on_(on) {}
    [[nodiscard]] std::string bold(std::string_view text) const { return with("1", text); }
    [[nodiscard]] std::string faint(std::string_view text) const { return with("2", text); }
    [[nodiscard]] std::string name(std::string_view text) const { return with("36", text); }
    [[nodiscard]] std::string good(std::string_view text) const { return with("32", text); }
    [[nodiscard]] std::string warning(std::string_view text) const { return with("1;33", text); }

private:
    [[nodiscard]] std::string with(std::string_view code, std::string_view text) const;
    bool on_;
};

/// UTF-8 text with every control character but line feed and tab (C0, DEL, C1) as its escape: "\x1b".
[[nodiscard]] std::string terminal_safe(std::string_view utf8);

/// Valid JSON with line breaks and two-space indentation; strings and numbers stay exactly as they are. Ends with a line feed.
[[nodiscard]] std::string indented_json(std::string_view json, bool colour);

/// The first `limit` bytes, 16 a line: offset, hexadecimal, printable characters; then how many were left out.
[[nodiscard]] std::string hex_dump(BytesView bytes, std::size_t limit);

}  // namespace tenter::cli
