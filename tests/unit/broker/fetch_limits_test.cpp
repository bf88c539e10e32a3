// How much Fetch gives, and what is bounded whatever clients do: octets in an answer, in all answers, for one consumer; and that many who
// read the same cost one read. Expected: KIP-74 for max bytes; the shares are `Limits::fetch_bytes`.

#include <numeric>

#include "tests/unit/broker/harness.hpp"

namespace tenter::broker {
namespace {

class FetchLimits : public BrokerTest {
protected:
    FetchLimits() {
        for (std::int32_t partition = 0; partition < 4; ++partition)
            for (int i = 0; i < 3; ++i) append("shop", partition, {std::string(1000, 'x')});
        batch = stored("shop", 0).size() / 3;
    }

    [[nodiscard]] static FetchRequest fetch_shop(std::int32_t max_bytes, std::int32_t partition_max_bytes, std::int32_t partitions = 4) {
        FetchRequest request{.max_wait_ms = 500, .min_bytes = 1, .max_bytes = max_bytes, .topics = {{.topic = "incoming.shop"}}};
        for (std::int32_t i = 0; i < partitions; ++i)
            request.topics[0].partitions.push_back({.partition = i, .partition_max_bytes = partition_max_bytes});
        return request;
    }
    /// How many whole batches came of each partition.
    [[nodiscard]] std::vector<std::size_t> batches(const FetchResponse& response) const {
        std::vector<std::size_t> counts;
        for (const auto& partition : response.responses.at(0).partitions) {
            EXPECT_EQ(partition.error_code, ErrorCode::none);
            const auto bytes = bytes_of(partition.records);
            EXPECT_EQ(bytes.size() % batch, 0U);
            if (!bytes.empty()) {
                EXPECT_TRUE(log::decode_batches(bytes));
            }
            counts.push_back(bytes.size() / batch);
        }
        return counts;
    }
    [[nodiscard]] std::vector<std::size_t> fetch(TestClient& client, const FetchRequest& request) {
        return batches(client.ask<FetchResponse>(request, 11));
    }
    [[nodiscard]] std::int32_t batches_of(std::size_t count) const { return static_cast<std::int32_t>(count * batch); }

