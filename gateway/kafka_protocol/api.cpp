#include "gateway/kafka_protocol/api.hpp"

#include <algorithm>
#include <array>

namespace tenter::kafka_protocol {

namespace {

struct Row {
    Api api;
    std::string_view name;
};

constexpr std::array rows{
    Row{{ApiKey::produce, {3, 3}, 9}, "Produce"},  // never served; librdkafka fetches nothing from a broker without it
    Row{{ApiKey::fetch, {4, 11}, 12}, "Fetch"},
    Row{{ApiKey::list_offsets, {1, 7}, 6}, "ListOffsets"},
    Row{{ApiKey::metadata, {1, 8}, 9}, "Metadata"},
    Row{{ApiKey::offset_commit, {2, 7}, 8}, "OffsetCommit"},
    Row{{ApiKey::offset_fetch, {1, 5}, 6}, "OffsetFetch"},
    Row{{ApiKey::find_coordinator, {0, 2}, 3}, "FindCoordinator"},
    Row{{ApiKey::join_group, {1, 5}, 6}, "JoinGroup"},  // from 1: kafka-go before 0.4.48 asks in no other
    Row{{ApiKey::heartbeat, {0, 3}, 4}, "Heartbeat"},
    Row{{ApiKey::leave_group, {0, 3}, 4}, "LeaveGroup"},
    Row{{ApiKey::sync_group, {0, 3}, 4}, "SyncGroup"},
    Row{{ApiKey::describe_groups, {0, 2}, 5}, "DescribeGroups"},
    Row{{ApiKey::list_groups, {0, 4}, 3}, "ListGroups"},
    Row{{ApiKey::sasl_handshake, {0, 1}, never}, "SaslHandshake"},  // from 0: librdkafka 2.0.2 takes 1-1 for none
    Row{{ApiKey::api_versions, {0, 2}, 3}, "ApiVersions"},
    Row{{ApiKey::offset_for_leader_epoch, {2, 3}, 4}, "OffsetForLeaderEpoch"},
    Row{{ApiKey::describe_configs, {0, 3}, 4}, "DescribeConfigs"},
    Row{{ApiKey::sasl_authenticate, {0, 1}, 2}, "SaslAuthenticate"},
    Row{{ApiKey::delete_groups, {0, 1}, 2}, "DeleteGroups"},
    Row{{ApiKey::describe_cluster, {0, 0}, 0}, "DescribeCluster"},
};

constexpr auto apis = [] {
    std::array<Api, rows.size()> all{};
    std::ranges::transform(rows, all.begin(), &Row::api);
    return all;
}();
static_assert(std::ranges::is_sorted(apis, {}, &Api::key));

}  // namespace

std::span<const Api> offered_apis() noexcept { return apis; }

std::optional<Api> find_api(ApiKey key) noexcept {
    const auto found = std::ranges::lower_bound(apis, key, {}, &Api::key);
    if (found == apis.end() || found->key != key) return std::nullopt;
    return *found;
}

std::string_view to_string(ApiKey key) noexcept {
    const auto found = std::ranges::find(rows, key, [](const Row& row) { return row.api.key; });
    return found == rows.end() ? std::string_view{} : found->name;
}

bool is_offered(ApiKey key, std::int16_t version) noexcept {
    const auto api = find_api(key);
    return api && api->offered.contains(version);
}

std::int16_t request_header_version(const Api& api, std::int16_t version) noexcept { return api.is_flexible(version) ? 2 : 1; }

std::int16_t response_header_version(const Api& api, std::int16_t version) noexcept {
    return api.key != ApiKey::api_versions && api.is_flexible(version) ? 1 : 0;
}

}  // namespace tenter::kafka_protocol
