#include "gateway/kafka_protocol/consumer_protocol.hpp"

#include "gateway/kafka_protocol/reader.hpp"

namespace tenter::kafka_protocol {

Result<ConsumerAssignment> decode_assignment(BytesView bytes) {
    ConsumerAssignment assignment;
    if (bytes.empty()) return assignment;
    Reader reader(bytes, ConsumerAssignment::type_name, 0, false);
    if (!reader.read(assignment)) return fail(reader.status().error());
    return assignment;
}

}  // namespace tenter::kafka_protocol
