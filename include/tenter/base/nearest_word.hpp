#pragma once
// tenter/base/nearest_word.hpp: "did you mean": the known word that somebody probably wanted to write.

#include <span>
#include <string_view>

namespace tenter {

/// The word that is nearest to `name` in letters to insert, remove, replace or swap with a neighbour; empty where none is near: one letter
/// in three at most.
[[nodiscard]] std::string_view nearest_word(std::span<const std::string_view> words, std::string_view name);

}  // namespace tenter
