#include "bench/load/answer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tenter::load {
namespace {

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-LENGTH: 15\r\n\r\n{\"status\":\"ok\"}";

TEST(Answer, is_complete_only_with_its_last_byte) {
    for (std::size_t length = 0; length < ok.size(); ++length)
        EXPECT_EQ(read_answer(ok.substr(0, length)).state, AnswerState::incomplete) << "cut at " << length;
    const Answer answer = read_answer(ok);
    EXPECT_EQ(answer.state, AnswerState::complete);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.length, ok.size());
    EXPECT_FALSE(answer.closes);
}

TEST(Answer, ends_where_its_length_says_and_not_where_the_bytes_do) {
    EXPECT_EQ(read_answer(std::string(ok) + "HTTP/1.1 503").length, ok.size());
}

TEST(Answer, tells_status_and_close) {
    const Answer answer = read_answer("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(answer.status, 503U);
    EXPECT_TRUE(answer.closes);
}

TEST(Answer, refuses_what_it_cannot_find_the_end_of) {
    for (const std::string_view bytes : {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                         "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
                                         "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n", "SSH-2.0-x"})
        EXPECT_EQ(read_answer(bytes).state, AnswerState::malformed) << bytes;
}

}  // namespace
}  // namespace tenter::load
