#include "gateway/kafka_listener/request_buffer.hpp"

#include <gmock/gmock.h>

namespace tenter::kafka_listener {
namespace {

using namespace std::string_literals;

TEST(RequestBuffer, gives_requests_whole_however_they_come) {
    const std::string wire = "\0\0\0\5first\0\0\0\1x\0\0\0\6second"s;
    for (std::size_t step = 1; step <= wire.size(); ++step) {
        RequestBuffer buffer;
        std::vector<std::string> requests;
        for (std::size_t at = 0; at < wire.size(); at += step) {
            buffer.append(BytesView(wire).substr(at, step));
            for (auto request = buffer.next(100); *request; request = buffer.next(100)) {
                requests.emplace_back(**request);
                buffer.consume(**request);
            }
        }
        EXPECT_THAT(requests, testing::ElementsAre("first", "x", "second")) << "in steps of " << step;
        EXPECT_TRUE(buffer.empty());
    }
}

TEST(RequestBuffer, refuses_a_size_as_soon_as_it_has_come) {
    const auto refusal = [](std::string_view bytes) {
        RequestBuffer buffer;
        buffer.append(bytes);
        const auto next = buffer.next(16384);
        return next ? "none" : next.error().message;
    };
    EXPECT_EQ(refusal("\0\0\0\0"s), "a request of 0 bytes");
    EXPECT_EQ(refusal("\xff\xff\xff\xff"s), "a request of -1 bytes");
    EXPECT_EQ(refusal("\x80\0\0\0"s), "a request of -2147483648 bytes");
    EXPECT_EQ(refusal("\x7f\xff\xff\xff"s), "a request of 2147483647 bytes, at most 16384 are taken");
    EXPECT_EQ(refusal("\0\0\x40\1"s), "a request of 16385 bytes, at most 16384 are taken");
    EXPECT_EQ(refusal("\0\0\x40\0"s), "none");
    EXPECT_EQ(refusal("\x7f\xff\xff"s), "none");
    EXPECT_EQ(refusal(""s), "none");
}

TEST(RequestBuffer, counts_what_is_not_done_with) {
    RequestBuffer buffer;
    buffer.append("\0\0\0\2ab\0\0"s);
    EXPECT_EQ(buffer.size(), 8U);
    buffer.consume(**buffer.next(10));
    EXPECT_EQ(buffer.size(), 2U);
    EXPECT_FALSE(*buffer.next(10));
}

}  // namespace
}  // namespace tenter::kafka_listener