    using Counts = std::vector<std::size_t>;
    std::size_t batch = 0;
};

TEST_F(FetchLimits, are_whole_batches_up_to_the_partitions_and_the_requests_max_bytes) {
    EXPECT_EQ(fetch(*login(), fetch_shop(1 << 20, 1 << 20)), (Counts{3, 3, 3, 3}));
    EXPECT_EQ(fetch(*login(), fetch_shop(1 << 20, batches_of(2))), (Counts{2, 2, 2, 2}));
    EXPECT_EQ(fetch(*login(), fetch_shop(1 << 20, batches_of(2) - 1)), (Counts{1, 1, 1, 1}));
    EXPECT_EQ(fetch(*login(), fetch_shop(batches_of(5), 1 << 20)), (Counts{3, 2, 0, 0}));
    EXPECT_EQ(fetch(*login(), fetch_shop(batches_of(5) + 1, batches_of(2))), (Counts{2, 2, 1, 0}));
}

TEST_F(FetchLimits, let_the_first_batch_through_whatever_its_size_and_no_other) {
    EXPECT_EQ(fetch(*login(), fetch_shop(1, 1)), (Counts{1, 0, 0, 0}));
    EXPECT_EQ(fetch(*login(), fetch_shop(0, 0)), (Counts{1, 0, 0, 0}));
    EXPECT_EQ(fetch(*login(), fetch_shop(-1, -1)), (Counts{1, 0, 0, 0}));
    EXPECT_EQ(fetch(*login(), fetch_shop(1 << 20, 1)), (Counts{1, 0, 0, 0}));
    auto from_the_end = fetch_shop(1, 1);
    from_the_end.topics[0].partitions[0].fetch_offset = 3;
    EXPECT_EQ(fetch(*login(), from_the_end), (Counts{0, 1, 0, 0}));
}

TEST_F(FetchLimits, begin_with_another_partition_each_time) {
    const auto client = login();
    Counts sum(4);
    for (int i = 0; i < 8; ++i) {
        const auto counts = fetch(*client, fetch_shop(batches_of(3), 1 << 20));
        for (std::size_t partition = 0; partition < 4; ++partition) sum[partition] += counts[partition];
    }
    EXPECT_EQ(sum, (Counts{6, 6, 6, 6}));
}

TEST_F(FetchLimits, bound_an_answer_whatever_the_client_allows) {
    options.limits.fetch_answer_bytes = 2 * batch;
    EXPECT_EQ(fetch(*login(), fetch_shop(0x7fffffff, 0x7fffffff)), (Counts{2, 0, 0, 0}));
    auto patient = fetch_shop(0x7fffffff, 0x7fffffff);
    patient.min_bytes = 0x7fffffff;  // more than it will ever get
    EXPECT_EQ(fetch(*login(), patient), (Counts{2, 0, 0, 0}));
}

TEST_F(FetchLimits, give_a_large_log_in_order_to_who_goes_on) {
    for (int i = 0; i < 300; ++i) append("demo", 0, {std::string(1000, 'y')});
    const auto client = login();
    Bytes all;
    std::int64_t offset = 0;
    while (offset < 300) {
        auto request = fetch_of("incoming.demo", 0, offset);
        request.topics[0].partitions[0].partition_max_bytes = 100'000;  // over the size of the first read
        const auto bytes = bytes_of(only(client->ask<FetchResponse>(request, 11)).records);
        EXPECT_LE(bytes.size(), 100'000U);
        EXPECT_TRUE(bytes.size() > 90'000U || offset > 200);
        const auto records = log::decode_batches(bytes);
        ASSERT_TRUE(records && !records->empty());
        EXPECT_EQ(records->front().offset.value, offset);
        offset = records->back().offset.value + 1;
        all += bytes;
    }
    EXPECT_EQ(all, stored("demo", 0));
}

TEST_F(FetchLimits, leave_room_for_others_when_one_reads_slowly) {
    options.limits.fetch_bytes = 16 * batch;
    for (int i = 0; i < 40; ++i) append("demo", 0, {std::string(1000, 'x')});
    put(consumer("other", {"shop"}));
    // Answers that are not written stay with the connection, as they do with the listener.
    std::vector<std::unique_ptr<TestClient>> slow;
    std::size_t held = 0;
    for (int i = 0; i < 10; ++i) {
        slow.push_back(login());
        auto request = fetch_of("incoming.demo", 0, std::int64_t{4} * i);  // each at a place of its own, so that nothing is shared
        request.topics[0].partitions[0].partition_max_bytes = batches_of(4);
        slow.back()->send(request, 11);
        if (slow.back()->is_answered()) held += slow.back()->reply->frame.size();
    }
    EXPECT_LE(held, 9 * batch + 4000);  // half of all, one batch more, and what is not records
    EXPECT_FALSE(slow.back()->is_answered());
    const auto other = login("other");
    for (int i = 0; i < 4; ++i) {  // each from another partition on
        const auto counts = fetch(*other, fetch_shop(1 << 20, 1 << 20));
        EXPECT_EQ(std::reduce(counts.begin(), counts.end()), 4U) << "half of what is free, in the batch that goes over it";
        other->reply.reset();
    }
}

TEST_F(FetchLimits, leave_room_for_a_consumers_connection_that_reads_beside_all_its_others_that_do_not) {
    options.limits.fetch_bytes = 16 << 20;
    for (int i = 0; i < 200; ++i) append("demo", 0, {std::string(1000, 'x')});
    std::vector<std::unique_ptr<TestClient>> unread;
    for (std::int64_t i = 0; i < 99; ++i) {
        unread.push_back(login());
        unread.back()->send(fetch_of("incoming.demo", 0, i), 11);  // each from another place, so that they share nothing
        ASSERT_TRUE(unread.back()->is_answered()) << i;
    }
    EXPECT_GE(bytes_of(only(login()->ask<FetchResponse>(fetch_of("incoming.demo", 0, 99), 11)).records).size(), batch);
}

TEST_F(FetchLimits, make_who_finds_no_room_wait_and_answer_when_there_is_some) {
    options.limits.fetch_bytes = 6 * batch;
    const auto first = login();
    const auto second = login();
    const auto third = login();
    first->send(fetch_shop(1 << 20, 1 << 20), 11);
    second->send(fetch_shop(1 << 20, 1 << 20), 11);
    third->send(fetch_shop(1 << 20, 1 << 20), 11);
    EXPECT_TRUE(first->is_answered());
    EXPECT_FALSE(second->is_answered());
    first->reply.reset();  // written
    ASSERT_TRUE(executor.run_until([&] { return second->is_answered(); }));
    EXPECT_FALSE(third->is_answered()) << "who came first is first";
    second->reply.reset();
    ASSERT_TRUE(executor.run_until([&] { return third->is_answered(); }));
    EXPECT_GE(batches(third->answer<FetchResponse>(11))[0], 1U);
}

TEST_F(FetchLimits, let_all_who_wait_for_the_same_records_have_them_at_once) {
    options.limits.fetch_bytes = 6 * batch;
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(login());
        clients.back()->send(fetch_of("incoming.demo", 0, 0), 11);
    }
    append("demo", 0, {std::string(1000, 'x')});
    ASSERT_TRUE(executor.run_until([&] { return clients.front()->is_answered(); }));
    for (const auto& client : clients) EXPECT_TRUE(client->is_answered()) << "their records lie in memory once";
}

TEST_F(FetchLimits, let_everybody_know_how_far_partitions_go_for_whose_records_there_is_no_room) {
    options.limits.fetch_bytes = 2 * batch;
    const auto client = login();
    const auto response = client->ask<FetchResponse>(fetch_shop(1 << 20, 1 << 20), 11);
    EXPECT_EQ(batches(response), (Counts{1, 0, 0, 0}));
    for (const auto& partition : response.responses.at(0).partitions) {
        EXPECT_EQ(partition.high_watermark, 3);
        EXPECT_EQ(partition.last_stable_offset, 3);
        EXPECT_EQ(partition.log_start_offset, 0);
    }
}

TEST_F(FetchLimits, answer_with_nothing_who_found_no_room_in_time) {
    options.limits.fetch_bytes = batch;
    const auto first = login();
    const auto second = login();
    first->send(fetch_shop(1 << 20, 1 << 20), 11);
    auto impatient = fetch_shop(1 << 20, 1 << 20);
    impatient.max_wait_ms = 0;
    second->send(impatient, 11);
    EXPECT_FALSE(second->is_answered());
    let_pass(100ms);  // even who does not want to wait, so that it does not ask again at once
    EXPECT_EQ(batches(second->answer<FetchResponse>(11)), (Counts{0, 0, 0, 0}));
}

TEST_F(FetchLimits, are_kept_after_the_broker_has_ended) {
    auto client = login();
    client->send(fetch_shop(1 << 20, 1 << 20), 11);
    auto reply = std::move(*client->reply);
    client.reset();
    stop_broker();
    EXPECT_GT(reply.frame.joined().size(), 12 * batch);
}

TEST_F(FetchLimits, bound_how_long_a_fetch_waits) {
    options.limits.max_wait = 1s;
    const auto client = login();
    auto request = fetch_of("incoming.demo", 0, 0);
    request.max_wait_ms = 0x7fffffff;
    client->send(request, 11);
    let_pass(999ms);
    EXPECT_FALSE(client->is_answered());
    let_pass(1ms);
    EXPECT_TRUE(client->is_answered());
}

}  // namespace
}  // namespace tenter::broker
