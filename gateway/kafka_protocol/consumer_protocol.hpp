#pragma once
// gateway/kafka_protocol/consumer_protocol.hpp: what consumers tell each other through the coordinator (Kafka's protocol type "consumer"),
// which passes it on unread. Whoever shows a group to people reads it.
//
//   assignment = version int16 | assigned_partitions [topic | partitions [int32]] | user_data bytes, null or not

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "gateway/kafka_protocol/schema.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::kafka_protocol {

struct AssignedTopic {
    std::string topic{};
    std::vector<std::int32_t> partitions{};

    static constexpr auto fields() { return std::tuple{field<&AssignedTopic::topic>(), field<&AssignedTopic::partitions>()}; }
};

/// ConsumerProtocolAssignment, versions 0 to 3, which are alike.
struct ConsumerAssignment {
    static constexpr std::string_view type_name = "ConsumerProtocolAssignment";

    std::int16_t version = 0;
    std::vector<AssignedTopic> assigned_partitions{};
    std::optional<Bytes> user_data{};  ///< The assignor's own.

    static constexpr auto fields() {
        return std::tuple{
            field<&ConsumerAssignment::version>(),
            field<&ConsumerAssignment::assigned_partitions>(),
            field<&ConsumerAssignment::user_data>().nullable(since(0)).octets(),
        };
    }
};

/// A member's assignment; no bytes are no partitions. What a later version has added is passed over, as consumers do. `invalid_input`, as
/// `decode_body`, where it is none: a group of another protocol type may assign whatever it likes.
[[nodiscard]] Result<ConsumerAssignment> decode_assignment(BytesView bytes);

}  // namespace tenter::kafka_protocol
