#include "gateway/http/input_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace tenter::http {
namespace {

void put(InputBuffer& buffer, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto room = buffer.prepare();
        const std::size_t count = std::min(room.size(), bytes.size());
        std::copy_n(bytes.begin(), count, room.begin());
        buffer.commit(count);
        bytes.remove_prefix(count);
    }
}

TEST(InputBuffer, offers_room_from_the_start) {
    InputBuffer buffer;
    EXPECT_TRUE(buffer.empty());
    EXPECT_GE(buffer.prepare().size(), InputBuffer::least_room_bytes);
}

TEST(InputBuffer, removes_from_the_middle) {
    InputBuffer buffer;
    put(buffer, "head[5 hello]rest");
    buffer.consume(2);
    buffer.remove(2, 9);
    EXPECT_EQ(buffer.view(), "adrest");
    buffer.remove(2, 4);
    EXPECT_EQ(buffer.view(), "ad");
}

TEST(InputBuffer, gives_large_memory_back_when_empty) {
    InputBuffer buffer;
    put(buffer, std::string(1024 * 1024, 'x'));
    buffer.consume(1024 * 1024);
    EXPECT_EQ(buffer.prepare().size(), InputBuffer::initial_bytes);
}

TEST(InputBuffer, behaves_like_a_string_under_random_use) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    InputBuffer buffer;
    std::string model;
    for (int step = 0; step < 2000; ++step) {
        const std::size_t size = random() % 5000;
        switch (random() % 3) {
            case 0: {
                const std::string bytes(size, static_cast<char>('a' + step % 26));
                put(buffer, bytes);
                model += bytes;
                break;
            }
            case 1: {
                const std::size_t count = std::min(size, model.size());
                buffer.consume(count);
                model.erase(0, count);
                break;
            }
            default: {
                const std::size_t position = model.empty() ? 0 : random() % model.size();
                const std::size_t count = std::min(size, model.size() - position);
                if (count == 0) break;
                buffer.remove(position, count);
                model.erase(position, count);
            }
        }
        ASSERT_EQ(buffer.view(), model) << step;
    }
}

}  // namespace
}  // namespace tenter::http
