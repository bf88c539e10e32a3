// Appending, reading, finding and following: what every EventLog does while it is open.
#include "tests/contract/event_log_contract.hpp"

#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "gateway/log/partitioner.hpp"
#include "gateway/log/record_batch.hpp"

namespace tenter::log::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::optional<std::string> owned(std::optional<BytesView> view) {
    return view ? std::optional<std::string>(std::string(*view)) : std::nullopt;
}

}  // namespace

TopicId EventLogContract::topic(std::string_view name, std::int32_t partitions) {
    const auto id = log().ensure_topic(name, partitions);
    EXPECT_TRUE(id) << id.error().message;
    return id ? *id : TopicId{};
}

std::future<Outcome> EventLogContract::append_later(std::span<const NewRecord> records) {
    auto promise = std::make_shared<std::promise<Outcome>>();
    auto future = promise->get_future();
    log().append(records, [promise](AppendResult result) {
        Outcome outcome;
        if (result) {
            outcome.places.assign(result->begin(), result->end());
        } else {
            outcome.error = result.error();
        }
        promise->set_value(std::move(outcome));  // throws if it is called twice
    });
    return future;
}

Outcome EventLogContract::append_value(TopicPartition at, std::string_view value, std::int64_t timestamp_ms) {
    const NewRecord record{at.topic, at.partition, std::nullopt, value, {}, ms(timestamp_ms)};
    return append({&record, 1});
}

void EventLogContract::wait_until_readable(TopicPartition at, std::int64_t next) {
    std::promise<void> reached;
    std::atomic<bool> done{false};
    const auto check = [&](Offset high) {
        if (high.value >= next && !done.exchange(true)) reached.set_value();
    };
    const auto subscription = log().follow(at, check);
    ASSERT_TRUE(subscription) << subscription.error().message;
    const auto bounds = log().bounds(at);
    ASSERT_TRUE(bounds) << bounds.error().message;
    check(bounds->next);
    ASSERT_EQ(reached.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready) << "never readable up to " << next;
}

std::vector<ReadRecord> EventLogContract::records_from(TopicPartition at, std::int64_t from, std::size_t max_bytes) {
    std::vector<ReadRecord> read;
    for (std::int64_t next = from;;) {
        const auto batches = log().read(at, Offset{next}, max_bytes);
        EXPECT_TRUE(batches) << batches.error().message;
        if (!batches || batches->bytes.empty()) return read;
        const auto records = decode_batches(batches->bytes);
        EXPECT_TRUE(records) << records.error().message;
        if (!records) return read;
        for (const auto& record : *records) {
            if (record.offset.value < next) continue;
            EXPECT_EQ(record.offset.value, next++);
            ReadRecord one{record.offset.value, record.timestamp.time_since_epoch().count(), owned(record.key), owned(record.value), {}};
            for (const auto& header : record.headers) one.headers.emplace_back(std::string(header.key), owned(header.value));
            read.push_back(std::move(one));
        }
        EXPECT_EQ(batches->next_offset.value, next);
        EXPECT_LE(batches->next_offset, batches->high_watermark);
        if (batches->next_offset.value != next) return read;
    }
}

std::vector<std::string> EventLogContract::values_from(TopicPartition at, std::int64_t from, std::size_t max_bytes) {
    std::vector<std::string> values;
    for (auto& record : records_from(at, from, max_bytes)) values.push_back(record.value.value_or("(null)"));
    return values;
}

TEST_P(EventLogContract, reads_back_every_part_of_a_record) {
    const TopicId id = topic("orders");
    const std::string binary("\0\xff\x80", 3);
    const std::array<RecordHeaderView, 4> headers{{{"h", "1"}, {"h", "2"}, {"null", std::nullopt}, {"", BytesView("")}}};
    const std::array<NewRecord, 3> records{{
        {id, PartitionId{0}, BytesView("key"), BytesView(binary), headers, ms(1700000000123)},
        {id, PartitionId{0}, BytesView(""), BytesView(""), {}, ms(5)},
        {id, PartitionId{0}, std::nullopt, std::nullopt, {}, ms(0)},
    }};
    const auto earliest = log().capabilities().earliest_timestamp.time_since_epoch().count();
    const Outcome outcome = append(records);
    ASSERT_FALSE(outcome.error) << outcome.error->message;
    ASSERT_EQ(outcome.places.size(), 3U);
    for (std::int64_t i = 0; i < 3; ++i) {
        EXPECT_EQ(outcome.places[static_cast<std::size_t>(i)].offset.value, i);
        EXPECT_EQ(outcome.places[static_cast<std::size_t>(i)].at, partition(id, 0));
    }
    wait_until_readable(partition(id, 0), 3);
    EXPECT_THAT(records_from(partition(id, 0)),
                ElementsAre(ReadRecord{0, 1700000000123, "key", binary, {{"h", "1"}, {"h", "2"}, {"null", std::nullopt}, {"", ""}}},
                            ReadRecord{1, 5, "", "", {}}, ReadRecord{2, earliest, std::nullopt, std::nullopt, {}}));
}

