#pragma once
// gateway/kafka_protocol/schema.hpp: how a message says what it looks like on the wire, once, for both directions and all versions.
//
//   struct HeartbeatRequest {                                  member = field of Kafka's protocol guide, its default in older versions
//       std::string group_id{};                              ({}: g++ warns of a member that an initializer leaves out else)
//       std::optional<std::string> group_instance_id{};
//       static constexpr auto fields() {                       the table, in the order of the wire
//           return std::tuple{field<&HeartbeatRequest::group_id>(), field<&HeartbeatRequest::group_instance_id>(since(3))};
//       }
//   };
//
// A member's type is its type on the wire; the name of a field is that of its member, so that the two cannot disagree.
//
//   bool, std::intN_t, enum    BOOLEAN, INT8 ... INT64        std::vector<T>            ARRAY; COMPACT_ARRAY in flexible versions
//   std::string                STRING, or BYTES: octets()     std::optional<...>        NULLABLE_STRING, nullable bytes and arrays
//   Uuid                       UUID                           Records                   RECORDS
//   a struct with fields()     its fields, and in flexible versions a section of tagged fields, of which unknown ones are skipped

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <tuple>

namespace tenter::kafka_protocol {

/// The versions of a message from `first` to `last`.
struct Versions {
    std::int16_t first = 0;
    std::int16_t last = std::numeric_limits<std::int16_t>::max();

    [[nodiscard]] constexpr bool contains(std::int16_t version) const noexcept { return first <= version && version <= last; }
};

[[nodiscard]] constexpr Versions since(std::int16_t first) { return {.first = first}; }
[[nodiscard]] constexpr Versions between(std::int16_t first, std::int16_t last) { return {.first = first, .last = last}; }

/// A topic's id in versions that have them; nobody is offered one so far.
using Uuid = std::array<std::uint8_t, 16>;

/// What the type of a member does not say.
struct Shape {
    Versions nullable;              ///< When an optional member may be null. Elsewhere null is refused, and written as empty.
    bool is_octets = false;         ///< BYTES and not STRING: 4 bytes of length and not 2.
    bool is_never_compact = false;  ///< As in versions that are not flexible, always: `client_id`.
};

namespace detail {

template <class Pointer>
struct MemberOf;
template <class Owner, class Member>
struct MemberOf<Member Owner::*> {
    using Type = Member;
};

}  // namespace detail

/// One row of a table. `Member` points to the member of the message.
template <auto Member>
struct Field {
    using Value = typename detail::MemberOf<decltype(Member)>::Type;

    Versions versions;  ///< Those that have the field.
    Shape shape;
    std::int32_t tag = -1;  ///< Its tag where it is a tagged field, which is left out of the wire while it has its default.

    [[nodiscard]] static constexpr std::string_view name() noexcept;

    [[nodiscard]] constexpr Field nullable(Versions when) const {
        Field row = *this;
        row.shape.nullable = when;
        return row;
    }
    [[nodiscard]] constexpr Field octets() const {
        Field row = *this;
        row.shape.is_octets = true;
        return row;
    }
    [[nodiscard]] constexpr Field never_compact() const {
        Field row = *this;
        row.shape.is_never_compact = true;
        return row;
    }
    [[nodiscard]] constexpr Field tagged(std::int32_t number) const {
        Field row = *this;
        row.tag = number;
        return row;
    }
};

template <auto Member>
[[nodiscard]] constexpr Field<Member> field(Versions versions = {}) {
    return {.versions = versions, .shape = {}};
}

/// A struct with a table.
template <class T>
concept Described = requires { T::fields(); };

namespace detail {

/// "tenter::kafka_protocol::detail::spelled() [with auto Member = &FetchRequest::max_bytes; ...": g++ ends at ';', clang at ']'.
template <auto Member>
[[nodiscard]] constexpr std::string_view spelled() noexcept {
    return __PRETTY_FUNCTION__;
}

[[nodiscard]] constexpr std::string_view member_in(std::string_view spelled) noexcept {
    spelled.remove_prefix(spelled.find("Member = ") + 9);
    spelled = spelled.substr(0, spelled.find_first_of(";]"));
    return spelled.substr(spelled.rfind(':') + 1);
}

}  // namespace detail

template <auto Member>
constexpr std::string_view Field<Member>::name() noexcept {
    constexpr std::string_view found = detail::member_in(detail::spelled<Member>());
    static_assert(!found.empty());
    return found;
}

}  // namespace tenter::kafka_protocol
