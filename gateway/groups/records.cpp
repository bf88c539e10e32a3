#include "gateway/groups/records.hpp"

#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "gateway/kafka_protocol/reader.hpp"
#include "gateway/kafka_protocol/schema.hpp"
#include "gateway/kafka_protocol/writer.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::groups {

namespace {

using kafka_protocol::between;
using kafka_protocol::field;
using kafka_protocol::since;

// Kafka's tables, which begin behind the version. Never renumber.
constexpr std::int16_t offset_key_version = 1;
constexpr std::int16_t group_key_version = 2;
constexpr std::int16_t value_version = 3;
constexpr std::size_t version_size = 2;

struct VersionOnly {
    std::int16_t version = 0;
    static constexpr auto fields() { return std::tuple{field<&VersionOnly::version>()}; }
};

struct OffsetCommitKey {
    std::string group{};
    std::string topic{};
    std::int32_t partition = 0;

    static constexpr auto fields() {
        return std::tuple{field<&OffsetCommitKey::group>(), field<&OffsetCommitKey::topic>(), field<&OffsetCommitKey::partition>()};
    }
};

struct OffsetCommitValue {
    std::int64_t offset = 0;
    std::int32_t leader_epoch = -1;
    std::string metadata{};
    std::int64_t commit_timestamp = 0;
    std::int64_t expire_timestamp = -1;

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetCommitValue::offset>(),
            field<&OffsetCommitValue::leader_epoch>(since(3)),
            field<&OffsetCommitValue::metadata>(),
            field<&OffsetCommitValue::commit_timestamp>(),
            field<&OffsetCommitValue::expire_timestamp>(between(1, 1)),
        };
    }
};

struct GroupMetadataKey {
    std::string group{};
    static constexpr auto fields() { return std::tuple{field<&GroupMetadataKey::group>()}; }
};

struct MemberMetadata {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    std::string client_id{};
    std::string client_host{};
    std::int32_t rebalance_timeout = 0;
    std::int32_t session_timeout = 0;
    Bytes subscription{};
    Bytes assignment{};

    static constexpr auto fields() {
        return std::tuple{
            field<&MemberMetadata::member_id>(),
            field<&MemberMetadata::group_instance_id>(since(3)).nullable(since(3)),
            field<&MemberMetadata::client_id>(),
            field<&MemberMetadata::client_host>(),
            field<&MemberMetadata::rebalance_timeout>(since(1)),
            field<&MemberMetadata::session_timeout>(),
            field<&MemberMetadata::subscription>().octets(),
            field<&MemberMetadata::assignment>().octets(),
        };
    }
};

struct GroupMetadataValue {
    std::string protocol_type{};
    std::int32_t generation = 0;
    std::optional<std::string> protocol{};
    std::optional<std::string> leader{};
    std::int64_t current_state_timestamp = -1;
    std::vector<MemberMetadata> members{};

    static constexpr auto fields() {
        return std::tuple{
            field<&GroupMetadataValue::protocol_type>(),
            field<&GroupMetadataValue::generation>(),
            field<&GroupMetadataValue::protocol>().nullable(since(0)),
            field<&GroupMetadataValue::leader>().nullable(since(0)),
            field<&GroupMetadataValue::current_state_timestamp>(since(2)),
            field<&GroupMetadataValue::members>(),
        };
    }
};

template <class Message>
Bytes written(std::int16_t version, std::string_view name, const Message& message) {
    kafka_protocol::Frame frame;
    kafka_protocol::Writer writer(frame, name, version, false);
    writer.write(VersionOnly{.version = version});
    writer.write(message);
    TENTER_ASSERT(writer.status().has_value());  // longest names and metadata: the coordinator's limits
    return std::move(frame.own());
}

Result<std::int16_t> version_of(BytesView bytes, std::string_view name, std::int16_t newest) {
    VersionOnly version;
    kafka_protocol::Reader reader(bytes, name, 0, false);
    if (!reader.read(version)) return fail(Errc::corrupt, reader.status().error().message);
    if (version.version < 0 || version.version > newest)
        return fail(Errc::unsupported, std::string(name) + ": version " + std::to_string(version.version) + " is not known");
    return version.version;
}

template <class Message>
Result<Message> read(BytesView bytes, std::string_view name, std::int16_t version) {
    Message message;
    kafka_protocol::Reader reader(bytes, name, version, false, version_size);
    static_cast<void>(reader.read(message));
    if (const auto status = reader.finish(); !status) return fail(Errc::corrupt, status.error().message);
    return message;
}

