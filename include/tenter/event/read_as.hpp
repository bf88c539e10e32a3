#pragma once
// tenter/event/read_as.hpp: a value as your own type straight from its bytes, by the rules of data_as.hpp and several times quicker.
//
// Numbers, booleans and enumerators become members by the very functions of data_as.hpp; here is only the walk. It says yes or no: on no
// the caller converts the tree, whose error names the place. A test holds both against each other.

#include <array>
#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/describe/members.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>

#include "tenter/event/data_as.hpp"
#include "tenter/event/value_reader.hpp"

namespace tenter::event {

template <class T>
[[nodiscard]] bool read_as(ValueReader& reader, T& out);

namespace detail {

template <class T>
bool read_vector(ValueReader& reader, T& out) {
    ValueReader::Container array;
    if (!reader.open_array(array)) return false;
    out.clear();
    for (;;) {
        const auto step = reader.next_element(array);
        if (step != ValueReader::Step::item) return step == ValueReader::Step::end;
        if constexpr (std::is_same_v<typename T::value_type, bool>) {  // whose elements have no address
            bool element = false;
            if (!read_as(reader, element)) return false;
            out.push_back(element);
        } else {
            if (!read_as(reader, out.emplace_back())) return false;
        }
    }
}

template <class T>
bool read_map(ValueReader& reader, T& out) {
    ValueReader::Container object;
    if (!reader.open_object(object)) return false;
    out.clear();
    for (;;) {
        std::string_view name;
        const auto step = reader.next_member(object, name);
        if (step != ValueReader::Step::item) return step == ValueReader::Step::end;
        const auto [member, is_new] = out.try_emplace(std::string(name));
        if (!(is_new ? read_as(reader, member->second) : reader.skip())) return false;
    }
}

/// The described members of T: their names, how to read each, and what to do without one.
template <class T>
class Members {
    using List = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

public:
    static constexpr std::size_t count = boost::mp11::mp_size<List>::value;

    /// The place of the member of that name, or `count`. Looks from `hint` on: senders mostly keep their order.
    static std::size_t find(std::string_view name, std::size_t hint) {
        for (std::size_t i = hint; i < count; ++i)
            if (names[i] == name) return i;
        for (std::size_t i = 0; i < hint; ++i)
            if (names[i] == name) return i;
        return count;
    }

    static bool read(ValueReader& reader, T& out, std::size_t place) { return readers[place](reader, out); }

    /// False if a member that is not optional was not there.
    static bool complete(T& out, const std::bitset<count>& seen) {
        if (seen.all()) return true;
        bool complete = true;
        std::size_t place = 0;
        boost::mp11::mp_for_each<List>([&](auto member) {
            if (!seen[place++]) complete = complete && leave_out(out.*member.pointer);
        });
        return complete;
    }

private:
    template <class Member>
    static bool leave_out(Member& member) {
        if constexpr (is_optional<Member>) member.reset();
        return is_optional<Member>;
    }

    template <class Descriptor>
    static bool read_member(ValueReader& reader, T& out) {
        return read_as(reader, out.*Descriptor::pointer);
    }

    using Reader = bool (*)(ValueReader&, T&);
    template <class... Descriptors>
    static constexpr std::array<std::string_view, sizeof...(Descriptors)> names_of(boost::mp11::mp_list<Descriptors...>) {
        return {Descriptors::name...};
    }
    template <class... Descriptors>
    static constexpr std::array<Reader, sizeof...(Descriptors)> readers_of(boost::mp11::mp_list<Descriptors...>) {
        return {&read_member<Descriptors>...};
    }

    static constexpr std::array<std::string_view, count> names = names_of(boost::mp11::mp_rename<List, boost::mp11::mp_list>{});
    static constexpr std::array<Reader, count> readers = readers_of(boost::mp11::mp_rename<List, boost::mp11::mp_list>{});
};

template <class T>
bool read_described(ValueReader& reader, T& out) {
    ValueReader::Container object;
    if (!reader.open_object(object)) return false;
    std::bitset<Members<T>::count> seen;
    std::size_t hint = 0;
    for (;;) {
        std::string_view name;
        const auto step = reader.next_member(object, name);
        if (step == ValueReader::Step::end) return Members<T>::complete(out, seen);
        if (step == ValueReader::Step::fault) return false;
        const auto place = Members<T>::find(name, hint);
        if (place == Members<T>::count || seen[place]) {  // of repeated names the first counts
            if (!reader.skip()) return false;
            continue;
        }
        if (!Members<T>::read(reader, out, place)) return false;
        seen.set(place);
        hint = place + 1;
    }
}

}  // namespace detail

/// Whether the next value could be read as T. After no, `out` is of no use.
template <class T>
[[nodiscard]] bool read_as(ValueReader& reader, T& out) {
    if constexpr (std::is_same_v<T, boost::json::value>) {
        std::string fault_path;
        return read_tree(reader, out, JsonPlace(""), fault_path);
    } else if constexpr (detail::is_optional<T>) {
        const auto kind = reader.peek();
        if (!kind || *kind != ValueKind::null) return kind && read_as(reader, out.emplace());
        out.reset();
        return reader.skip();
    } else if constexpr (std::is_same_v<T, std::string> || std::is_enum_v<T>) {
        std::string_view text;
        if (!reader.read_string(text)) return false;
        if constexpr (std::is_enum_v<T>) {
            return detail::find_enumerator(text, out);
        } else {
            out = text;
            return true;
        }
    } else if constexpr (detail::is_vector<T>) {
        return detail::read_vector(reader, out);
    } else if constexpr (detail::is_string_map<T>) {
        return detail::read_map(reader, out);
    } else if constexpr (std::is_arithmetic_v<T>) {
        boost::json::value scalar;
        return reader.read_scalar(scalar) && detail::convert(scalar, JsonPlace(""), out).has_value();
    } else {
        static_assert(boost::describe::has_describe_members<T>::value, "describe the type with BOOST_DESCRIBE_STRUCT");
        return detail::read_described(reader, out);
    }
}

}  // namespace tenter::event
