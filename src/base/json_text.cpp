#include "tenter/base/json_text.hpp"

namespace tenter {
namespace {

void append_escape(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default:
            out += "\\u00";
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[static_cast<unsigned char>(c) & 0xF];
    }
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

}  // namespace

void append_json_string(std::string& out, std::string_view utf8) {
    out += '"';
    std::size_t plain_from = 0;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        if (!needs_escape(utf8[i])) continue;
        out.append(utf8, plain_from, i - plain_from);
        append_escape(out, utf8[i]);
        plain_from = i + 1;
    }
    out.append(utf8, plain_from);
    out += '"';
}

}  // namespace tenter
