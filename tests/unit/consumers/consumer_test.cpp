// What proves that somebody is a consumer. Digests were made by `openssl dgst -sha256`.
#include "gateway/consumers/consumer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tenter/base/encoding.hpp"

namespace tenter::consumers {
namespace {

using namespace std::chrono_literals;

constexpr UnixMillis now{1'780'000'000'000ms};

/// The same byte for ever.
class OneByte final : public Random {
public:
    explicit OneByte(std::uint8_t byte) : byte_(byte) {}
    void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, byte_); }

private:
    std::uint8_t byte_;
};

Consumer consumer_with(const std::string& secret) {
    SeededRandom random(7);
    Consumer consumer{.name = "shop", .sources = {"demo"}};
    consumer.secrets = {StoredSecret::of(Secret(secret), random)};
    return consumer;
}

TEST(ConsumerName, is_letters_digits_and_three_signs_and_never_a_slash) {
    for (const std::string_view good : {"a", "shop.orders-2_x", "0"}) EXPECT_TRUE(is_consumer_name(good)) << good;
    EXPECT_TRUE(is_consumer_name(std::string(100, 'n')));
    for (const std::string_view bad : {"", "a/b", "a b", "\xc3\xa4", "a\n", "a:b"}) EXPECT_FALSE(is_consumer_name(bad)) << bad;
    EXPECT_FALSE(is_consumer_name(std::string(101, 'n')));
}

TEST(MakeSecret, shows_256_bits_in_base64url) {
    OneByte random(0xFB);
    EXPECT_EQ(make_secret(random).reveal(), "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s");
    SystemRandom system;
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) seen.emplace(make_secret(system).reveal());
    EXPECT_EQ(seen.size(), 100U);
}

TEST(StoredSecret, is_salt_and_sha256_of_salt_and_secret) {
    OneByte random(0x61);  // 'a': printf aaaaaaaaaaaaaaaasecret | openssl dgst -sha256
    const auto stored = StoredSecret::of(Secret("secret"), random);
    EXPECT_EQ(std::string(stored.salt.begin(), stored.salt.end()), "aaaaaaaaaaaaaaaa");
    EXPECT_EQ(hex_encode(BytesView(reinterpret_cast<const char*>(stored.digest.data()), stored.digest.size())),
              "fea967be03b2356f4a07da433b3f1fcf71ed16a732358fb2e5238ffd884f258c");
}

TEST(StoredSecret, of_one_secret_twice_has_nothing_in_common) {
    SystemRandom random;
    const auto first = StoredSecret::of(Secret("secret"), random);
    const auto second = StoredSecret::of(Secret("secret"), random);
    EXPECT_NE(first.salt, second.salt);
    EXPECT_NE(first.digest, second.digest);
}

TEST(Proves, the_secret_and_nothing_else) {
    const Consumer consumer = consumer_with("right");
    EXPECT_TRUE(proves(&consumer, "right", now));
    for (const std::string_view wrong : {"wrong", "", "righ", "rightt", "Right"}) EXPECT_FALSE(proves(&consumer, wrong, now)) << wrong;
    EXPECT_FALSE(proves(nullptr, "right", now));
}

TEST(Proves, nothing_for_a_consumer_without_secrets_whatever_is_tried) {
    Consumer consumer = consumer_with("right");
    consumer.secrets.clear();
    EXPECT_FALSE(proves(&consumer, "right", now));
    EXPECT_FALSE(proves(&consumer, "", now));
}

TEST(Rotated, lets_both_secrets_prove_until_the_time_is_over) {
    SeededRandom random(8);
    const Consumer after = consumer_with("old").rotated(StoredSecret::of(Secret("new"), random), now, 1h);
    EXPECT_TRUE(proves(&after, "new", now));
    EXPECT_TRUE(proves(&after, "old", now + 1h - 1ms));
    EXPECT_FALSE(proves(&after, "old", now + 1h));
    EXPECT_TRUE(proves(&after, "new", now + 24h * 365 * 100));
}

TEST(Rotated, at_once_leaves_only_the_new_secret) {
    SeededRandom random(8);
    const Consumer after = consumer_with("old").rotated(StoredSecret::of(Secret("new"), random), now, 0ms);
    EXPECT_EQ(after.secrets.size(), 1U);
    EXPECT_FALSE(proves(&after, "old", now));
}

TEST(Rotated, again_ends_the_oldest_and_never_prolongs_one) {
    SeededRandom random(8);
    const Consumer once = consumer_with("first").rotated(StoredSecret::of(Secret("second"), random), now, 1h);
    const Consumer twice = once.rotated(StoredSecret::of(Secret("third"), random), now, 2h);
    EXPECT_FALSE(proves(&twice, "first", now));
    EXPECT_TRUE(proves(&twice, "second", now + 90min));
    Consumer ending = consumer_with("first");
    ending.secrets.front().valid_until = now + 1min;
    const Consumer prolonged = ending.rotated(StoredSecret::of(Secret("second"), random), now, 1h);
    EXPECT_FALSE(proves(&prolonged, "first", now + 1min));
}

TEST(StillAdmits, as_long_as_the_consumer_and_the_secret_that_let_it_in_are_there) {
    SeededRandom random(8);
    Consumer consumer = consumer_with("old");
    consumer.id.bytes[0] = 1;
    const auto digest = proven_by(&consumer, "old", now);
    ASSERT_TRUE(digest);
    EXPECT_TRUE(still_admits(&consumer, consumer.id, *digest, now));
    EXPECT_FALSE(still_admits(nullptr, consumer.id, *digest, now)) << "removed";
    Consumer again = consumer;
    again.id.bytes[0] = 2;
    EXPECT_FALSE(still_admits(&again, consumer.id, *digest, now)) << "removed and added again";
    const Consumer rotated = consumer.rotated(StoredSecret::of(Secret("new"), random), now, 1h);
    EXPECT_TRUE(still_admits(&rotated, consumer.id, *digest, now + 59min));
    EXPECT_FALSE(still_admits(&rotated, consumer.id, *digest, now + 1h)) << "the old secret is over";
}

}  // namespace
}  // namespace tenter::consumers
