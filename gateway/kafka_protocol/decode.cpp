#include <optional>
#include <string>
#include <utility>

#include "gateway/kafka_protocol/codec.hpp"
#include "gateway/kafka_protocol/reader.hpp"

namespace tenter::kafka_protocol {

namespace {

std::string described(ApiKey key, std::int16_t version) {
    const auto name = to_string(key);
    const std::string number = std::to_string(static_cast<std::int16_t>(key));
    return (name.empty() ? "request " + number : std::string(name)) + " version " + std::to_string(version);
}

Result<Api> offered(ApiKey key, std::int16_t version) {
    if (!is_offered(key, version)) return fail(Errc::unsupported, described(key, version) + " is not offered");
    return *find_api(key);
}

template <class Header>
Result<std::size_t> decode_header(Header& header, BytesView frame, std::int16_t header_version) {
    Reader reader(frame, Header::type_name, header_version, header_version >= Header::flexible_since);
    if (!reader.read(header)) return fail(reader.status().error());
    return reader.position();
}

template <class Message>
Result<Message> decode_from(BytesView frame, std::size_t start, const Api& api, std::int16_t version,
                            std::size_t most_elements = Reader::any_number) {
    Message message;
    Reader reader(frame, Message::type_name, version, api.is_flexible(version), start, most_elements);
    if (!reader.read(message)) return fail(reader.status().error());
    if (auto whole = reader.finish(); !whole) return fail(std::move(whole.error()));
    return message;
}

}  // namespace

Result<RequestHead> peek_request(BytesView frame) {
    RequestHeader header;
    if (auto read = decode_header(header, frame, 0); !read) return fail(std::move(read.error()));
    return RequestHead{.api_key = header.request_api_key, .version = header.request_api_version, .correlation_id = header.correlation_id};
}

Result<Request> decode_request(BytesView frame) {
    const auto head = peek_request(frame);
    if (!head) return fail(head.error());
    const auto api = offered(head->api_key, head->version);
    if (!api) return fail(api.error());
    Request request;
    const auto start = decode_header(request.header, frame, request_header_version(*api, head->version));
    if (!start) return fail(start.error());
    std::optional<Error> error;
    AllExchanges::find([&]<class RequestType, class ResponseType>() {
        if (RequestType::api_key != head->api_key) return false;
        auto body = decode_from<RequestType>(frame, *start, *api, head->version, max_request_elements);
        if (body) {
            request.body = std::move(*body);
        } else {
            error = std::move(body.error());
        }
        return true;
    });
    if (error) return fail(std::move(*error));
    return request;
}

template <class Message>
Result<Message> decode_body(BytesView body, std::int16_t version) {
    const auto api = offered(Message::api_key, version);
    if (!api) return fail(api.error());
    return decode_from<Message>(body, 0, *api, version);
}

template <class Message>
Result<Response<Message>> decode_response(BytesView frame, std::int16_t version) {
    const auto api = offered(Message::api_key, version);
    if (!api) return fail(api.error());
    ResponseHeader header;
    const auto start = decode_header(header, frame, response_header_version(*api, version));
    if (!start) return fail(start.error());
    auto body = decode_from<Message>(frame, *start, *api, version);
    if (!body) return fail(std::move(body.error()));
    return Response<Message>{.correlation_id = header.correlation_id, .body = std::move(*body)};
}

// One instance of each, here, so that whoever includes codec.hpp compiles none.
#define TENTER_INSTANTIATE(name)                                                          \
    template Result<name##Request> decode_body<name##Request>(BytesView, std::int16_t);   \
    template Result<name##Response> decode_body<name##Response>(BytesView, std::int16_t); \
    template Result<Response<name##Response>> decode_response<name##Response>(BytesView, std::int16_t)
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
