#pragma once
// gateway/consumers/registry.hpp: all who may read, as a value. registry_file.hpp keeps it on the disk, docs/formats/consumers.md has the
// bytes.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/consumers/consumer.hpp"
#include "tenter/base/result.hpp"

namespace tenter::consumers {

inline constexpr std::size_t max_consumers = 10'000;

/// Consumers by name. Never changes: a change makes another one. Pointers live as long as the object.
class Registry {
public:
    /// Of these, in any order. `invalid_input`: one that is wrong, or two of one name; `overloaded` above `max_consumers`.
    [[nodiscard]] static Result<Registry> of(std::vector<Consumer> consumers);

    /// Sorted by name.
    [[nodiscard]] std::span<const Consumer> all() const noexcept { return consumers_; }
    /// Null if there is none of that name.
    [[nodiscard]] const Consumer* find(std::string_view name) const noexcept;

    /// With this consumer, in the place of one of the same name if there is one. `invalid_input` names what is wrong with it; `overloaded`
    /// above `max_consumers`.
    [[nodiscard]] Result<Registry> with(Consumer consumer) const;
    /// Without the consumer of that name, if there is one.
    [[nodiscard]] Registry without(std::string_view name) const;

    friend bool operator==(const Registry&, const Registry&) = default;

private:
    std::vector<Consumer> consumers_;
};

/// The consumer with its sources sorted and each once. `invalid_input` says what is wrong with it.
[[nodiscard]] Result<Consumer> checked(Consumer consumer);

/// The file's text.
[[nodiscard]] std::string encode_registry(const Registry& registry);
/// `corrupt` names the place ("consumers[2].secrets[0].salt: ..."); `unsupported`: of a later version. Never takes what it does not
/// understand for nothing: a consumer left out here would be locked out.
[[nodiscard]] Result<Registry> decode_registry(std::string_view text);

}  // namespace tenter::consumers
