#pragma once
// tenter/elytra/operation.hpp: what happened to the object.

#include "tenter/elytra/open_enumeration.hpp"

namespace tenter::elytra {

struct OperationNames {
    enum Known : std::uint8_t { add, modify, remove, link, unlink };
    [[nodiscard]] static std::span<const std::string_view> all() noexcept;
};

/// `Operation::add`. Elytra's list is complete today; a new one is kept as its text.
using Operation = OpenEnumeration<OperationNames>;

}  // namespace tenter::elytra
