#pragma once
// tenter/elytra/object.hpp: which object of Elytra's is it? Read from JSON without building anything.

#include <optional>
#include <string>
#include <string_view>

#include "tenter/base/bytes.hpp"

namespace tenter::elytra {

/// In a valid JSON text, below the JSON pointer `data`: `objectId`, else `objectData.objectId`, else `objectData.id`; the first that is a
/// string or an integer, an integer as its digits.
[[nodiscard]] std::optional<std::string> object_id(BytesView json, std::string_view data = "");
/// Likewise `objectType`, else `objectData.objectType`, else `objectData.type`.
[[nodiscard]] std::optional<std::string> object_type(BytesView json, std::string_view data = "");

}  // namespace tenter::elytra
