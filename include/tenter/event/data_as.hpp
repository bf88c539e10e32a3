#pragma once
// tenter/event/data_as.hpp: JSON as your own type, checked, with an error that names the place.
//
//   struct Product { std::string name; std::optional<double> price; };
//   BOOST_DESCRIBE_STRUCT(Product, (), (name, price))
//
//   Result<Product> product = json_as<Product>(text);      // "name: expected string, found number"
//
// | your type                                         | JSON                                                                             |
// |---------------------------------------------------|----------------------------------------------------------------------------------|
// | described struct or class                         | object; every described member must be there, others are not looked at           |
// | std::optional<T>                                  | T, null, or nothing at all                                                        |
// | std::vector<T>                                    | array                                                                            |
// | std::map, std::unordered_map from std::string     | object                                                                           |
// | bool, std::string                                 | true and false; string                                                           |
// | integers                                          | number without fraction that fits (5.0 and 5e0 are not integers)                 |
// | float, double                                     | number                                                                           |
// | enumeration described with BOOST_DESCRIBE_ENUM    | string that is the name of an enumerator                                         |
// | boost::json::value                                | anything                                                                         |

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>

#include "tenter/base/result.hpp"
#include "tenter/event/json_value.hpp"

namespace tenter::event {

/// Where in a JSON value a conversion stands, and what it stumbled over. One step per level, on the stack; the path is put together only
/// for an error.
class JsonPlace {
public:
    explicit JsonPlace(std::string_view name) noexcept : name_(name) {}
    JsonPlace(const JsonPlace& parent, std::string_view member) noexcept : parent_(&parent), name_(member) {}
    JsonPlace(const JsonPlace& parent, std::size_t index) noexcept : parent_(&parent), index_(index), is_index_(true) {}

    /// "data.objectData.prices[3]"
    [[nodiscard]] std::string path() const;
    /// `invalid_input`: "data.objectData.name: expected string, found number"
    [[nodiscard]] std::unexpected<Error> expected(std::string_view what, const boost::json::value& found) const;
    /// `invalid_input`: "data.objectData.name: missing"
    [[nodiscard]] std::unexpected<Error> wrong(std::string_view what) const;

private:
    const JsonPlace* parent_ = nullptr;
    std::string_view name_;
    std::size_t index_ = 0;
    bool is_index_ = false;
};

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T, class Allocator>
inline constexpr bool is_vector<std::vector<T, Allocator>> = true;
template <class T>
inline constexpr bool is_string_map = false;
template <class T, class... Rest>
inline constexpr bool is_string_map<std::map<std::string, T, Rest...>> = true;
template <class T, class... Rest>
inline constexpr bool is_string_map<std::unordered_map<std::string, T, Rest...>> = true;

template <class T>
Result<void> convert(const boost::json::value& value, const JsonPlace& place, T& out);

template <class T>
Result<void> convert_integer(const boost::json::value& value, const JsonPlace& place, T& out) {
    if (const auto* const number = value.if_int64(); number != nullptr && std::in_range<T>(*number)) {
        out = static_cast<T>(*number);
    } else if (const auto* const large = value.if_uint64(); large != nullptr && std::in_range<T>(*large)) {
        out = static_cast<T>(*large);
    } else if (number != nullptr || large != nullptr) {
        return place.wrong("an integer from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
                           std::to_string(std::numeric_limits<T>::max()) + " expected");
    } else {
        return place.expected("integer", value);
    }
    return {};
}

template <class T>
bool find_enumerator(std::string_view name, T& out) {
    bool found = false;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
        if (found || name != enumerator.name) return;
        out = enumerator.value;
        found = true;
    });
    return found;
}

template <class T>
Result<void> convert_enumerator(const boost::json::value& value, const JsonPlace& place, T& out) {
    const auto* const text = value.if_string();
    if (text == nullptr) return place.expected("string", value);
    if (!find_enumerator(std::string_view(*text), out)) return place.wrong("not one of the names that are known");
    return {};
}

