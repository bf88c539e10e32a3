#pragma once
// gateway/kafka_protocol/api.hpp: which requests are offered, in which versions. The one table that the answer to ApiVersions is made from,
// that decides what is decoded, and that says which versions are flexible. README.md says why the ranges end where they do.

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "gateway/kafka_protocol/schema.hpp"

namespace tenter::kafka_protocol {

/// Requests by their number on the wire. Kafka's: never renumber.
enum class ApiKey : std::int16_t {
    produce = 0,
    fetch = 1,
    list_offsets = 2,
    metadata = 3,
    offset_commit = 8,
    offset_fetch = 9,
    find_coordinator = 10,
    join_group = 11,
    heartbeat = 12,
    leave_group = 13,
    sync_group = 14,
    describe_groups = 15,
    list_groups = 16,
    sasl_handshake = 17,
    api_versions = 18,
    offset_for_leader_epoch = 23,
    describe_configs = 32,
    sasl_authenticate = 36,
    delete_groups = 42,
    describe_cluster = 60,
};

/// Kafka's name of a request, "OffsetCommit"; "request 99" has none here, so the answer is then empty.
[[nodiscard]] std::string_view to_string(ApiKey key) noexcept;

inline constexpr std::int16_t never = std::numeric_limits<std::int16_t>::max();

/// A row of the table of what is offered.
struct Api {
    ApiKey key;
    Versions offered;
    std::int16_t flexible_since;  ///< From this version on strings and arrays are compact and structs end with tagged fields; or `never`.

    [[nodiscard]] constexpr bool is_flexible(std::int16_t version) const noexcept { return version >= flexible_since; }
};

/// All that is offered, by rising key.
[[nodiscard]] std::span<const Api> offered_apis() noexcept;
/// The row of a request; nothing if it is not offered in any version.
[[nodiscard]] std::optional<Api> find_api(ApiKey key) noexcept;

/// Whether that version of that request is offered, so that `decode_request` knows it.
[[nodiscard]] bool is_offered(ApiKey key, std::int16_t version) noexcept;

/// Version of the header before a request and before its answer. The answer to ApiVersions has version 0 always, so that a client that does
/// not know yet what the server knows can read it.
[[nodiscard]] std::int16_t request_header_version(const Api& api, std::int16_t version) noexcept;
[[nodiscard]] std::int16_t response_header_version(const Api& api, std::int16_t version) noexcept;

}  // namespace tenter::kafka_protocol
