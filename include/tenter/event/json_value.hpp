#pragma once
// tenter/event/json_value.hpp: JSON as a Boost.JSON value, for who wants to look into it. A view for users: payloads are never written back
// from it, since a value does not keep what its sender wrote (order of repeated names, digits of a number).
//
// Not boost::json::parse, which turns 1e400 into Infinity, rounds some fractions to a neighbour, and silently makes fractions of integers
// over 64 bits.

#include <string_view>

#include <boost/json/fwd.hpp>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::event {

/// One JSON text. Integers are int64, or uint64 where they do not fit it; other numbers the nearest double. Of repeated names the first
/// counts, as for `json_pointer_text`. `invalid_input` for text that is not JSON (with its byte), and, with the path of the place
/// ("data.objectData.price"), for integers over 64 bits, numbers too large for a double, and strings without UTF-8 (lone surrogates).
/// `place` stands before every path.
[[nodiscard]] Result<boost::json::value> json_value(BytesView text, std::string_view place = "");

}  // namespace tenter::event
