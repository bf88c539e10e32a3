#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include "gateway/kafka_protocol/codec.hpp"
#include "gateway/kafka_protocol/writer.hpp"

namespace tenter::kafka_protocol {

namespace {

constexpr std::size_t size_of_size = 4;

/// Puts the size in front, which is known only now.
Result<Frame> finish(Frame frame) {
    const std::size_t size = frame.size() - size_of_size;
    if (size > std::numeric_limits<std::int32_t>::max()) return fail(Errc::too_large, "a frame of " + std::to_string(size) + " bytes");
    for (std::size_t i = 0; i < size_of_size; ++i) frame.own()[i] = static_cast<char>(size >> (8 * (size_of_size - 1 - i)));
    return frame;
}

template <class Header, class Message>
Result<Frame> encode(const Header& header, std::int16_t header_version, const Api& api, std::int16_t version, const Message& message) {
    Frame frame;
    frame.own().assign(size_of_size, '\0');
    Writer header_writer(frame, Header::type_name, header_version, header_version >= Header::flexible_since);
    header_writer.write(header);
    if (auto written = header_writer.status(); !written) return fail(std::move(written.error()));
    Writer writer(frame, Message::type_name, version, api.is_flexible(version));
    writer.write(message);
    if (auto written = writer.status(); !written) return fail(std::move(written.error()));
    return finish(std::move(frame));
}

template <class Message>
Result<Api> offered(std::int16_t version) {
    if (!is_offered(Message::api_key, version))
        return fail(Errc::unsupported, std::string(Message::type_name) + " version " + std::to_string(version) + " is not offered");
    return *find_api(Message::api_key);
}

}  // namespace

template <class Message>
Result<Frame> encode_response(std::int32_t correlation_id, std::int16_t version, const Message& message) {
    const auto api = offered<Message>(version);
    if (!api) return fail(api.error());
    const ResponseHeader header{.correlation_id = correlation_id};
    return encode(header, response_header_version(*api, version), *api, version, message);
}

template <class Message>
Result<Frame> encode_request(const RequestHeader& header, const Message& message) {
    const std::int16_t version = header.request_api_version;
    const auto api = offered<Message>(version);
    if (!api) return fail(api.error());
    RequestHeader own = header;
    own.request_api_key = Message::api_key;
    return encode(own, request_header_version(*api, version), *api, version, message);
}

ApiVersionsResponse offered_api_versions() {
    ApiVersionsResponse response;
    for (const auto& api : offered_apis())
        response.api_keys.push_back({.api_key = api.key, .min_version = api.offered.first, .max_version = api.offered.last});
    return response;
}

ApiVersionsResponse unsupported_api_versions() {
    ApiVersionsResponse response = offered_api_versions();
    response.error_code = ErrorCode::unsupported_version;
    return response;
}

// One instance of each, here, so that whoever includes codec.hpp compiles none.
#define TENTER_INSTANTIATE(name)                                                                      \
    template Result<Frame> encode_request<name##Request>(const RequestHeader&, const name##Request&); \
    template Result<Frame> encode_response<name##Response>(std::int32_t, std::int16_t, const name##Response&)
TENTER_INSTANTIATE(Produce);
TENTER_INSTANTIATE(Fetch);
TENTER_INSTANTIATE(ListOffsets);
TENTER_INSTANTIATE(Metadata);
TENTER_INSTANTIATE(OffsetCommit);
TENTER_INSTANTIATE(OffsetFetch);
TENTER_INSTANTIATE(FindCoordinator);
TENTER_INSTANTIATE(JoinGroup);
TENTER_INSTANTIATE(Heartbeat);
TENTER_INSTANTIATE(LeaveGroup);
TENTER_INSTANTIATE(SyncGroup);
TENTER_INSTANTIATE(DescribeGroups);
TENTER_INSTANTIATE(ListGroups);
TENTER_INSTANTIATE(SaslHandshake);
TENTER_INSTANTIATE(ApiVersions);
TENTER_INSTANTIATE(OffsetForLeaderEpoch);
TENTER_INSTANTIATE(DescribeConfigs);
TENTER_INSTANTIATE(SaslAuthenticate);
TENTER_INSTANTIATE(DeleteGroups);
TENTER_INSTANTIATE(DescribeCluster);
#undef TENTER_INSTANTIATE

}  // namespace tenter::kafka_protocol