TEST_P(EventLogContract, copies_what_it_is_given_before_append_returns) {
    const TopicPartition at = partition(topic("orders"), 0);
    std::vector<std::future<Outcome>> outcomes;
    for (int i = 0; i < 50; ++i) {
        std::string value = "value " + std::to_string(i);
        const NewRecord record{at.topic, at.partition, std::nullopt, value, {}, ms(1)};
        outcomes.push_back(append_later({&record, 1}));
        value.assign(value.size(), 'X');
    }
    for (auto& outcome : outcomes) ASSERT_FALSE(outcome.get().error);
    wait_until_readable(at, 50);
    const auto values = values_from(at);
    ASSERT_EQ(values.size(), 50U);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], "value " + std::to_string(i));
}

TEST_P(EventLogContract, appends_over_several_topics_and_answers_in_the_order_given) {
    const TopicId a = topic("a", 2);
    const TopicId b = topic("b");
    const std::array<NewRecord, 4> records{{{b, PartitionId{0}, std::nullopt, BytesView("b0"), {}, ms(1)},
                                            {a, PartitionId{1}, std::nullopt, BytesView("a1"), {}, ms(1)},
                                            {a, PartitionId{0}, std::nullopt, BytesView("a0"), {}, ms(1)},
                                            {a, PartitionId{1}, std::nullopt, BytesView("a1 again"), {}, ms(1)}}};
    const Outcome outcome = append(records);
    ASSERT_FALSE(outcome.error) << outcome.error->message;
    ASSERT_EQ(outcome.places.size(), 4U);
    EXPECT_EQ(outcome.places[0].at, partition(b, 0));
    EXPECT_EQ(outcome.places[1].at, partition(a, 1));
    EXPECT_EQ(outcome.places[2].at, partition(a, 0));
    EXPECT_EQ(outcome.places[3].at, partition(a, 1));
    EXPECT_EQ(outcome.places[3].offset.value, 1);
    wait_until_readable(partition(a, 1), 2);
    wait_until_readable(partition(a, 0), 1);
    wait_until_readable(partition(b, 0), 1);
    EXPECT_THAT(values_from(partition(a, 1)), ElementsAre("a1", "a1 again"));
    EXPECT_THAT(values_from(partition(a, 0)), ElementsAre("a0"));
    EXPECT_THAT(values_from(partition(b, 0)), ElementsAre("b0"));
}

TEST_P(EventLogContract, appends_all_or_none) {
    if (!log().capabilities().atomic_over_partitions) GTEST_SKIP() << "not declared";
    const TopicPartition at = partition(topic("orders"), 0);
    const std::array<NewRecord, 2> records{{{at.topic, PartitionId{0}, std::nullopt, BytesView("good"), {}, ms(1)},
                                            {at.topic, PartitionId{7}, std::nullopt, BytesView("no such partition"), {}, ms(1)}}};
    const Outcome outcome = append(records);
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->code, Errc::invalid_input);
    EXPECT_EQ(append_value(at, "next").places.at(0).offset.value, 0);
}

