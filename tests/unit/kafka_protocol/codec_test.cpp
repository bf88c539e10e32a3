// The codec's promises that frames of Kafka do not show: what its errors say, pieces instead of copies, null, lengths.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "gateway/kafka_protocol/codec.hpp"
#include "golden.hpp"
#include "text_form.hpp"

namespace {

using namespace tenter;
using namespace tenter::kafka_protocol;
using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(BytesView frame) {
    const auto request = decode_request(frame);
    return request ? "no error" : request.error().message;
}

// ---- errors name message, field and byte

TEST(DecodeErrors, name_the_field_in_its_arrays_and_the_byte_in_the_frame) {
    // OffsetCommit 2, a topic with two partitions, of which the second is cut within its offset.
    const Bytes frame = from_hex(
        "0008000200000001ffff"
        "000167"
        "00000001"
        "0000"
        "ffffffffffffffff"
        "00000001"
        "000174"
        "00000002"
        "00000000"
        "0000000000000005"
        "000c"
        "6d65746164617461206f6620"
        "00000001"
        "000000");
    EXPECT_EQ(error_of(frame),
              "OffsetCommitRequest version 2: topics[0].partitions[1].committed_offset, byte 68: 8 bytes are wanted, 3 are left");
}

TEST(DecodeErrors, of_counts_and_lengths_say_what_was_claimed) {
    const std::string head = "0003000100000001ffff";
    EXPECT_EQ(error_of(from_hex(head + "7fffffff0001")),
              "MetadataRequest version 1: topics, byte 10: 2147483647 elements are announced, and 2 bytes are left");
    EXPECT_EQ(error_of(from_hex(head + "fffffffe")), "MetadataRequest version 1: topics, byte 10: a length of -2");
    EXPECT_EQ(error_of(from_hex(head + "00000001ffff")),
              "MetadataRequest version 1: topics[0].name, byte 14: is null, which it may not be");
    EXPECT_EQ(error_of(from_hex(head + "000000010005616263")),
              "MetadataRequest version 1: topics[0].name, byte 16: 5 bytes are wanted, 3 are left");
    EXPECT_EQ(error_of(from_hex(head + "00000000aabb")), "MetadataRequest version 1: byte 14: 2 bytes are left over");
}

TEST(DecodeErrors, say_nothing_of_the_content) {
    // SaslAuthenticate 0 whose token, "\0user\0password", claims a byte more than there is.
    const auto message = error_of(from_hex("0024000000000001ffff0000000f00757365720070617373776f7264"));
    EXPECT_THAT(message, HasSubstr("SaslAuthenticateRequest version 0: auth_bytes"));
    EXPECT_THAT(message, testing::Not(HasSubstr("user")));
    EXPECT_THAT(message, testing::Not(HasSubstr("password")));
}

TEST(DecodeErrors, tell_requests_that_are_not_offered_from_damaged_ones) {
    const auto newer = decode_request(from_hex("0001000c00000001ffff"));
    ASSERT_FALSE(newer.has_value());
    EXPECT_EQ(newer.error().code, Errc::unsupported);
    EXPECT_EQ(newer.error().message, "Fetch version 12 is not offered");
    const auto unknown = decode_request(from_hex("0016000000000001ffff"));
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().code, Errc::unsupported);
    EXPECT_EQ(unknown.error().message, "request 22 version 0 is not offered");
    const auto damaged = decode_request(from_hex("00010004000000"));
    ASSERT_FALSE(damaged.has_value());
    EXPECT_EQ(damaged.error().code, Errc::invalid_input);
    EXPECT_EQ(damaged.error().message, "RequestHeader version 0: correlation_id, byte 4: 4 bytes are wanted, 3 are left");
    EXPECT_EQ(error_of(""), "RequestHeader version 0: request_api_key, byte 0: 2 bytes are wanted, 0 are left");
}

