#pragma once
// gateway/groups/records.hpp: what of the groups is durable, as records of `__offsets`. The schemas are those of Kafka's
// `__consumer_offsets`, so that tools which read that topic read this one: OffsetCommitKey and -Value, GroupMetadataKey and -Value.
//
//   key    | 1 int16 | group string | topic string | partition int32 |
//   value  | 3 int16 | offset int64 | leader epoch int32 | metadata string | time of the commit int64 |
//
//   key    | 2 int16 | group string |
//   value  | 3 int16 | protocol type string | generation int32 | protocol string or null | leader string or null
//          | time of the last change int64 | members: an empty array |
//
// The group is "<consumer>/<group>". The last record of a key counts; one without a value takes the key away. Versions 0 to 3 of the values
// and 0 to 2 of the keys are read, which is all that Kafka writes up to 3.9. Never change what is written without a new version.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "gateway/groups/names.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"

namespace tenter::groups {

/// A record of `__offsets`.
struct StoredRecord {
    Bytes key;
    std::optional<Bytes> value;  ///< None: the key is no more.

    friend bool operator==(const StoredRecord&, const StoredRecord&) = default;
};

struct CommittedOffset {
    std::int64_t offset = 0;
    std::int32_t leader_epoch = -1;
    std::string metadata{};
    UnixMillis committed_at{};

    friend bool operator==(const CommittedOffset&, const CommittedOffset&) = default;
};

/// What is kept of a group beside its offsets: enough that generations go on rising and that idle time is known after a restart.
struct GroupFacts {
    std::string protocol_type;
    std::int32_t generation = 0;
    std::optional<std::string> protocol;
    std::optional<std::string> leader;  ///< None: the group had no members.
    UnixMillis changed_at{};            ///< When it got this generation.

    friend bool operator==(const GroupFacts&, const GroupFacts&) = default;
};

struct OffsetRecord {
    GroupName group;
    PartitionName partition;
    std::optional<CommittedOffset> offset;
};

struct GroupRecord {
    GroupName group;
    std::optional<GroupFacts> facts;
};

[[nodiscard]] StoredRecord encode(const OffsetRecord& record);
[[nodiscard]] StoredRecord encode(const GroupRecord& record);

/// `corrupt` for bytes that are not such a record, `unsupported` for a version that is not known here: a newer Tenter wrote it.
[[nodiscard]] Result<std::variant<OffsetRecord, GroupRecord>> decode(const StoredRecord& record);

}  // namespace tenter::groups
