#include "tenter/event/json_value.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

#include <boost/json/value.hpp>

#include "src/event/json_reader.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"
#include "tenter/event/data_as.hpp"
#include "tenter/event/value_reader.hpp"

namespace tenter::event {
namespace {

namespace json = boost::json;

template <class Number>
std::optional<Number> whole(std::string_view text) {
    Number number{};
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// A number of digits only, so few that they need not be checked against 64 bits: nearly all of them.
std::optional<std::int64_t> small_integer(std::string_view number) {
    const bool is_negative = number.starts_with('-');
    if (number.size() > 18) return std::nullopt;
    std::int64_t value = 0;
    for (const char digit : number.substr(is_negative ? 1 : 0)) {
        if (!is_ascii_digit(digit)) return std::nullopt;
        value = value * 10 + (digit - '0');
    }
    return is_negative ? -value : value;
}

bool is_integer(std::string_view number) { return number.find_first_of(".eE") == std::string_view::npos; }

/// The nearest double, infinite where there is none. What is too small for one is zero or the smallest, not a fault.
double nearest_double(std::string_view number) {
    double value = 0;
    const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (fault == std::errc{}) return value;
    return std::strtod(std::string(number).c_str(), nullptr);
}

/// What a number is, or in `fault` why it is nothing.
bool number_value(std::string_view number, json::value& value, std::string_view& fault) {
    if (const auto small = small_integer(number)) {
        value = *small;
        return true;
    }
    if (is_integer(number)) {
        if (const auto fits = whole<std::int64_t>(number)) {
            value = *fits;
        } else if (const auto fits_unsigned = whole<std::uint64_t>(number)) {
            value = *fits_unsigned;
        } else {
            fault = "an integer over 64 bits; the raw text has all its digits";
            return false;
        }
        return true;
    }
    const double nearest = nearest_double(number);
    if (!std::isfinite(nearest)) {
        fault = "a number too large for a double; the raw text has it";
        return false;
    }
    value = nearest;
    return true;
}

class JsonValueReader final : public ValueReader {
public:
    explicit JsonValueReader(BytesView text) : reader_(text) { reader_.skip_space(); }

    [[nodiscard]] std::optional<ValueKind> peek() override {
        const auto kind = reader_.peek();
        if (!kind) {
            (void)reader_.skip_value();  // says what is wrong
            return std::nullopt;
        }
        switch (*kind) {
            case JsonKind::object: return ValueKind::object;
            case JsonKind::array: return ValueKind::array;
            case JsonKind::string: return ValueKind::string;
            case JsonKind::number: return ValueKind::number;
            case JsonKind::true_:
            case JsonKind::false_: return ValueKind::boolean;
            case JsonKind::null: return ValueKind::null;
        }
        return std::nullopt;
    }

    [[nodiscard]] bool read_scalar(json::value& scalar) override {
        const auto kind = reader_.peek();
        if (!kind) return false;
        switch (*kind) {
            case JsonKind::number: {
                std::string_view number;
                return reader_.read_number(number) && number_value(number, scalar, fault_);
            }
            case JsonKind::true_:
            case JsonKind::false_: scalar = *kind == JsonKind::true_; return reader_.skip_value();
            case JsonKind::null: scalar = nullptr; return reader_.skip_value();
            default: return false;
        }
    }

    [[nodiscard]] bool read_string(std::string_view& text) override {
        JsonString string;
        return reader_.read_string(string) && decode(string, text);
    }

    [[nodiscard]] bool open_array(Container&) override { return open(JsonKind::array); }
    [[nodiscard]] bool open_object(Container&) override { return open(JsonKind::object); }
    [[nodiscard]] Step next_element(Container& array) override { return left(reader_.next_element(array.is_first)); }

    [[nodiscard]] Step next_member(Container& object, std::string_view& name) override {
        JsonString string;
        const auto step = left(reader_.next_member(object.is_first, string));
        return step == Step::item && !decode(string, name) ? Step::fault : step;
    }

    [[nodiscard]] bool expect_end() { return reader_.expect_end(); }

    /// What was wrong: with the path of its place where the text is JSON, else with its byte.
    [[nodiscard]] Error error(std::string_view path) const {
        if (fault_.empty()) return reader_.error();
        return {Errc::invalid_input, std::string(path).append(path.empty() ? "" : ": ").append(fault_), 0};
    }

protected:
    [[nodiscard]] bool skip_leaf() override {
        const auto kind = reader_.peek();
        if (kind == JsonKind::string) {
            std::string_view text;
            return read_string(text);
        }
        json::value scalar;
        return read_scalar(scalar);
    }

private:
    bool open(JsonKind kind) {
        if (depth_ == max_json_depth) return reader_.wrong("nested too deeply");
        ++depth_;
        return reader_.enter(kind);
    }

    bool decode(const JsonString& string, std::string_view& text) {
        text = string.raw;
        if (!string.has_escapes) return true;
        auto decoded = string.decoded();
        if (!decoded) {
            fault_ = "a lone surrogate, which is no character";
            return false;
        }
        text = decoded_ = std::move(*decoded);
        return true;
    }

    Step left(JsonReader::Step step) {
        if (step == JsonReader::Step::item) return Step::item;
        if (step == JsonReader::Step::fault) return Step::fault;
        --depth_;
        return Step::end;
    }

    JsonReader reader_;
    std::size_t depth_ = 0;
    std::string decoded_;
    std::string_view fault_;
};

}  // namespace

Result<json::value> json_value(BytesView text, std::string_view place) {
    if (!is_valid_utf8(text)) return fail(Errc::invalid_input, "JSON: not UTF-8");
    JsonValueReader reader(text);
    json::value value;
    std::string path;
    if (!read_tree(reader, value, JsonPlace(place), path) || !reader.expect_end()) return fail(reader.error(path));
    return value;
}

bool read_json(BytesView text, bool (*read)(ValueReader& reader, void* out), void* out) {
    if (!is_valid_utf8(text)) return false;
    JsonValueReader reader(text);
    return read(reader, out) && reader.expect_end();
}

}  // namespace tenter::event