std::string joined(const GroupName& name) {
    TENTER_ASSERT(name.consumer.find('/') == std::string::npos);
    return name.consumer + '/' + name.group;
}

Result<GroupName> split(const std::string& text) {
    const auto slash = text.find('/');
    if (slash == std::string::npos) return fail(Errc::corrupt, "a record of __offsets: its group names no consumer");
    return GroupName{.consumer = text.substr(0, slash), .group = text.substr(slash + 1)};
}

Result<std::variant<OffsetRecord, GroupRecord>> decode_offset(const StoredRecord& record, std::int16_t version) {
    auto key = read<OffsetCommitKey>(record.key, "OffsetCommitKey", version);
    if (!key) return fail(std::move(key.error()));
    auto name = split(key->group);
    if (!name) return fail(std::move(name.error()));
    OffsetRecord found{.group = std::move(*name), .partition = {.topic = key->topic, .partition = key->partition}, .offset = {}};
    if (!record.value) return found;
    const auto of_value = version_of(*record.value, "OffsetCommitValue", value_version);
    if (!of_value) return fail(of_value.error());
    auto value = read<OffsetCommitValue>(*record.value, "OffsetCommitValue", *of_value);
    if (!value) return fail(std::move(value.error()));
    found.offset = CommittedOffset{.offset = value->offset,
                                   .leader_epoch = value->leader_epoch,
                                   .metadata = std::move(value->metadata),
                                   .committed_at = UnixMillis(std::chrono::milliseconds(value->commit_timestamp))};
    return found;
}

Result<std::variant<OffsetRecord, GroupRecord>> decode_group(const StoredRecord& record) {
    auto key = read<GroupMetadataKey>(record.key, "GroupMetadataKey", group_key_version);
    if (!key) return fail(std::move(key.error()));
    auto name = split(key->group);
    if (!name) return fail(std::move(name.error()));
    GroupRecord found{.group = std::move(*name), .facts = {}};
    if (!record.value) return found;
    const auto of_value = version_of(*record.value, "GroupMetadataValue", value_version);
    if (!of_value) return fail(of_value.error());
    auto value = read<GroupMetadataValue>(*record.value, "GroupMetadataValue", *of_value);
    if (!value) return fail(std::move(value.error()));
    found.facts = GroupFacts{.protocol_type = std::move(value->protocol_type),
                             .generation = value->generation,
                             .protocol = std::move(value->protocol),
                             .leader = std::move(value->leader),
                             .changed_at = UnixMillis(std::chrono::milliseconds(value->current_state_timestamp))};
    return found;
}

}  // namespace

StoredRecord encode(const OffsetRecord& record) {
    const OffsetCommitKey key{.group = joined(record.group), .topic = record.partition.topic, .partition = record.partition.partition};
    StoredRecord stored{.key = written(offset_key_version, "OffsetCommitKey", key), .value = {}};
    if (!record.offset) return stored;
    const OffsetCommitValue value{.offset = record.offset->offset,
                                  .leader_epoch = record.offset->leader_epoch,
                                  .metadata = record.offset->metadata,
                                  .commit_timestamp = record.offset->committed_at.time_since_epoch().count()};
    stored.value = written(value_version, "OffsetCommitValue", value);
    return stored;
}

StoredRecord encode(const GroupRecord& record) {
    StoredRecord stored{.key = written(group_key_version, "GroupMetadataKey", GroupMetadataKey{.group = joined(record.group)}),
                        .value = {}};
    if (!record.facts) return stored;
    const GroupMetadataValue value{.protocol_type = record.facts->protocol_type,
                                   .generation = record.facts->generation,
                                   .protocol = record.facts->protocol,
                                   .leader = record.facts->leader,
                                   .current_state_timestamp = record.facts->changed_at.time_since_epoch().count()};
    stored.value = written(value_version, "GroupMetadataValue", value);
    return stored;
}

Result<std::variant<OffsetRecord, GroupRecord>> decode(const StoredRecord& record) {
    const auto version = version_of(record.key, "key of __offsets", group_key_version);
    if (!version) return fail(version.error());
    return *version == group_key_version ? decode_group(record) : decode_offset(record, *version);
}

}  // namespace tenter::groups
