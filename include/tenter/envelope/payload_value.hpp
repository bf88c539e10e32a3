#pragma once
// tenter/envelope/payload_value.hpp: the payload of an envelope as a Boost.JSON value, or as your own type, whether it is JSON or CBOR.
//
//   struct Order { std::string id; std::vector<std::int64_t> items; std::optional<double> total; };
//   BOOST_DESCRIBE_STRUCT(Order, (), (id, items, total))
//
//   Result<Order> order = payload_as<Order>(envelope);       // "items[2]: expected integer, found string"
//
// How CBOR becomes JSON (RFC 8949 section 6.1, with its choices made):
//
// | CBOR                                          | value                                                                             |
// |-----------------------------------------------|-----------------------------------------------------------------------------------|
// | integer, bignum (tags 2, 3) of 64 bits        | int64, or uint64 where it does not fit that                                        |
// | larger bignum, integer below int64            | string: base64url of its magnitude without leading zeros; "~" in front of that of -1-n
// | | half, single, double                          | double; NaN and infinities are null                                               |
// | text string                                   | string                                                                            |
// | byte string                                   | string: base64url without padding, or as the innermost tag around says:            |
// |                                               | 21 base64url, 22 base64 with padding, 23 upper-case hexadecimal                    |
// | array, map                                    | array, object; of repeated names the first counts                                 |
// | map key                                       | text, integer, byte string, true, false, null: what the value would be, as text   |
// | false, true, null                             | themselves                                                                        |
// | undefined, other simple values                | null                                                                              |
// | other tags                                    | what they are around; decimal fractions and bigfloats (4, 5) are arrays of two    |

#include <utility>

#include <boost/json/fwd.hpp>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"
#include "tenter/envelope/envelope.hpp"
#include "tenter/event/data_as.hpp"
#include "tenter/event/read_as.hpp"
#include "tenter/event/value_reader.hpp"

namespace tenter::envelope {

/// One CBOR item, nothing after it, as the table says. `invalid_input` names the byte, and the path of the place ("data.items[3]"), for
/// what `is_well_formed_cbor` refuses, text that is not UTF-8 (each chunk for itself), keys of other kinds, and tags 2 and 3 around
/// anything but a byte string.
[[nodiscard]] Result<boost::json::value> cbor_value(BytesView item);

/// The payload: JSON as `event::json_value` reads it, CBOR as `cbor_value`.
[[nodiscard]] Result<boost::json::value> payload_value(const Envelope& envelope);

namespace detail {

/// Whether `read(reader, out)` could read the whole payload.
[[nodiscard]] bool read_payload(const Envelope& envelope, bool (*read)(event::ValueReader& reader, void* out), void* out);

/// Without a tree. After no, `out` is of no use.
template <class T>
[[nodiscard]] bool read_payload_as(const Envelope& envelope, T& out) {
    return read_payload(envelope, [](event::ValueReader& reader, void* to) { return event::read_as(reader, *static_cast<T*>(to)); }, &out);
}

}  // namespace detail

/// The payload as T (the types of tenter/event/data_as.hpp), read straight from the bytes. Fails where `payload_value` fails, also in
/// members that T does not have, and as `event::value_as`.
template <class T>
[[nodiscard]] Result<T> payload_as(const Envelope& envelope) {
    Result<T> out(std::in_place);
    if (detail::read_payload_as(envelope, *out)) return out;
    const auto value = payload_value(envelope);  // says what is wrong, and where
    if (!value) return fail(value.error());
    return event::value_as<T>(*value);
}

}  // namespace tenter::envelope
