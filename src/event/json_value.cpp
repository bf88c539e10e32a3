#include "tenter/event/json_value.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

#include <boost/json/value.hpp>

#include "src/event/json_reader.hpp"
#include "tenter/base/encoding.hpp"

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

bool is_integer(std::string_view number) { return number.find_first_of(".eE") == std::string_view::npos; }

/// The nearest double, infinite where there is none. What is too small for one is zero or the smallest, not a fault.
double nearest_double(std::string_view number) {
    double value = 0;
    const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (fault == std::errc{}) return value;
    return std::strtod(std::string(number).c_str(), nullptr);
}

class ValueBuilder {
public:
    ValueBuilder(BytesView text, std::string_view place) : reader_(text), path_(place) {}

    Result<json::value> build() {
        json::value value;
        reader_.skip_space();
        if (!read(value) || !reader_.expect_end()) return fail(fault_ ? std::move(*fault_) : reader_.error());
        return value;
    }

private:
    /// Adds one step to the path while a value below is read.
    class Step {
    public:
        Step(std::string& path, std::string_view step) : path_(path), size_(path.size()) { path_ += step; }
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        ~Step() { path_.resize(size_); }

    private:
        std::string& path_;
        std::size_t size_;
    };

    bool read(json::value& value) {
        const auto kind = reader_.peek();
        if (!kind) return reader_.skip_value();  // says what is wrong
        switch (*kind) {
            case JsonKind::object: return read_object(value);
            case JsonKind::array: return read_array(value);
            case JsonKind::string: return read_string(value);
            case JsonKind::number: return read_number(value);
            case JsonKind::true_: value = true; return reader_.skip_value();
            case JsonKind::false_: value = false; return reader_.skip_value();
            case JsonKind::null: value = nullptr; return reader_.skip_value();
        }
        return false;
    }

    bool read_object(json::value& value) {
        if (++depth_ > max_json_depth) return reader_.wrong("nested too deeply");
        auto& object = value.emplace_object();
        const bool done = reader_.read_object([&](const JsonString& name) {
            auto decoded = name.decoded();
            if (!decoded) return wrong(decoded.error().message);
            const Step step(path_, path_.empty() ? *decoded : "." + *decoded);
            json::value member;
            if (!read(member)) return false;
            object.emplace(*decoded, std::move(member));  // keeps the first of that name
            return true;
        });
        --depth_;
        return done;
    }

    bool read_array(json::value& value) {
        if (++depth_ > max_json_depth) return reader_.wrong("nested too deeply");
        auto& array = value.emplace_array();
        const bool done = reader_.read_array([&] {
            const Step step(path_, "[" + std::to_string(array.size()) + "]");
            json::value element;
            if (!read(element)) return false;
            array.push_back(std::move(element));
            return true;
        });
        --depth_;
        return done;
    }

    bool read_string(json::value& value) {
        JsonString string;
        if (!reader_.read_string(string)) return false;
        auto decoded = string.decoded();
        if (!decoded) return wrong(decoded.error().message);
        value = *decoded;
        return true;
    }

    bool read_number(json::value& value) {
        std::string_view number;
        if (!reader_.read_number(number)) return false;
        if (is_integer(number)) {
            if (const auto fits = whole<std::int64_t>(number)) {
                value = *fits;
            } else if (const auto fits_unsigned = whole<std::uint64_t>(number)) {
                value = *fits_unsigned;
            } else {
                return wrong("an integer over 64 bits; the raw text has all its digits");
            }
            return true;
        }
        const double nearest = nearest_double(number);
        if (!std::isfinite(nearest)) return wrong("a number too large for a double; the raw text has it");
        value = nearest;
        return true;
    }

    bool wrong(std::string_view what) {
        fault_ = Error{Errc::invalid_input, (path_.empty() ? "" : path_ + ": ") + std::string(what), 0};
        return false;
    }

    JsonReader reader_;
    std::string path_;
    std::size_t depth_ = 0;
    std::optional<Error> fault_;
};

}  // namespace

Result<json::value> json_value(BytesView text, std::string_view place) {
    if (!is_valid_utf8(text)) return fail(Errc::invalid_input, "JSON: not UTF-8");
    return ValueBuilder(text, place).build();
}

}  // namespace tenter::event
