// Goal: no bytes crash the decoder, make it read beyond them, or make it allocate more than it says. Method: every golden request is cut at
// each byte and has each byte changed, lengths among them are replaced by the worst ones, and all allocations are counted; ASan sees the
// rest.

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <variant>
#include <vector>

#include "gateway/kafka_protocol/codec.hpp"
#include "golden.hpp"

namespace {

std::size_t allocated = 0;  // by operator new, since the start of the process; the tests here have one thread

}  // namespace

void* operator new(std::size_t size) {
    allocated += size;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace tenter;
using namespace tenter::kafka_protocol;

/// The message of an error: names and numbers, in a few strings.
constexpr std::size_t size_of_error = 4096;

/// Memory of its own, of just that size, so that ASan sees any read beyond it.
bool decodes(BytesView bytes) {
    const std::vector<char> exact(bytes.begin(), bytes.end());
    const std::size_t before = allocated;
    const auto request = decode_request(BytesView(exact.data(), exact.size()));
    EXPECT_LE(allocated - before, decoded_size_factor * bytes.size() + size_of_error) << bytes.size() << " bytes";
    EXPECT_TRUE(request.has_value() || !request.error().message.empty());
    return request.has_value();
}

TEST(HostileBytes, a_request_that_is_cut_anywhere_is_an_error) {
    for (const auto& golden : golden_frames()) {
        if (!golden.is_request) continue;
        ASSERT_TRUE(decodes(golden.frame)) << golden.name();
        for (std::size_t size = 0; size < golden.frame.size(); ++size)
            EXPECT_FALSE(decodes(BytesView(golden.frame).substr(0, size))) << golden.name() << " cut at " << size;
    }
}

TEST(HostileBytes, a_request_with_bytes_after_it_is_an_error) {
    for (const auto& golden : golden_frames()) EXPECT_FALSE(golden.is_request && decodes(golden.frame + '\0')) << golden.name();
}

TEST(HostileBytes, a_request_with_any_byte_changed_is_an_error_or_another_request) {
    std::size_t refused = 0;
    for (const auto& golden : golden_frames()) {
        if (!golden.is_request) continue;
        for (std::size_t at = 0; at < golden.frame.size(); ++at) {
            for (const unsigned change : {0xFFU, 0x80U, 0x01U}) {
                Bytes changed = golden.frame;
                changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ change);
                refused += decodes(changed) ? 0 : 1;
            }
        }
    }
    EXPECT_GT(refused, 1000U);
}

TEST(HostileBytes, a_request_with_the_worst_lengths_anywhere_is_an_error_or_another_request) {
    using namespace std::string_literals;
    const std::array worst{"\x7f\xff\xff\xff"s,     "\xff\xff\xff\xff"s, "\x80\0\0\0"s, "\0\0\0\0"s,
                           "\xff\xff\xff\xff\x0f"s, "\x7f\xff"s,         "\xff\xfe"s};
    for (const auto& golden : golden_frames()) {
        if (!golden.is_request) continue;
        for (std::size_t at = 0; at < golden.frame.size(); ++at) {
            for (const auto& length : worst) {
                if (at + length.size() > golden.frame.size()) continue;
                Bytes changed = golden.frame;
                changed.replace(at, length.size(), length);
                static_cast<void>(decodes(changed));  // checks what it allocates
            }
        }
    }
}

TEST(HostileBytes, answers_too_are_an_error_where_they_are_cut) {
    for (const auto& golden : golden_frames()) {
        if (golden.is_request) continue;
        AllExchanges::find([&]<class RequestType, class ResponseType>() {
            if (ResponseType::api_key != golden.key) return false;
            for (std::size_t size = 0; size < golden.frame.size(); ++size) {
                const std::vector<char> exact(golden.frame.begin(), golden.frame.begin() + static_cast<std::ptrdiff_t>(size));
                const auto cut = decode_response<ResponseType>(BytesView(exact.data(), exact.size()), golden.version);
                EXPECT_FALSE(cut.has_value()) << golden.name() << " cut at " << size;
            }
            return true;
        });
    }
}

TEST(HostileBytes, as_many_empty_elements_as_fit_take_no_more_memory_than_stated) {
    // ListGroups 4, compact: each byte an empty string; the dearest that there is.
    constexpr std::size_t count = 100'000;
    Bytes frame = from_hex("0010000400000001ffff00");
    frame += from_hex("a18d06");  // 100,001 as varint
    frame.append(count, '\x01');
    frame += '\0';
    const std::size_t before = allocated;
    const auto request = decode_request(frame);
    ASSERT_TRUE(request.has_value()) << request.error().message;
    EXPECT_EQ(std::get<ListGroupsRequest>(request->body).states_filter.size(), count);
    EXPECT_LE(allocated - before, decoded_size_factor * frame.size());
    EXPECT_GE(allocated - before, decoded_size_factor * count) << "the bound is met, so a smaller one would be wrong";
}

TEST(HostileBytes, a_request_has_so_many_elements_in_all_its_arrays_and_no_more) {
    // OffsetFetch 1 of group "g": topics of three bytes, each with two partitions.
    const auto request_with = [](std::uint32_t topics) {
        Bytes frame = from_hex("0009000100000001ffff000167");
        for (const unsigned shift : {24U, 16U, 8U, 0U}) frame += static_cast<char>(topics >> shift);
        for (std::uint32_t i = 0; i < topics; ++i)
            frame += from_hex(
                "0001740000000200000000"
                "00000001");
        return frame;
    };
    EXPECT_TRUE(decode_request(request_with(33'333)));  // 99,999 elements
    const auto refused = decode_request(request_with(33'334));
    ASSERT_FALSE(refused);
    EXPECT_EQ(
        refused.error().message,
        "OffsetFetchRequest version 1: topics[33333].partition_indexes, byte 500015: 2 elements are announced, and 0 more are taken in "
        "one request");
}

}  // namespace