TEST_P(EventLogContract, keeps_the_order_of_each_of_many_producers) {
    const TopicPartition at = partition(topic("orders"), 0);
    constexpr int producers = 8;
    constexpr int each = 200;
    std::atomic<int> failures{0};
    std::promise<void> all_done;
    std::atomic<int> left{producers * each};
    std::vector<std::thread> threads;
    for (int producer = 0; producer < producers; ++producer) {
        threads.emplace_back([&, producer] {
            for (int i = 0; i < each; ++i) {
                const std::string value = std::to_string(producer) + " " + std::to_string(i);
                const NewRecord record{at.topic, at.partition, std::nullopt, value, {}, ms(1)};
                log().append({&record, 1}, [&](AppendResult result) {
                    if (!result) ++failures;
                    if (--left == 0) all_done.set_value();
                });
            }
        });
    }
    for (auto& thread : threads) thread.join();
    all_done.get_future().wait();
    EXPECT_EQ(failures, 0);
    wait_until_readable(at, producers * each);
    std::map<std::string, int> next;
    for (const auto& value : values_from(at, 0, 1 << 20)) {
        const auto space = value.find(' ');
        EXPECT_EQ(std::stoi(value.substr(space + 1)), next[value.substr(0, space)]++);
    }
    EXPECT_EQ(next.size(), static_cast<std::size_t>(producers));
    for (const auto& [producer, count] : next) EXPECT_EQ(count, each) << producer;
}

TEST_P(EventLogContract, reads_from_any_offset_also_in_the_middle_of_a_batch) {
    const TopicPartition at = partition(topic("orders"), 0);
    std::vector<std::string> values;
    for (int i = 0; i < 40; ++i) values.push_back("value " + std::to_string(i));
    for (std::size_t begin = 0; begin < values.size(); begin += 8) {
        std::vector<NewRecord> records;
        for (std::size_t i = begin; i < begin + 8; ++i) records.push_back({at.topic, at.partition, std::nullopt, values[i], {}, ms(1)});
        ASSERT_FALSE(append(records).error);
    }
    wait_until_readable(at, 40);
    for (std::int64_t from = 0; from <= 40; ++from) {
        for (const std::size_t max_bytes : {std::size_t{1}, std::size_t{1} << 20}) {
            const auto found = values_from(at, from, max_bytes);
            ASSERT_EQ(found.size(), static_cast<std::size_t>(40 - from)) << "from " << from;
            ASSERT_TRUE(std::equal(found.begin(), found.end(), values.begin() + from));
        }
    }
}

TEST_P(EventLogContract, says_its_bounds_and_refuses_offsets_outside_them_by_naming_both) {
    const TopicPartition at = partition(topic("orders"), 0);
    EXPECT_EQ(log().bounds(at)->first.value, 0);
    EXPECT_EQ(log().bounds(at)->next.value, 0);
    EXPECT_TRUE(records_from(at).empty());
    for (int i = 0; i < 17; ++i) ASSERT_FALSE(append_value(at, "x").error);
    wait_until_readable(at, 17);
    EXPECT_EQ(log().bounds(at)->first.value, 0);
    EXPECT_EQ(log().bounds(at)->next.value, 17);
    const auto end = log().read(at, Offset{17}, 1000);
    ASSERT_TRUE(end) << end.error().message;
    EXPECT_TRUE(end->bytes.empty());
    EXPECT_EQ(end->next_offset.value, 17);
    EXPECT_EQ(end->high_watermark.value, 17);
    for (const std::int64_t outside : {std::int64_t{-1}, std::int64_t{18}, std::int64_t{1} << 60}) {
        const auto refused = log().read(at, Offset{outside}, 1000);
        ASSERT_FALSE(refused) << outside;
        EXPECT_EQ(refused.error().code, Errc::not_found);
        EXPECT_THAT(refused.error().message, HasSubstr("0"));
        EXPECT_THAT(refused.error().message, HasSubstr("17"));
    }
}

TEST_P(EventLogContract, finds_the_first_record_at_or_after_a_time_though_times_go_back) {
    const TopicPartition at = partition(topic("orders"), 0);
    EXPECT_EQ(log().offset_for_time(at, ms(0)).value(), std::nullopt);
    const std::vector<std::int64_t> times{500, 100, 700, 700, 200, 900, 300};
    for (const auto time : times) ASSERT_FALSE(append_value(at, "x", time).error);
    wait_until_readable(at, 7);
    const std::map<std::int64_t, std::optional<std::int64_t>> expected{{0, 0},   {100, 0}, {500, 0}, {501, 2},
                                                                       {700, 2}, {701, 5}, {900, 5}, {901, std::nullopt}};
    for (const auto& [time, offset] : expected) {
        const auto found = log().offset_for_time(at, ms(time));
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_EQ(found->has_value(), offset.has_value()) << time;
        if (*found && offset) {
            EXPECT_EQ(**found, (TimedOffset{Offset{*offset}, ms(times[static_cast<std::size_t>(*offset)])})) << time;
        }
    }
}

