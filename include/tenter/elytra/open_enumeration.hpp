#pragma once
// tenter/elytra/open_enumeration.hpp: an enumeration that grows on the other side. Known values have names; any other keeps its text, and
// is as good a value.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tenter::elytra {

/// `Names` has the enumeration `Known` and `all()`, the texts of its enumerators in their order. Value type.
template <class Names>
class OpenEnumeration : public Names {
public:
    using Known = typename Names::Known;

    OpenEnumeration(Known known) noexcept : known_(known) {}  // NOLINT: an enumerator is one
    explicit OpenEnumeration(std::string_view value) {
        const auto names = Names::all();
        for (std::size_t i = 0; i < names.size(); ++i)
            if (names[i] == value) known_ = static_cast<Known>(i);
        if (!known_) unknown_ = value;
    }

    /// The enumerator, or nothing for a value that is newer than this library.
    [[nodiscard]] std::optional<Known> known() const noexcept { return known_; }
    /// The text as it is sent. Lives as long as this object.
    [[nodiscard]] std::string_view value() const noexcept { return known_ ? Names::all()[*known_] : std::string_view(unknown_); }

    friend bool operator==(const OpenEnumeration& a, const OpenEnumeration& b) noexcept {
        return a.known_ == b.known_ && a.unknown_ == b.unknown_;
    }

private:
    std::optional<Known> known_;
    std::string unknown_;  ///< Empty where known.
};

}  // namespace tenter::elytra

template <class Names>
struct std::hash<tenter::elytra::OpenEnumeration<Names>> {
    std::size_t operator()(const tenter::elytra::OpenEnumeration<Names>& value) const noexcept {
        return value.known() ? static_cast<std::size_t>(*value.known()) : std::hash<std::string_view>()(value.value());
    }
};
