#pragma once
// gateway/config/schema.hpp: every key of tenter.toml in one table. Unknown-key messages, "not yet" messages and the reference come from
// it, so that none of them can say something else than the others.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tenter::config {

/// The tables of the file.
enum class Section : std::uint8_t {
    top,
    http,
    log,
    forward,
    kafka,
    kafka_tls,
    source,
    verify,
    credential,
    signature_pairs,
    cloudevents,
    secret
};

enum class KeyStatus : std::uint8_t {
    served,
    not_yet,  ///< A later version will serve it; now it is refused.
};

struct Key {
    Section section;
    std::string_view name;
    std::string_view type;           ///< As the reference shows it: "duration", "list of texts".
    std::string_view default_value;  ///< "required" where there is none.
    std::string_view meaning;
    KeyStatus status = KeyStatus::served;
};

/// All keys, section by section.
[[nodiscard]] std::span<const Key> all_keys() noexcept;
[[nodiscard]] const Key* find_key(Section section, std::string_view name) noexcept;
/// The key of that section that is nearest in spelling, or empty where none is near.
[[nodiscard]] std::string_view nearest_key(Section section, std::string_view name);

}  // namespace tenter::config