TEST_P(EventLogContract, wakes_a_follower_with_rising_offsets_that_can_be_read) {
    const TopicPartition at = partition(topic("orders"), 0);
    const TopicPartition other = partition(topic("other"), 0);
    std::mutex mutex;
    std::vector<std::int64_t> seen;
    std::promise<void> at_end;
    const auto subscription = log().follow(at, [&](Offset high) {
        const std::scoped_lock hold(mutex);
        seen.push_back(high.value);
        if (high.value == 20) at_end.set_value();
    });
    ASSERT_TRUE(subscription) << subscription.error().message;
    for (int i = 0; i < 20; ++i) {
        ASSERT_FALSE(append_value(other, "x").error);
        ASSERT_FALSE(append_value(at, "x").error);
    }
    ASSERT_EQ(at_end.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
    EXPECT_EQ(records_from(at).size(), 20U);
    const std::scoped_lock hold(mutex);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_EQ(std::set<std::int64_t>(seen.begin(), seen.end()).size(), seen.size()) << "only called when it moved";
}

TEST_P(EventLogContract, never_shows_an_offset_that_was_not_acknowledged) {
    const TopicPartition at = partition(topic("orders"), 0);
    std::atomic<std::int64_t> acknowledged{0};
    std::atomic<bool> early{false};
    std::promise<void> at_end;
    const auto subscription = log().follow(at, [&](Offset high) {
        if (high.value > acknowledged) early = true;
        if (high.value == 100) at_end.set_value();
    });
    ASSERT_TRUE(subscription);
    const NewRecord record{at.topic, at.partition, std::nullopt, BytesView("x"), {}, ms(1)};
    for (int i = 0; i < 100; ++i) {
        log().append({&record, 1}, [&](AppendResult result) {
            if (result) acknowledged = result->front().offset.value + 1;
        });
    }
    ASSERT_EQ(at_end.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
    EXPECT_FALSE(early);
}

TEST_P(EventLogContract, calls_no_follower_after_its_subscription_ended) {
    const TopicPartition at = partition(topic("orders"), 0);
    std::atomic<int> calls{0};
    {
        const auto subscription = log().follow(at, [&](Offset) { ++calls; });
        ASSERT_TRUE(subscription);
        ASSERT_FALSE(append_value(at, "x").error);
        wait_until_readable(at, 1);
    }
    const int before = calls;
    for (int i = 0; i < 10; ++i) ASSERT_FALSE(append_value(at, "x").error);
    wait_until_readable(at, 11);
    EXPECT_EQ(calls, before);
}

TEST_P(EventLogContract, chooses_the_partition_of_a_key_as_kafkas_java_producer_does) {
    const TopicId id = topic("orders", 10);
    // murmur2 of these keys is in Kafka's UtilsTest: "21" -973932308, "foobar" -790332482, "a-little-bit-long-string" -985981536.
    const std::map<std::string, std::int32_t> expected{{"21", (-973932308 & 0x7FFFFFFF) % 10},
                                                       {"foobar", (-790332482 & 0x7FFFFFFF) % 10},
                                                       {"a-little-bit-long-string", (-985981536 & 0x7FFFFFFF) % 10}};
    for (const auto& [key, number] : expected) {
        const NewRecord record{id, std::nullopt, BytesView(key), BytesView("x"), {}, ms(1)};
        const Outcome outcome = append({&record, 1});
        ASSERT_FALSE(outcome.error);
        EXPECT_EQ(outcome.places.at(0).at.partition.value, number) << key;
    }
}

TEST_P(EventLogContract, spreads_records_without_key_over_all_partitions) {
    const TopicId id = topic("orders", 4);
    std::map<std::int32_t, int> counts;
    for (int i = 0; i < 400; ++i) {
        const NewRecord record{id, std::nullopt, std::nullopt, BytesView("x"), {}, ms(1)};
        const Outcome outcome = append({&record, 1});
        ASSERT_FALSE(outcome.error);
        ++counts[outcome.places.at(0).at.partition.value];
    }
    ASSERT_EQ(counts.size(), 4U);
    for (const auto& [number, count] : counts) EXPECT_GT(count, 40) << "partition " << number;
}

TEST_P(EventLogContract, succeeds_at_once_with_nothing_to_append) {
    const Outcome outcome = append({});
    EXPECT_FALSE(outcome.error);
    EXPECT_TRUE(outcome.places.empty());
}

TEST_P(EventLogContract, refuses_what_is_too_large_and_goes_on) {
    const TopicPartition at = partition(topic("orders"), 0);
    const Outcome refused = append_value(at, std::string(under_test().too_large_bytes(), 'x'));
    ASSERT_TRUE(refused.error);
    EXPECT_EQ(refused.error->code, Errc::too_large);
    EXPECT_EQ(append_value(at, "small").places.at(0).offset.value, 0);
}

TEST_P(EventLogContract, refuses_unknown_topics_and_partitions) {
    const TopicId id = topic("orders", 2);
    for (const TopicPartition at : {partition(TopicId{12345}, 0), partition(id, 2), partition(id, -1)}) {
        const Outcome outcome = append_value(at, "x");
        ASSERT_TRUE(outcome.error);
        EXPECT_EQ(outcome.error->code, Errc::invalid_input);
        EXPECT_EQ(log().read(at, Offset{0}, 100).error().code, Errc::not_found);
        EXPECT_EQ(log().bounds(at).error().code, Errc::not_found);
        EXPECT_EQ(log().offset_for_time(at, ms(0)).error().code, Errc::not_found);
        EXPECT_EQ(log().follow(at, [](Offset) {}).error().code, Errc::not_found);
    }
    EXPECT_EQ(log().find_topic("missing").error().code, Errc::not_found);
}

TEST_P(EventLogContract, names_its_topics_in_order_and_refuses_wrong_names_and_counts) {
    const TopicId b = topic("b", 3);
    const TopicId a = topic("a");
    EXPECT_EQ(topic("b", 3), b);
    const auto topics = log().topics();
    ASSERT_EQ(topics.size(), 2U);
    EXPECT_EQ(topics[0].name, "a");
    EXPECT_EQ(topics[0].id, a);
    EXPECT_EQ(topics[1].name, "b");
    EXPECT_EQ(topics[1].partition_count, 3);
    EXPECT_EQ(log().find_topic("b")->id, b);
    for (const std::string& name : {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("a b"),
                                    std::string("\xc3\xa4"), std::string(250, 'a')}) {
        EXPECT_EQ(log().ensure_topic(name, 1).error().code, Errc::invalid_input) << name;
    }
    EXPECT_TRUE(log().ensure_topic(std::string(under_test().longest_topic_name(), 'a'), 1));
    for (const std::int32_t count : {0, -1, 10'001}) EXPECT_EQ(log().ensure_topic("c", count).error().code, Errc::invalid_input);
    if (log().capabilities().owns_topics) {
        EXPECT_EQ(log().ensure_topic("b", 2).error().code, Errc::invalid_input);
    } else {
        EXPECT_EQ(topic("b", 2), b) << "whoever owns it may have more";
        EXPECT_EQ(log().find_topic("b")->partition_count, 3);
        EXPECT_EQ(log().ensure_topic("b", 4).error().code, Errc::invalid_input) << "and must add what is missing";
    }
}

TEST_P(EventLogContract, adds_partitions_to_a_topic_that_has_records) {
    if (!log().capabilities().owns_topics) GTEST_SKIP() << "not declared";
    const TopicId id = topic("orders", 1);
    ASSERT_FALSE(append_value(partition(id, 0), "old").error);
    EXPECT_EQ(topic("orders", 3), id);
    EXPECT_EQ(log().find_topic("orders")->partition_count, 3);
    EXPECT_EQ(append_value(partition(id, 2), "new").places.at(0).offset.value, 0);
    EXPECT_EQ(append_value(partition(id, 0), "more").places.at(0).offset.value, 1);
    wait_until_readable(partition(id, 0), 2);
    EXPECT_THAT(values_from(partition(id, 0)), ElementsAre("old", "more"));
}

}  // namespace tenter::log::testing
