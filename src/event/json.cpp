#include "tenter/event/json.hpp"

#include "src/event/json_reader.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"

namespace tenter::event {
namespace {

/// One step of a pointer, with its escapes undone.
std::string pointer_step(std::string_view escaped) {
    std::string step;
    step.reserve(escaped.size());
    for (std::size_t i = 0; i < escaped.size(); ++i) {
        const bool is_escape = escaped[i] == '~';
        if (is_escape) ++i;
        step.push_back(!is_escape ? escaped[i] : escaped[i] == '0' ? '~' : '/');
    }
    return step;
}

/// The number of an array element as RFC 6901 writes it: no leading zeros.
std::optional<std::size_t> array_index(std::string_view step) {
    if (step.empty() || step.size() > 9 || (step.size() > 1 && step.front() == '0')) return std::nullopt;
    std::size_t index = 0;
    for (const char c : step) {
        if (!is_ascii_digit(c)) return std::nullopt;
        index = index * 10 + static_cast<std::size_t>(c - '0');
    }
    return index;
}

/// Walks to the place that a pointer names and keeps what stands there.
class PointerWalk {
public:
    PointerWalk(BytesView json, std::string_view pointer) : reader_(json), rest_(pointer), json_(json) {}

    bool run() {
        reader_.skip_space();
        return walk();
    }
    [[nodiscard]] Error error() const { return reader_.error(); }
    [[nodiscard]] std::optional<BytesView> found() const { return found_; }

private:
    bool walk() {
        if (rest_.empty()) return keep();
        const auto kind = reader_.peek();
        const std::size_t end = std::min(rest_.find('/', 1), rest_.size());
        const std::string step = pointer_step(rest_.substr(1, end - 1));
        rest_.remove_prefix(end);
        if (kind == JsonKind::object) return walk_object(step);
        if (kind == JsonKind::array) return walk_array(array_index(step));
        return reader_.skip_value();
    }

    bool walk_object(const std::string& step) {
        bool entered = false;
        return reader_.read_object([&](const JsonString& name) {
            if (entered || !name.means(step)) return reader_.skip_value();
            entered = true;
            return walk();
        });
    }

    bool walk_array(std::optional<std::size_t> wanted) {
        std::size_t index = 0;
        return reader_.read_array([&] { return wanted && index++ == *wanted ? walk() : reader_.skip_value(); });
    }

    bool keep() {
        const std::size_t start = reader_.at();
        if (!reader_.skip_value()) return false;
        found_ = json_.substr(start, reader_.at() - start);
        return true;
    }

    JsonReader reader_;
    std::string_view rest_;
    BytesView json_;
    std::optional<BytesView> found_;
};

}  // namespace

Result<void> check_json(BytesView text) {
    JsonReader reader(text);
    reader.skip_space();
    if (!reader.skip_value() || !reader.expect_end()) return fail(reader.error());
    if (!is_valid_utf8(text)) return fail(Errc::invalid_input, "JSON: not UTF-8");
    return {};
}

Result<void> check_json_pointer(std::string_view pointer) {
    if (!pointer.empty() && pointer.front() != '/') return fail(Errc::invalid_input, "JSON pointer: must begin with '/'");
    for (std::size_t i = 0; i < pointer.size(); ++i)
        if (pointer[i] == '~' && (i + 1 == pointer.size() || (pointer[i + 1] != '0' && pointer[i + 1] != '1')))
            return fail(Errc::invalid_input, "JSON pointer: '~' must be followed by 0 or 1, at byte " + std::to_string(i));
    return {};
}

Result<std::vector<JsonMember>> json_members(BytesView object) {
    if (!is_valid_utf8(object)) return fail(Errc::invalid_input, "JSON: not UTF-8");
    std::vector<JsonMember> members;
    JsonReader reader(object);
    reader.skip_space();
    const bool done = reader.read_object([&](const JsonString& name) {
        const std::size_t start = reader.at();
        if (!reader.skip_value()) return false;
        auto decoded = name.decoded();
        if (!decoded) return reader.wrong("a name without UTF-8");
        members.push_back({std::move(*decoded), object.substr(start, reader.at() - start)});
        return true;
    });
    if (!done || !reader.expect_end()) return fail(reader.error());
    return members;
}

Result<std::optional<BytesView>> json_pointer_raw(BytesView json, std::string_view pointer) {
    if (auto valid = check_json_pointer(pointer); !valid) return fail(std::move(valid.error()));
    PointerWalk walk(json, pointer);
    if (!walk.run()) return fail(walk.error());
    return walk.found();
}

Result<std::optional<std::string>> json_pointer_text(BytesView json, std::string_view pointer) {
    const auto raw = json_pointer_raw(json, pointer);
    if (!raw) return fail(raw.error());
    if (!*raw || std::string_view("{[n").contains((*raw)->front())) return std::nullopt;
    if ((*raw)->front() != '"') return std::string(**raw);
    JsonReader reader(**raw);
    JsonString string;
    static_cast<void>(reader.read_string(string));  // the walk has read it before
    auto text = string.decoded();
    return text ? std::optional(std::move(*text)) : std::nullopt;
}

}  // namespace tenter::event
