#include "gateway/kafka_listener/answer_writer.hpp"

#include <array>

#include <gmock/gmock.h>

namespace tenter::kafka_listener {
namespace {

using kafka_protocol::Frame;
using kafka_protocol::share;

std::array<char, AnswerWriter::chunk_bytes> scratch;

Frame frame_of(const std::vector<std::string>& own_and_shared) {
    Frame frame;
    for (std::size_t i = 0; i < own_and_shared.size(); ++i) {
        if (i % 2 == 0) {
            frame.own() += own_and_shared[i];
        } else {
            frame.append(share(own_and_shared[i]));
        }
    }
    return frame;
}

/// All that is written when the other side takes at most `step` bytes at a time.
std::string written(AnswerWriter& writer, std::size_t step) {
    std::string all;
    while (!writer.done()) {
        const std::string chunk(writer.next(scratch));
        EXPECT_LE(chunk.size(), AnswerWriter::chunk_bytes);
        EXPECT_FALSE(chunk.empty());
        const std::string again(writer.next(scratch));
        EXPECT_EQ(again, chunk) << "TLS wants the same bytes again when it had to wait";
        const bool goes_on = writer.goes_on_behind(chunk);
        const std::size_t taken = std::min(step, chunk.size());
        all += chunk.substr(0, taken);
        writer.advance(taken);
        if (taken == chunk.size()) {
            EXPECT_EQ(goes_on, !writer.done()) << "what is held back must be followed by something, and only that";
        }
    }
    return all;
}

TEST(AnswerWriter, writes_all_bytes_in_order_whatever_the_other_side_takes) {
    const std::string big(100'000, 'r');
    const std::vector<std::string> parts{"head", "small", "between", big, "end of one", std::string(16'384, 'e'), "tail"};
    std::string expected;
    for (const auto& part : parts) expected += part;
    for (const std::size_t step : {97UL, 16'383UL, 16'384UL, 1'000'000UL}) {
        AnswerWriter writer;
        writer.begin(frame_of(parts));
        EXPECT_TRUE(written(writer, step) == expected) << step;
        EXPECT_TRUE(writer.done());
    }
}

TEST(AnswerWriter, gathers_small_pieces_and_leaves_large_ones_where_they_are) {
    const auto owner = share(std::string(40'000, 'r'));
    Frame frame;
    frame.own() = "head";
    frame.append(owner);
    AnswerWriter writer;
    writer.begin(std::move(frame));
    EXPECT_EQ(writer.next(scratch).size(), AnswerWriter::chunk_bytes) << "the head does not go alone";
    EXPECT_EQ(writer.next(scratch).data(), scratch.data());
    writer.advance(AnswerWriter::chunk_bytes);
    EXPECT_EQ(writer.next(scratch).data(), owner.bytes.data() + AnswerWriter::chunk_bytes - 4);
}

TEST(AnswerWriter, keeps_the_records_until_the_last_byte_and_no_longer) {
    auto shared = std::make_shared<std::string>("records");
    const std::weak_ptr<std::string> watched = shared;
    Frame frame;
    frame.append({.bytes = *shared, .owner = std::move(shared)});
    AnswerWriter writer;
    writer.begin(std::move(frame));
    writer.advance(6);
    EXPECT_FALSE(watched.expired());
    writer.advance(1);
    EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace tenter::kafka_listener
