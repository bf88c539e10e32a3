// Checksums, times, identifiers, randomness, secrets and errors.
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "tenter/base/clock.hpp"
#include "tenter/base/constant_time.hpp"
#include "tenter/base/crc32c.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/result.hpp"
#include "tenter/base/secret.hpp"
#include "tenter/base/text.hpp"
#include "tenter/base/timestamp.hpp"
#include "tenter/base/uuid.hpp"

namespace tenter {
namespace {

constexpr UnixMillis ms(std::int64_t value) { return UnixMillis(std::chrono::milliseconds(value)); }

/// Bit by bit, from the polynomial alone.
std::uint32_t slow_crc32c(BytesView bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
    }
    return ~crc;
}

TEST(Crc32c, agrees_with_rfc_3720_appendix_b_4) {
    Bytes rising;
    Bytes falling;
    for (int i = 0; i < 32; ++i) {
        rising.push_back(static_cast<char>(i));
        falling.push_back(static_cast<char>(31 - i));
    }
    // The RFC prints the octets as they are sent, the least significant first.
    EXPECT_EQ(crc32c(Bytes(32, '\0')), 0x8A9136AAU);
    EXPECT_EQ(crc32c(Bytes(32, '\xff')), 0x62A8AB43U);
    EXPECT_EQ(crc32c(rising), 0x46DD794EU);
    EXPECT_EQ(crc32c(falling), 0x113FDB5CU);
    EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
    EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, is_right_for_every_length_start_and_cut) {
    Bytes bytes(300, '\0');
    SeededRandom random(7);
    random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    for (std::size_t start = 0; start < 9; ++start)
        for (std::size_t size = 0; start + size <= bytes.size(); ++size) {
            const BytesView part = BytesView(bytes).substr(start, size);
            ASSERT_EQ(crc32c(part), slow_crc32c(part)) << start << " " << size;
        }
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
        ASSERT_EQ(crc32c(BytesView(bytes).substr(cut), crc32c(BytesView(bytes).substr(0, cut))), slow_crc32c(bytes));
}

TEST(Crc32c, is_right_around_what_is_taken_in_one_step) {
    Bytes bytes(6000, '\0');
    SeededRandom random(8);
    random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    for (const std::size_t steps : {512UL, 1024UL, 1536UL, 3072UL, 4608UL})
        for (std::size_t size = steps - 9; size <= steps + 9; ++size)
            for (const std::size_t start : {0UL, 1UL, 7UL}) {
                const BytesView part = BytesView(bytes).substr(start, size);
                ASSERT_EQ(crc32c(part), slow_crc32c(part)) << start << " " << size;
            }
    for (std::size_t cut = 0; cut <= bytes.size(); cut += 61)
        ASSERT_EQ(crc32c(BytesView(bytes).substr(cut), crc32c(BytesView(bytes).substr(0, cut))), slow_crc32c(bytes));
}

TEST(Rfc3339, reads_the_examples_of_section_5_8) {
    EXPECT_EQ(parse_rfc3339("1985-04-12T23:20:50.52Z"), ms(482196050520));
    EXPECT_EQ(parse_rfc3339("1996-12-19T16:39:57-08:00"), ms(851042397000));
    EXPECT_EQ(parse_rfc3339("1990-12-31T23:59:60Z"), ms(662688000000));
    EXPECT_EQ(parse_rfc3339("1990-12-31T15:59:60-08:00"), ms(662688000000));
    EXPECT_EQ(parse_rfc3339("1937-01-01T12:00:27.87+00:20"), ms(-1041337172130));
    EXPECT_EQ(parse_rfc3339("2026-11-23t14:48:33.1209999z"), ms(1795445313120));
}

TEST(Rfc3339, writes_what_it_reads) {
    EXPECT_EQ(to_rfc3339(ms(482196050520)), "1985-04-12T23:20:50.520Z");
    EXPECT_EQ(to_rfc3339(ms(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(ms(-1)), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339(ms(951782400000)), "2000-02-29T00:00:00.000Z");
}

TEST(Rfc3339, refuses_what_is_no_time) {
    for (const char* wrong :
         {"", "1985-04-12", "1985-04-12T23:20:50", "1985-04-12 23:20:50Z", "1985-4-12T23:20:50Z", "1985-02-29T00:00:00Z",
          "1985-13-01T00:00:00Z", "1985-00-01T00:00:00Z", "1985-04-31T00:00:00Z", "1985-04-12T24:00:00Z", "1985-04-12T23:60:00Z",
          "1985-04-12T23:20:61Z", "1985-04-12T23:20:60Z", "1985-04-12T23:20:50.Z", "1985-04-12T23:20:50+24:00", "1985-04-12T23:20:50+01:60",
          "1985-04-12T23:20:50+0100", "1985-04-12T23:20:50Zx", "1900-02-29T00:00:00Z"}) {
        const auto parsed = parse_rfc3339(wrong);
        ASSERT_FALSE(parsed) << wrong;
        EXPECT_EQ(parsed.error().code, Errc::invalid_input);
    }
    const std::string good = "1985-04-12T23:20:50.52Z";
    for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(parse_rfc3339(good.substr(0, size))) << size;
}

TEST(Uuid, has_the_layout_of_rfc_9562) {
    // Appendix A.6: 0x017F22E279B0 is 2022-02-22T19:22:22Z.
    const auto example = Uuid::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F");
    ASSERT_TRUE(example);
    EXPECT_EQ(example->to_string(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    EXPECT_EQ(example->timestamp(), ms(1645557742000));
    for (const char* wrong :
         {"", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff", "017f22e279b07cc398c4dc0c0c07398f",
          "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "{17f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2079b0-7cc3-98c4-dc0c0c07398f"})
        EXPECT_FALSE(Uuid::parse(wrong)) << wrong;
}

TEST(Uuid, rises_strictly_within_a_millisecond_and_when_the_counter_is_used_up) {
    SimulatedClock clock(ms(1645557742000));
    SeededRandom random(1);
    UuidV7Generator generator(clock, random);
    Uuid last = generator.next();
    EXPECT_EQ(last.timestamp(), clock.now());
    for (int i = 0; i < 10'000; ++i) {  // the counter has 12 bits
        const Uuid next = generator.next();
        ASSERT_LT(last, next) << i;
        ASSERT_LT(last.to_string(), next.to_string());
        ASSERT_EQ(next.bytes[6] >> 4, 7);
        ASSERT_EQ(next.bytes[8] >> 6, 2);
        last = next;
    }
    EXPECT_LE(last.timestamp(), clock.now() + std::chrono::milliseconds(5));
}

TEST(Uuid, rises_though_the_clock_goes_back) {
    SimulatedClock clock(ms(1645557742000));
    SeededRandom random(1);
    UuidV7Generator generator(clock, random);
    const Uuid first = generator.next();
    clock.set(ms(1000));
    const Uuid second = generator.next();
    EXPECT_LT(first, second);
    clock.set(ms(1645557743000));
    EXPECT_EQ(generator.next().timestamp(), clock.now());
}

TEST(Random, repeats_with_a_seed_and_not_without) {
    SeededRandom one(5);
    SeededRandom two(5);
    SeededRandom other(6);
    const std::uint64_t value = one.next_u64();
    EXPECT_EQ(two.next_u64(), value);
    EXPECT_NE(other.next_u64(), value);
    SystemRandom system;
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 2000; ++i) seen.insert(system.next_u64());  // more than its buffer holds
    EXPECT_EQ(seen.size(), 2000U);
    std::uint64_t elsewhere = 0;
    std::thread([&] { elsewhere = system.next_u64(); }).join();
    EXPECT_FALSE(seen.contains(elsewhere));
}

TEST(ConstantTime, compares) {
    EXPECT_TRUE(constant_time_equal("", ""));
    EXPECT_TRUE(constant_time_equal("secret", "secret"));
    EXPECT_FALSE(constant_time_equal("secret", "secreT"));
    EXPECT_FALSE(constant_time_equal("secret", "secre"));
    EXPECT_FALSE(constant_time_equal(BytesView("a\0b", 3), BytesView("a\0c", 3)));
}

TEST(Secret, shows_itself_only_when_asked) {
    static_assert(!std::is_convertible_v<Secret, std::string_view>);
    static_assert(!std::is_convertible_v<Secret, std::string>);
    const Secret secret("s3cret");
    const Secret copy = secret;
    EXPECT_EQ(copy.reveal(), "s3cret");
    EXPECT_FALSE(secret.empty());
    EXPECT_TRUE(Secret().empty());
}

TEST(Result, says_where_it_failed) {
    const Result<int> result = fail(Errc::too_large, "over 10 bytes", 27);
    const Error error = Error(result.error()).within("body");
    EXPECT_EQ(error.message, "body: over 10 bytes");
    EXPECT_EQ(error.code, Errc::too_large);
    EXPECT_EQ(error.os_error, 27);
    EXPECT_EQ(to_string(Errc::invalid_input), "invalid_input");
    EXPECT_EQ(to_string(Errc::unsupported), "unsupported");
}

TEST(Text, is_ascii_only) {
    EXPECT_TRUE(equals_ignoring_case("Content-Type", "content-tYPE"));
    EXPECT_FALSE(equals_ignoring_case("a", "ab"));
    EXPECT_FALSE(equals_ignoring_case("\xc3\x84", "\xc3\xa4"));
    EXPECT_FALSE(equals_ignoring_case("@", "`"));
    EXPECT_TRUE(starts_with_ignoring_case("Bearer x", "bearer "));
    EXPECT_FALSE(starts_with_ignoring_case("Be", "bearer"));
    EXPECT_EQ(trim_ows(" \t a b\t "), "a b");
    EXPECT_EQ(trim_ows(" \t"), "");
    EXPECT_EQ(ascii_lowered("AZ[a"), "az[a");
}

TEST(SimulatedClock, moves_only_when_told) {
    SimulatedClock clock(ms(1000));
    const Instant before = clock.monotonic();
    clock.advance(std::chrono::milliseconds(5));
    EXPECT_EQ(clock.now(), ms(1005));
    EXPECT_EQ(clock.monotonic() - before, std::chrono::milliseconds(5));
    clock.set(ms(1));
    EXPECT_EQ(clock.now(), ms(1));
    EXPECT_EQ(clock.monotonic() - before, std::chrono::milliseconds(5));
}

}  // namespace
}  // namespace tenter