template <class T>
Result<void> convert_array(const boost::json::value& value, const JsonPlace& place, T& out) {
    const auto* const array = value.if_array();
    if (array == nullptr) return place.expected("array", value);
    out.clear();
    for (std::size_t i = 0; i < array->size(); ++i) {
        typename T::value_type element{};
        if (auto done = convert((*array)[i], JsonPlace(place, i), element); !done) return done;
        out.push_back(std::move(element));
    }
    return {};
}

template <class T>
Result<void> convert_map(const boost::json::value& value, const JsonPlace& place, T& out) {
    const auto* const object = value.if_object();
    if (object == nullptr) return place.expected("object", value);
    out.clear();
    for (const auto& [name, member] : *object) {
        typename T::mapped_type converted{};
        if (auto done = convert(member, JsonPlace(place, std::string_view(name)), converted); !done) return done;
        out.emplace(name, std::move(converted));
    }
    return {};
}

template <class T>
Result<void> convert_member(const boost::json::object& object, std::string_view name, const JsonPlace& place, T& out) {
    const JsonPlace member_place(place, name);
    if (const auto* const member = object.if_contains(name)) return convert(*member, member_place, out);
    if constexpr (is_optional<T>) {
        out.reset();
        return {};
    } else {
        return member_place.wrong("missing");
    }
}

template <class T>
Result<void> convert_described(const boost::json::value& value, const JsonPlace& place, T& out) {
    const auto* const object = value.if_object();
    if (object == nullptr) return place.expected("object", value);
    using Members = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;
    Result<void> done;
    boost::mp11::mp_for_each<Members>([&](auto member) {
        if (done) done = convert_member(*object, member.name, place, out.*member.pointer);
    });
    return done;
}

template <class T>
Result<void> convert(const boost::json::value& value, const JsonPlace& place, T& out) {
    if constexpr (std::is_same_v<T, boost::json::value>) {
        out = value;
        return {};
    } else if constexpr (is_optional<T>) {
        if (value.is_null()) {
            out.reset();
            return {};
        }
        return convert(value, place, out.emplace());
    } else if constexpr (std::is_same_v<T, bool>) {
        const auto* const truth = value.if_bool();
        if (truth == nullptr) return place.expected("boolean", value);
        out = *truth;
        return {};
    } else if constexpr (std::is_integral_v<T>) {
        return convert_integer(value, place, out);
    } else if constexpr (std::is_floating_point_v<T>) {
        if (!value.is_number()) return place.expected("number", value);
        out = value.to_number<T>();
        if (!std::isfinite(out)) return place.wrong("a number too large for this type");  // a double into a float
        return {};
    } else if constexpr (std::is_same_v<T, std::string>) {
        const auto* const text = value.if_string();
        if (text == nullptr) return place.expected("string", value);
        out.assign(text->data(), text->size());
        return {};
    } else if constexpr (is_vector<T>) {
        return convert_array(value, place, out);
    } else if constexpr (is_string_map<T>) {
        return convert_map(value, place, out);
    } else if constexpr (std::is_enum_v<T>) {
        return convert_enumerator(value, place, out);
    } else {
        static_assert(boost::describe::has_describe_members<T>::value, "describe the type with BOOST_DESCRIBE_STRUCT");
        return convert_described(value, place, out);
    }
}

}  // namespace detail

/// A value as T, which must have a default constructor. `place` stands before every path.
template <class T>
[[nodiscard]] Result<T> value_as(const boost::json::value& value, std::string_view place = "") {
    T out{};
    if (auto done = detail::convert(value, JsonPlace(place), out); !done) return fail(std::move(done.error()));
    return out;
}

/// JSON text as T. Errors are those of `json_value` and `value_as`.
template <class T>
[[nodiscard]] Result<T> json_as(BytesView text, std::string_view place = "") {
    auto value = json_value(text, place);
    if (!value) return fail(std::move(value.error()));
    return value_as<T>(*value, place);
}

}  // namespace tenter::event
