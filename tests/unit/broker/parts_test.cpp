// The small parts: PLAIN tokens, slowing down, timers, room for records, shared reads.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "gateway/broker/fetch_room.hpp"
#include "gateway/broker/plain.hpp"
#include "gateway/broker/shared_reads.hpp"
#include "gateway/broker/slow_down.hpp"
#include "gateway/broker/timers.hpp"
#include "tests/unit/broker/harness.hpp"

namespace tenter::broker {
namespace {

TEST(PlainTokens, are_three_parts) {
    const auto token = plain("user", "pass word");
    const auto parts = parse_plain(token);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->user, "user");
    EXPECT_EQ(parts->password, "pass word");
    EXPECT_TRUE(parse_plain("user" + plain("user", "x")));
    EXPECT_FALSE(parse_plain("another" + plain("user", "x")));
    for (const auto& wrong :
         {Bytes(), Bytes("user"), Bytes("\0user", 5), plain("", "x"), plain("user", ""), plain("user", plain("a", "b"))})
        EXPECT_FALSE(parse_plain(wrong));
}

TEST(SlowingDown, doubles_up_to_five_seconds_and_ends_after_ten_minutes) {
    SlowDown slow;
    const Instant start{};
    for (const auto wait : {100, 200, 400, 800, 1600, 3200, 5000, 5000})
        EXPECT_EQ(slow.failed("192.0.2.1", start), std::chrono::milliseconds(wait));
    EXPECT_EQ(slow.failed("192.0.2.2", start), 100ms);
    EXPECT_EQ(slow.failed("192.0.2.1", start + 10min), 5000ms);
    EXPECT_EQ(slow.failed("192.0.2.1", start + 20min + 1ms), 100ms);
    EXPECT_EQ(slow.size(), 1U);
}

TEST(SlowingDown, ends_with_a_success) {
    SlowDown slow;
    EXPECT_EQ(slow.failed("192.0.2.1", Instant{}), 100ms);
    EXPECT_EQ(slow.failed("192.0.2.1", Instant{}), 200ms);
    slow.succeeded("192.0.2.1");
    EXPECT_EQ(slow.failed("192.0.2.1", Instant{}), 100ms);
}

TEST(SlowingDown, takes_the_addresses_of_an_ipv6_network_for_one) {
    SlowDown slow;
    EXPECT_EQ(slow.failed("2001:db8:1:2::1", Instant{}), 100ms);
    EXPECT_EQ(slow.failed("2001:db8:1:2:ffff::2", Instant{}), 200ms);
    EXPECT_EQ(slow.failed("2001:db8:1:3::1", Instant{}), 100ms);
    EXPECT_EQ(slow.failed("::ffff:192.0.2.1", Instant{}), 100ms);
    EXPECT_EQ(slow.failed("::ffff:192.0.2.2", Instant{}), 100ms);
}

TEST(SlowingDown, remembers_as_many_addresses_as_it_may_and_forgets_the_oldest) {
    SlowDown slow(3);
    for (const auto* peer : {"a", "b", "c"}) (void)slow.failed(peer, Instant{});
    (void)slow.failed("a", Instant{});
    (void)slow.failed("d", Instant{});
    EXPECT_EQ(slow.size(), 3U);
    EXPECT_EQ(slow.failed("a", Instant{}), 400ms);
    EXPECT_EQ(slow.failed("b", Instant{}), 100ms);
}

TEST(TimersOfTheBroker, run_what_is_due_in_order_and_what_that_adds) {
    Timers timers;
    std::string ran;
    EXPECT_EQ(timers.next(), Instant::max());
    timers.at(Instant{} + 20ms, [&] { ran += "b"; });
    timers.at(Instant{} + 10ms, [&] {
        ran += "a";
        timers.at(Instant{} + 15ms, [&] { ran += "n"; });
    });
    const auto cancelled = timers.at(Instant{} + 5ms, [&] { ran += "x"; });
    timers.at(Instant{} + 30ms, [&] { ran += "c"; });
    EXPECT_EQ(timers.next(), Instant{} + 5ms);
    timers.cancel(cancelled);
    timers.cancel(cancelled);
    timers.cancel({});
    timers.run(Instant{} + 20ms);
    EXPECT_EQ(ran, "anb");
    EXPECT_EQ(timers.next(), Instant{} + 30ms);
}

class Rooms : public ::testing::Test {
protected:
    [[nodiscard]] SharedBytes take(const std::shared_ptr<FetchRoom::Account>& account, std::size_t size) {
        return room->take(account, std::make_shared<const Bytes>(size, 'x'));
    }
    int freed = 0;
    std::unique_ptr<FetchRoom> room = std::make_unique<FetchRoom>(1000, [this] { ++freed; });
    std::shared_ptr<FetchRoom::Account> a = std::make_shared<FetchRoom::Account>();
    std::shared_ptr<FetchRoom::Account> b = std::make_shared<FetchRoom::Account>();
};

TEST_F(Rooms, give_half_of_what_is_free_less_what_one_has) {
    EXPECT_EQ(room->allowance(*a), 500U);
    const auto first = take(a, 300);
    EXPECT_EQ(room->allowance(*a), 200U);  // (1000 - 300 - 300) / 2
    EXPECT_EQ(room->allowance(*b), 350U);
    const auto second = take(a, 200);
    EXPECT_EQ(room->allowance(*a), 0U);
    EXPECT_EQ(room->allowance(*b), 250U);
    const auto debt = take(b, 600);
    EXPECT_EQ(room->used(), 1100U);
    EXPECT_EQ(room->allowance(*b), 0U);
    EXPECT_EQ(room->allowance(*std::make_shared<FetchRoom::Account>()), 0U);
}

TEST_F(Rooms, give_one_answer_a_part_of_it_so_that_many_that_are_not_read_leave_something) {
    room = std::make_unique<FetchRoom>(64 << 20, [] {});
    EXPECT_EQ(room->allowance(*a, 0), std::size_t{2 << 20});
    EXPECT_EQ(room->allowance(*a, 1 << 20), std::size_t{(32 << 20) + (1 << 20)} / 16 - (1 << 20)) << "nothing of it is held here";
    std::vector<SharedBytes> unread;
    for (int connection = 0; connection < 99; ++connection) {
        unread.push_back(take(a, room->allowance(*a, 0)));
        EXPECT_EQ(room->allowance(*a, unread.back().bytes.size()), 0U) << "an answer gets its part once";
    }
    EXPECT_GT(room->allowance(*a, 0), 0U);
    EXPECT_LT(room->used(), std::size_t{32 << 20});
}

TEST_F(Rooms, count_what_is_elsewhere_too) {
    auto elsewhere = room->hold(a, 400);
    EXPECT_EQ(room->used(), 400U);
    EXPECT_EQ(room->allowance(*a), 100U);
    elsewhere.reset();
    EXPECT_EQ(room->used(), 0U);
    EXPECT_EQ(a->held(), 0U);
    EXPECT_EQ(freed, 1);
}

TEST_F(Rooms, are_free_again_when_the_last_copy_is_gone) {
    auto lease = std::make_unique<SharedBytes>(take(a, 400));
    auto copy = std::make_unique<SharedBytes>(*lease);
    lease.reset();
    EXPECT_EQ(a->held(), 400U);
    EXPECT_EQ(freed, 0);
    EXPECT_EQ(copy->bytes, std::string(400, 'x'));
    copy.reset();
    EXPECT_EQ(a->held(), 0U);
    EXPECT_EQ(room->used(), 0U);
    EXPECT_EQ(freed, 1);
}

TEST_F(Rooms, count_what_several_have_once_in_all_and_once_for_each_consumer) {
    const auto octets = std::make_shared<const Bytes>(400, 'x');
    std::vector<SharedBytes> of_a{room->take(a, octets), room->take(a, octets), room->take(a, octets)};
    std::vector<SharedBytes> of_b{room->take(b, octets), room->take(b, octets)};
    EXPECT_EQ(room->used(), 400U);
    EXPECT_EQ(a->held(), 400U);
    EXPECT_EQ(b->held(), 400U);
    of_a.pop_back();
    EXPECT_EQ(a->held(), 400U);
    of_a.clear();
    EXPECT_EQ(a->held(), 0U);
    EXPECT_EQ(room->used(), 400U);
    of_a.push_back(room->take(a, octets));
    EXPECT_EQ(a->held(), 400U);
    of_b.clear();
    of_a.clear();
    EXPECT_EQ(room->used(), 0U);
}

TEST_F(Rooms, may_end_before_what_was_taken) {
    const auto lease = take(a, 400);
    room.reset();
    EXPECT_EQ(lease.bytes.size(), 400U);
}

using SharedReadsOfTheLog = BrokerTest;

TEST_F(SharedReadsOfTheLog, give_the_same_octets_to_all_who_ask_for_the_end) {
    append("demo", 0, {"a"});
    append("demo", 0, {"b"});
    const log::TopicPartition at{log.find_topic("demo")->id, {0}};
    SharedReads reads(log, 1000);
    const auto first = reads.read(at, log::Offset{0}, {.to_read = 1000, .to_share = 1000});
    ASSERT_TRUE(first);
    EXPECT_EQ(*first->bytes, stored("demo", 0));
    EXPECT_EQ(first->next, log::Offset{2});
    const auto second = reads.read(at, log::Offset{0}, {.to_read = 1000, .to_share = 1000});
    EXPECT_EQ(second->bytes, first->bytes);
    const auto less = reads.read(at, log::Offset{0}, {.to_read = 1, .to_share = 1});
    EXPECT_EQ(less->next, log::Offset{1});
    append("demo", 0, {"c"});
    EXPECT_EQ(*reads.read(at, log::Offset{2}, {.to_read = 1000, .to_share = 1000})->bytes, stored("demo", 0, 2));
}

TEST_F(SharedReadsOfTheLog, give_what_is_on_its_way_to_one_to_all_wherever_it_is) {
    for (int i = 0; i < 3; ++i) append("demo", 0, {std::string(100, 'x')});
    const log::TopicPartition at{log.find_topic("demo")->id, {0}};
    SharedReads reads(log, 1000);
    auto first = reads.read(at, log::Offset{0}, {.to_read = 1, .to_share = 1000});
    EXPECT_EQ(first->next, log::Offset{1});
    EXPECT_EQ(reads.size(), 0U) << "not the end, so it is not kept";
    const std::weak_ptr<const Bytes> under_way = first->bytes;
    EXPECT_EQ(reads.read(at, log::Offset{0}, {.to_read = 1000, .to_share = 1000})->bytes, first->bytes);
    EXPECT_NE(reads.read(at, log::Offset{0}, {.to_read = 1, .to_share = 1})->bytes, first->bytes) << "it is more than is wanted";
    first->bytes.reset();
    EXPECT_TRUE(under_way.expired());
    EXPECT_EQ(reads.read(at, log::Offset{0}, {.to_read = 1000, .to_share = 1000})->next, log::Offset{3});
}

TEST_F(SharedReadsOfTheLog, remember_no_more_places_than_are_in_use) {
    for (int i = 0; i < 1000; ++i) append("demo", 0, {"x"});
    const log::TopicPartition at{log.find_topic("demo")->id, {0}};
    SharedReads reads(log, 0);
    const auto held = reads.read(at, log::Offset{0}, {.to_read = 1, .to_share = 1});
    for (int i = 1; i < 1000; ++i) {
        (void)reads.read(at, log::Offset{i}, {.to_read = 1, .to_share = 1});
        EXPECT_LE(reads.places(), 2 * 64U + 2);
    }
    EXPECT_EQ(reads.read(at, log::Offset{0}, {.to_read = 1, .to_share = 1000})->bytes, held->bytes);
}

TEST_F(SharedReadsOfTheLog, keep_as_much_as_they_may_and_nothing_that_is_not_the_end) {
    for (int i = 0; i < 20; ++i) append("demo", 0, {std::string(100, 'x')});
    const log::TopicPartition at{log.find_topic("demo")->id, {0}};
    SharedReads reads(log, 1000);
    (void)reads.read(at, log::Offset{0}, {.to_read = 200, .to_share = 200});
    EXPECT_EQ(reads.size(), 0U);
    (void)reads.read(at, log::Offset{0}, {.to_read = 100'000, .to_share = 100'000});
    EXPECT_EQ(reads.size(), 0U) << "over a quarter of what may be kept";
    for (int i = 0; i < 20; ++i) {
        append("demo", 0, {std::string(100, 'x')});
        (void)reads.read(at, log::Offset{20 + i}, {.to_read = 1000, .to_share = 1000});
        EXPECT_LE(reads.size(), 1000U);
        EXPECT_GT(reads.size(), 0U);
    }
}

}  // namespace
}  // namespace tenter::broker