TEST(DecodeErrors, refuse_strings_that_only_a_compact_length_could_have) {
    Bytes frame = from_hex(
        "0010000400000001ffff00"
        "02"
        "818002");  // ListGroups 4: one state, of 32,768 bytes
    frame.append(32'768, 'a');
    frame += '\0';
    EXPECT_EQ(error_of(frame), "ListGroupsRequest version 4: states_filter[0], byte 12: a string of 32768 bytes");
}

// ---- records go through as they are

FetchResponse two_partitions(std::vector<SharedBytes> first, std::vector<SharedBytes> second) {
    FetchTopicResponse topic{.topic = "t"};
    topic.partitions.push_back({.partition_index = 0, .high_watermark = 7, .records = {.pieces = std::move(first)}});
    topic.partitions.push_back({.partition_index = 1, .high_watermark = 9, .records = {.pieces = std::move(second)}});
    return {.responses = {std::move(topic)}};
}

TEST(FetchAnswers, carry_the_records_themselves_between_their_own_bytes) {
    const Bytes stored = "batch one, batch two";
    const auto frame =
        encode_response(1, 11, two_partitions({{BytesView(stored).substr(0, 10), {}}, {BytesView(stored).substr(10), {}}}, {}));
    ASSERT_TRUE(frame.has_value());
    const auto pieces = frame->pieces();
    ASSERT_EQ(pieces.size(), 4U) << "head, two pieces of records, the second partition";
    EXPECT_EQ(pieces[1].data(), stored.data());
    EXPECT_EQ(pieces[2].data(), stored.data() + 10);
    EXPECT_EQ(frame->size(), frame->joined().size());
    const auto read = decode_response<FetchResponse>(frame->joined().substr(4), 11);
    ASSERT_TRUE(read.has_value()) << read.error().message;
}

TEST(FetchAnswers, keep_alive_what_they_share_also_when_moved_and_copied) {
    std::weak_ptr<const void> watched;
    std::optional<Frame> copy;
    {
        SharedBytes batch = share("a stored batch that is longer than a short string");
        watched = batch.owner;
        auto frame = encode_response(1, 4, two_partitions({batch}, {batch}));
        ASSERT_TRUE(frame.has_value());
        const Frame moved = std::move(*frame);
        copy = moved;
    }
    ASSERT_FALSE(watched.expired());
    EXPECT_THAT(copy->joined(), HasSubstr("a stored batch that is longer than a short string"));
    copy.reset();
    EXPECT_TRUE(watched.expired());
}

TEST(FetchAnswers, without_records_have_an_empty_field_and_one_piece) {
    const auto frame = encode_response(5, 4, two_partitions({}, {share("")}));
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(frame->pieces().size(), 1U);
    const Bytes joined = frame->joined();
    EXPECT_EQ(quoted_hex(joined.substr(joined.size() - 4)), "\"00000000\"");
}

TEST(Records, are_null_or_empty_as_they_were) {
    const Bytes null_records = from_hex(
        "0000000300000001ffff"
        "ffff0001000003e8"
        "00000001"
        "000174"
        "00000001"
        "00000000"
        "ffffffff");
    const auto request = decode_request(null_records);
    ASSERT_TRUE(request.has_value()) << request.error().message;
    const auto& produce = std::get<ProduceRequest>(request->body);
    EXPECT_TRUE(produce.topic_data.at(0).partition_data.at(0).records.is_null);
    EXPECT_EQ(quoted_hex(encode_request(request->header, produce)->joined().substr(4)), quoted_hex(null_records));
}

// ---- what a version does not have

TEST(Encoding, leaves_out_what_a_version_does_not_have) {
    const auto old_version =
        encode_response(7, 0, FindCoordinatorResponse{.throttle_time_ms = 9, .error_message = "m", .node_id = 1, .host = "h"});
    ASSERT_TRUE(old_version.has_value());
    EXPECT_EQ(quoted_hex(old_version->joined()),
              "\"00000011"
              "00000007"
              "0000"
              "00000001"
              "000168"
              "00000000\"");
}

TEST(Encoding, writes_null_as_empty_where_a_version_has_no_null) {
    const RequestHeader header{.request_api_version = 1, .correlation_id = 7};
    const OffsetFetchRequest all_topics{.group_id = "g", .topics = std::nullopt};
    const auto frame = encode_request(header, all_topics);
    ASSERT_TRUE(frame.has_value());
    EXPECT_EQ(quoted_hex(frame->joined().substr(14)),
              "\"000167"
              "00000000\"");
}

TEST(Encoding, refuses_strings_that_no_length_can_say_and_versions_that_are_not_offered) {
    const HeartbeatRequest long_group{.group_id = Bytes(32'768, 'g')};
    const auto too_long = encode_request({}, long_group);
    ASSERT_FALSE(too_long.has_value());
    EXPECT_EQ(too_long.error().code, Errc::too_large);
    EXPECT_EQ(too_long.error().message, "HeartbeatRequest version 0: group_id: a length of 32768, at most 32767");
    const auto too_new = encode_response(1, 4, HeartbeatResponse{});
    ASSERT_FALSE(too_new.has_value());
    EXPECT_EQ(too_new.error().code, Errc::unsupported);
    EXPECT_EQ(decode_body<HeartbeatRequest>("", 4).error().code, Errc::unsupported);
    EXPECT_EQ(decode_response<HeartbeatResponse>("", 4).error().code, Errc::unsupported);
    const auto long_client = encode_request({.client_id = Bytes(32'768, 'c')}, HeartbeatRequest{});
    ASSERT_FALSE(long_client.has_value());
    EXPECT_THAT(long_client.error().message, HasSubstr("RequestHeader version 1: client_id"));
}

TEST(Produce, is_read_as_far_as_each_partition_so_that_each_can_be_refused) {
    for (const auto& golden : golden_frames()) {
        if (!golden.is_request || golden.key != ApiKey::produce || golden.origin == "made-empty") continue;
        const auto request = decode_request(golden.frame);
        ASSERT_TRUE(request.has_value());
        ProduceResponse refusal;
        for (const auto& topic : std::get<ProduceRequest>(request->body).topic_data) {
            auto& answered = refusal.responses.emplace_back(ProduceTopicResponse{.name = topic.name});
            for (const auto& partition : topic.partition_data)
                answered.partition_responses.push_back({.index = partition.index, .error_code = ErrorCode::topic_authorization_failed});
        }
        ASSERT_FALSE(refusal.responses.empty());
        EXPECT_TRUE(encode_response(request->header.correlation_id, 3, refusal).has_value());
    }
}

}  // namespace
