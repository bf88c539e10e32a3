#include "cli/terminal_text.hpp"

#include <algorithm>
#include <cstdio>

namespace tenter::cli {
namespace {

bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Walks valid JSON once and lays it out anew, token by token.
class JsonIndenter {
public:
    JsonIndenter(std::string_view json, bool colour) : json_(json), paint_(colour) {}

    std::string run() {
        while (at_ < json_.size()) step();
        return out_ + "\n";
    }

private:
    void step() {
        const char c = json_[at_];
        if (is_json_space(c)) {
            ++at_;
        } else if (c == '"') {
            string();
        } else if (c == '{' || c == '[') {
            open(c);
        } else if (c == '}' || c == ']') {
            --depth_;
            break_line();
            punctuation();
        } else if (c == ',') {
            punctuation();
            break_line();
        } else if (c == ':') {
            punctuation();
            out_ += ' ';
        } else {
            const std::size_t end = std::min(json_.find_first_of(",]} \t\r\n", at_), json_.size());
            out_ += json_.substr(at_, end - at_);
            at_ = end;
        }
    }

    void open(char c) {
        const std::size_t next = std::min(json_.find_first_not_of(" \t\r\n", at_ + 1), json_.size() - 1);
        punctuation();
        if (json_[next] == (c == '{' ? '}' : ']')) {
            out_ += json_[next];
            at_ = next + 1;
            return;
        }
        ++depth_;
        break_line();
    }

    void string() {
        std::size_t end = at_ + 1;
        while (json_[end] != '"') end += json_[end] == '\\' ? 2 : 1;
        const std::string text = terminal_safe(json_.substr(at_, end + 1 - at_));
        at_ = end + 1;
        const std::size_t next = json_.find_first_not_of(" \t\r\n", at_);
        out_ += next != std::string_view::npos && json_[next] == ':' ? paint_.name(text) : paint_.good(text);
    }

    void punctuation() { out_ += json_[at_++]; }
    void break_line() { out_.append("\n").append(depth_ * 2, ' '); }

    std::string_view json_;
    Paint paint_;
    std::string out_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
};

std::string hex_line(BytesView bytes, std::size_t offset) {
    char buffer[24];
    std::snprintf(buffer, sizeof buffer, "%08zx ", offset);
    std::string line = buffer;
    std::string text;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i % 8 == 0) line += ' ';
        if (i >= bytes.size()) {
            line += "   ";
            continue;
        }
        const auto byte = static_cast<unsigned char>(bytes[i]);
        std::snprintf(buffer, sizeof buffer, "%02x ", byte);
        line += buffer;
        text += byte >= 0x20 && byte < 0x7F ? bytes[i] : '.';
    }
    return line + " |" + text + "|\n";
}

}  // namespace

std::string Paint::with(std::string_view code, std::string_view text) const {
    if (!on_) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string terminal_safe(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size());
    char escape[8];
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto byte = static_cast<unsigned char>(utf8[i]);
        const auto next = i + 1 < utf8.size() ? static_cast<unsigned char>(utf8[i + 1]) : 0U;
        if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) {
            std::snprintf(escape, sizeof escape, "\\x%02x", byte);
            out += escape;
        } else if (byte == 0xC2 && next >= 0x80 && next <= 0x9F) {
            std::snprintf(escape, sizeof escape, "\\x%02x", next);
            out += escape;
            ++i;
        } else {
            out += utf8[i];
        }
    }
    return out;
}

std::string indented_json(std::string_view json, bool colour) { return JsonIndenter(json, colour).run(); }

std::string hex_dump(BytesView bytes, std::size_t limit) {
    std::string out;
    const BytesView shown = bytes.substr(0, limit);
    for (std::size_t at = 0; at < shown.size(); at += 16) out += hex_line(shown.substr(at, 16), at);
    if (bytes.size() > limit) out += "... " + std::to_string(bytes.size() - limit) + " more bytes\n";
    return out;
}

}  // namespace tenter::cli
