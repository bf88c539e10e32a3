#pragma once
// src/event/json_reader.hpp: walks JSON text by the grammar of RFC 8259, without building anything; numbers are text. The one place of this
// library that knows the grammar where positions or exact bytes count. The text must be valid UTF-8.

#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"
#include "tenter/base/text.hpp"
#include "tenter/event/json.hpp"

namespace tenter::event {

enum class JsonKind : std::uint8_t { object, array, string, number, true_, false_, null };

/// A string literal without its quotes.
struct JsonString {
    std::string_view raw;
    bool has_escapes = false;

    /// The text that it means. Lone surrogates, which have no UTF-8, are `invalid_input`.
    [[nodiscard]] Result<std::string> decoded() const;
    /// True if it means `text`; decodes only when it must.
    [[nodiscard]] bool means(std::string_view text) const;
};

/// Reads from left to right. Members return false after the first fault and leave it in `error()`.
class JsonReader {
public:
    explicit JsonReader(BytesView text) : text_(text) {}

    void skip_space() noexcept {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }
    [[nodiscard]] std::size_t at() const noexcept { return at_; }
    [[nodiscard]] bool at_end() const noexcept { return at_ == text_.size(); }

    /// The kind of the value that begins here, by its first character.
    [[nodiscard]] std::optional<JsonKind> peek() const noexcept;
    /// One whole value of any kind; its exact bytes end at `at()`.
    bool skip_value();
    bool read_string(JsonString& string);
    bool read_number(std::string_view& number);

    /// Calls `member(name)` with the reader before each value of an object; it must read the value and return false on a fault.
    template <class Member>
    bool read_object(Member member);
    /// Calls `element()` with the reader before each element of an array.
    template <class Element>
    bool read_array(Element element);

    /// The same in steps: `enter` takes the opening bracket, each further step goes on to the next value, or past the closing bracket.
    enum class Step : std::uint8_t { item, end, fault };
    bool enter(JsonKind container) {
        if (container == JsonKind::object) return take('{') || wrong("'{' expected");
        return take('[') || wrong("'[' expected");
    }
    /// `is_first`: true before the first step.
    Step next_member(bool& is_first, JsonString& name);
    Step next_element(bool& is_first);

    bool expect_end();
    bool wrong(std::string_view what) noexcept;
    [[nodiscard]] Error error() const;

private:
    struct OpenContainers {
        std::bitset<max_json_depth> is_object;
        std::size_t depth = 0;
    };
    /// To the next value of a container that `close` ends.
    Step next(bool& is_first, char close, std::string_view expected);
    /// A name, its colon and the space behind it.
    bool read_member_name(JsonString& name);
    bool skip_word(std::string_view word);
    bool skip_scalar(JsonKind kind);
    bool take(char c) noexcept {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    static constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
    [[nodiscard]] char current() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool skip_escape();
    bool skip_opening(OpenContainers& open, bool& value_follows);
    bool skip_closing(OpenContainers& open, bool& value_follows);

    BytesView text_;
    std::size_t at_ = 0;
    std::string_view fault_;
    std::size_t fault_at_ = 0;
};

inline std::optional<JsonKind> JsonReader::peek() const noexcept {
    switch (current()) {
        case '{': return JsonKind::object;
        case '[': return JsonKind::array;
        case '"': return JsonKind::string;
        case 't': return JsonKind::true_;
        case 'f': return JsonKind::false_;
        case 'n': return JsonKind::null;
        default: break;
    }
    if (current() == '-' || is_ascii_digit(current())) return JsonKind::number;
    return std::nullopt;
}

inline bool JsonReader::read_member_name(JsonString& name) {
    if (!read_string(name)) return false;
    skip_space();
    if (!take(':')) return wrong("':' expected");
    skip_space();
    return true;
}

inline JsonReader::Step JsonReader::next(bool& is_first, char close, std::string_view expected) {
    skip_space();
    if (take(close)) return Step::end;
    if (!is_first) {
        if (!take(',')) {
            wrong(expected);
            return Step::fault;
        }
        skip_space();
    }
    is_first = false;
    return Step::item;
}

inline JsonReader::Step JsonReader::next_member(bool& is_first, JsonString& name) {
    const Step step = next(is_first, '}', "',' or '}' expected");
    return step == Step::item && !read_member_name(name) ? Step::fault : step;
}

inline JsonReader::Step JsonReader::next_element(bool& is_first) { return next(is_first, ']', "',' or ']' expected"); }

template <class Member>
bool JsonReader::read_object(Member member) {
    if (!enter(JsonKind::object)) return false;
    bool is_first = true;
    for (JsonString name;;) {
        const Step step = next_member(is_first, name);
        if (step != Step::item) return step == Step::end;
        if (!member(name)) return false;
    }
}

template <class Element>
bool JsonReader::read_array(Element element) {
    if (!enter(JsonKind::array)) return false;
    bool is_first = true;
    for (;;) {
        const Step step = next_element(is_first);
        if (step != Step::item) return step == Step::end;
        if (!element()) return false;
    }
}

}  // namespace tenter::event
