// Bytes that a member of a group claims to be its assignment: whatever they are, they are read within their bounds, and what comes of them
// is no more than they can hold.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "gateway/kafka_protocol/consumer_protocol.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tenter;
    const std::vector<char> bytes(data, data + size);  // of their own, so that a read beyond them is seen
    const auto assignment = kafka_protocol::decode_assignment(BytesView(bytes.data(), bytes.size()));
    if (!assignment) {
        if (assignment.error().message.empty()) std::abort();
        return 0;
    }
    std::size_t least = 0;
    for (const auto& topic : assignment->assigned_partitions) least += 2 + topic.topic.size() + 4 + 4 * topic.partitions.size();
    if (least > bytes.size()) std::abort();
    return 0;
}
