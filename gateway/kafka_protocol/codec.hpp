#pragma once
// gateway/kafka_protocol/codec.hpp: requests and answers from and to the bytes of a connection.
//
//   frame = size int32 | header | body           size counts what follows it; whoever reads a connection takes it off (and limits it)
//
//   auto head = peek_request(frame);                                    // key, version, correlation id: enough to answer or to close
//   if (head->api_key == ApiKey::api_versions && !is_offered(...)) write(encode_response(id, 0, unsupported_api_versions()));
//   auto request = decode_request(frame);                               // an AnyRequest: std::visit
//   write(encode_response(request->header.correlation_id, version, FetchResponse{...})->pieces());
//
// Decoding takes any bytes: every count and size is held against what is left before anything is reserved for it, so that what is
// allocated is at most `decoded_size_factor` times the frame; nesting is that of the table; left-over bytes are an error. An error is
// `invalid_input` and names message, field and byte: "OffsetCommitRequest version 2: topics[0].partitions[1].committed_offset, byte 68:
// 8 bytes are wanted, 3 are left". It shows sizes and counts, never content.
//
// All functions may be called from any thread.

#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway/kafka_protocol/api.hpp"
#include "gateway/kafka_protocol/frame.hpp"
#include "gateway/kafka_protocol/messages.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::kafka_protocol {

/// Most that decoding allocates for each byte of a frame: an empty string is one byte in a compact array, and 32 as std::string.
inline constexpr std::size_t decoded_size_factor = 32;
/// Most elements that the arrays of one request may have together. Each is looked up and answered by itself, by a thread that has others to
/// serve: of 8 MiB of empty names that would be 4 million.
inline constexpr std::size_t max_request_elements = 100'000;

/// The first eight bytes of every request, whatever its key and version.
struct RequestHead {
    ApiKey api_key{};  ///< May be one that is not offered.
    std::int16_t version = 0;
    std::int32_t correlation_id = 0;
};

struct Request {
    RequestHeader header;
    AnyRequest body;
};

template <class Message>
struct Response {
    std::int32_t correlation_id = 0;
    Message body;
};

/// `frame` is without its size, here and below. `invalid_input` if it has fewer than eight bytes.
[[nodiscard]] Result<RequestHead> peek_request(BytesView frame);

/// `unsupported` for a request or a version that is not offered; `invalid_input` also beyond `max_request_elements`. Owns all that it needs
/// but the records of Produce, which lie in `frame`.
[[nodiscard]] Result<Request> decode_request(BytesView frame);

/// A message of `messages.hpp` without its header. The version must be offered, else `unsupported`.
template <class Message>
[[nodiscard]] Result<Message> decode_body(BytesView body, std::int16_t version);

/// An answer, as a client reads it. Records lie in `frame`.
template <class Message>
[[nodiscard]] Result<Response<Message>> decode_response(BytesView frame, std::int16_t version);

/// The answer to a request of that version, with its size in front. Fields that the version does not have are left out, and null where it
/// has none becomes empty. `too_large` names a field that is longer than its length can say; `unsupported` as above.
template <class Message>
[[nodiscard]] Result<Frame> encode_response(std::int32_t correlation_id, std::int16_t version, const Message& message);

/// A request as a client sends it, size in front. The header's key is not read: it is the message's.
template <class Message>
[[nodiscard]] Result<Frame> encode_request(const RequestHeader& header, const Message& message);

/// The answer to ApiVersions: what is offered, from the table.
[[nodiscard]] ApiVersionsResponse offered_api_versions();
/// The answer to ApiVersions in a version that is not offered, to be sent in version 0: clients find in it which versions of ApiVersions
/// are, and ask again on the same connection. Kafka names no other request in it; franz-go before 1.20 takes it for all that there is, and
/// so it is here.
[[nodiscard]] ApiVersionsResponse unsupported_api_versions();

}  // namespace tenter::kafka_protocol
