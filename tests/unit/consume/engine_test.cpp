// Goal: each promise of consumer.hpp and options.hpp that needs no broker. Method: scripts; the engine is the one that runs against Kafka.
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/value.hpp>

#include "tenter/consume/scripted_consumer.hpp"

namespace tenter::consume {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Any error that is none of ours.
struct Trouble : std::runtime_error {
    using std::runtime_error::runtime_error;
};

ScriptedRecord event(std::int32_t partition = 0, std::string_view payload = "{}") {
    auto record = webhook(Method::post, {{"content-type", "application/json"}}, payload);
    record.partition = partition;
    return record;
}
ScriptedRecord with_header(std::optional<Bytes> value) {
    auto record = event();
    record.headers = {{"envelope", std::move(value)}};
    return record;
}

void add_events(ScriptedConsumer& consumer, int count, std::int32_t partition = 0) {
    for (int i = 0; i < count; ++i) consumer.add(event(partition));
}

/// Runs it and gives the offsets that the callback saw.
std::vector<std::int64_t> offsets_of_run(ScriptedConsumer& consumer) {
    std::vector<std::int64_t> offsets;
    consumer.run([&](const WebhookEvent& got) { offsets.push_back(got.offset); });
    return offsets;
}

std::vector<Notice> notices_of(const ScriptedConsumer& consumer, Notice::Kind kind) {
    std::vector<Notice> found;
    for (const auto& notice : consumer.notices())
        if (notice.kind == kind) found.push_back(notice);
    return found;
}

std::vector<std::int64_t> up_to(std::int64_t end) {
    std::vector<std::int64_t> numbers;
    for (std::int64_t i = 0; i < end; ++i) numbers.push_back(i);
    return numbers;
}

TEST(Consumer, gives_the_events_of_a_partition_in_order_and_commits_the_offset_after_the_last) {
    ScriptedConsumer consumer;
    add_events(consumer, 2000);
    EXPECT_EQ(offsets_of_run(consumer), up_to(2000));
    EXPECT_EQ(consumer.committed("scripted", 0), 2000);
}

TEST(Consumer, calls_back_on_the_thread_that_runs_it) {
    ScriptedConsumer consumer;
    add_events(consumer, 3);
    consumer.run([&, here = std::this_thread::get_id()](const WebhookEvent&) { EXPECT_EQ(std::this_thread::get_id(), here); });
}

TEST(Consumer, throws_what_the_callback_threw_with_everything_before_committed_and_its_event_not) {
    ScriptedConsumer consumer;
    add_events(consumer, 10);
    const auto run = [&] {
        consumer.run([](const WebhookEvent& got) {
            if (got.offset == 7) throw Trouble("seven");
        });
    };
    EXPECT_THROW(run(), Trouble);
    EXPECT_EQ(consumer.committed("scripted", 0), 7);
    EXPECT_THAT(offsets_of_run(consumer), ElementsAre(7, 8, 9));
    EXPECT_EQ(consumer.committed("scripted", 0), 10);
}

TEST(Consumer, throws_even_what_is_no_exception) {
    ScriptedConsumer consumer;
    add_events(consumer, 1);
    EXPECT_THROW(consumer.run([](const WebhookEvent&) { throw 42; }), int);
    EXPECT_EQ(consumer.committed("scripted", 0).value_or(0), 0);
}

TEST(Consumer, ends_when_the_callback_asks_for_it_and_commits_that_event) {
    ScriptedConsumer consumer;
    add_events(consumer, 10);
    std::vector<std::int64_t> seen;
    const auto stop_at_3 = [&](const WebhookEvent& got) {
        seen.push_back(got.offset);
        if (got.offset == 3) consumer.shutdown();
    };
    consumer.run(stop_at_3);
    EXPECT_GE(consumer.committed("scripted", 0), 4);
    EXPECT_EQ(consumer.committed("scripted", 0), static_cast<std::int64_t>(seen.size()));
    consumer.run([&](const WebhookEvent& got) { seen.push_back(got.offset); });
    EXPECT_EQ(seen, up_to(10));
}

TEST(Consumer, returns_at_once_when_it_was_shut_down_before_and_runs_the_next_time) {
    ScriptedConsumer consumer;
    add_events(consumer, 2);
    consumer.shutdown();
    EXPECT_THAT(offsets_of_run(consumer), IsEmpty());
    EXPECT_THAT(offsets_of_run(consumer), ElementsAre(0, 1));
}

TEST(Consumer, ends_when_a_stop_is_requested) {
    ScriptedConsumer consumer;
    add_events(consumer, 5);
    std::stop_source stop;
    stop.request_stop();
    consumer.run(stop.get_token(), [](const WebhookEvent&) { FAIL(); });
    EXPECT_EQ(consumer.committed("scripted", 0), std::nullopt);
}

TEST(Consumer, commits_nothing_without_a_group) {
    ConsumerOptions options;
    options.group = ConsumerGroup::none();
    ScriptedConsumer consumer(std::move(options));
    add_events(consumer, 5);
    EXPECT_EQ(offsets_of_run(consumer), up_to(5));
    EXPECT_EQ(consumer.committed("scripted", 0), std::nullopt);
}

TEST(Consumer, commits_each_event_before_the_next_when_asked_to) {
    ConsumerOptions options;
    options.commit = CommitPolicy::each();
    ScriptedConsumer consumer(std::move(options));
    add_events(consumer, 50);
    consumer.redeliver();  // nothing is left to come again
    EXPECT_EQ(offsets_of_run(consumer), up_to(50));
}

TEST(Consumer, gets_again_what_was_not_committed_when_its_membership_is_lost) {
    ScriptedConsumer consumer;
    add_events(consumer, 3);
    consumer.redeliver();
    add_events(consumer, 1);
    EXPECT_THAT(offsets_of_run(consumer), ElementsAre(0, 1, 2, 0, 1, 2, 3));
    EXPECT_THAT(notices_of(consumer, Notice::Kind::revoked).front().message, HasSubstr("lost"));
}

TEST(Consumer, gets_at_most_twice_max_events_again) {
    ConsumerOptions options;
    options.commit.max_events = 10;
    ScriptedConsumer consumer(std::move(options));
    add_events(consumer, 500);
    consumer.redeliver();
    const auto seen = offsets_of_run(consumer);
    EXPECT_LE(seen.size(), 520u);
    EXPECT_EQ(seen.back(), 499);
}

TEST(Consumer, commits_before_it_gives_partitions_up_so_that_nothing_is_skipped_or_repeated) {
    ScriptedConsumer consumer;
    for (int i = 0; i < 20; ++i) {
        add_events(consumer, 7);
        consumer.rebalance();
    }
    EXPECT_EQ(offsets_of_run(consumer), up_to(140));
    EXPECT_EQ(notices_of(consumer, Notice::Kind::revoked).size(), 20u);
    EXPECT_EQ(notices_of(consumer, Notice::Kind::assigned).size(), 21u);
}

TEST(Consumer, tells_that_a_commit_failed_and_commits_later) {
    ConsumerOptions options;
    options.commit = CommitPolicy::each();
    ScriptedConsumer consumer(std::move(options));
    add_events(consumer, 1);
    consumer.refuse_commits(1);
    EXPECT_THAT(offsets_of_run(consumer), ElementsAre(0));
    EXPECT_THAT(notices_of(consumer, Notice::Kind::error).front().message, HasSubstr("commit"));
}

TEST(Consumer, ends_with_what_the_source_cannot_mend) {
    ScriptedConsumer consumer;
    add_events(consumer, 2);
    consumer.fail({Errc::not_found, "the topic is gone"});
    try {
        consumer.run([](const WebhookEvent&) {});
        FAIL();
    } catch (const Exception& thrown) {
        EXPECT_EQ(thrown.code(), Errc::not_found);
    }
    EXPECT_EQ(consumer.committed("scripted", 0), 2);
}

TEST(Consumer, tells_when_it_is_connected_assigned_caught_up_and_disconnected) {
    ScriptedConsumer consumer;
    add_events(consumer, 2);
    consumer.disconnect("no broker");
    consumer.reconnect();
    static_cast<void>(offsets_of_run(consumer));
    std::vector<Notice::Kind> kinds;
    for (const auto& notice : consumer.notices()) kinds.push_back(notice.kind);
    EXPECT_THAT(kinds, ::testing::IsSupersetOf({Notice::Kind::assigned, Notice::Kind::connected, Notice::Kind::disconnected}));
    EXPECT_EQ(notices_of(consumer, Notice::Kind::disconnected).front().message, "no broker");
    EXPECT_THAT(notices_of(consumer, Notice::Kind::assigned).front().partitions, ElementsAre(Notice::Partition{"scripted", 0}));
}

TEST(Consumer, throws_what_its_notice_handler_threw) {
    ConsumerOptions options;
    options.on_notice = [](const Notice& notice) {
        if (notice.kind == Notice::Kind::assigned) throw Trouble("in the handler");
    };
    ScriptedConsumer consumer(std::move(options));
    add_events(consumer, 1);
    EXPECT_THROW(consumer.run([](const WebhookEvent&) {}), Trouble);
}

TEST(UndecodableRecords, stop_it_with_the_error_that_names_the_place_and_stay_uncommitted) {
    const auto expect = [](ScriptedRecord record, Errc code, auto is_it) {
        ScriptedConsumer consumer;
        consumer.add(event());
        consumer.add(std::move(record));
        consumer.add(event());
        try {
            consumer.run([](const WebhookEvent&) {});
            FAIL() << "nothing was thrown";
        } catch (const DecodeError& error) {
            EXPECT_TRUE(is_it(error)) << error.what();
            EXPECT_EQ(error.place(), (RecordPlace{.topic = "scripted", .partition = 0, .offset = 1}));
            EXPECT_THAT(error.what(), HasSubstr("scripted partition 0 offset 1"));
            EXPECT_EQ(error.code(), code);
        }
        EXPECT_EQ(consumer.committed("scripted", 0), 1);
    };
    const auto is_format = [](const DecodeError& error) { return dynamic_cast<const FormatError*>(&error) != nullptr; };
    const auto is_envelope = [](const DecodeError& error) { return dynamic_cast<const EnvelopeDecodeError*>(&error) != nullptr; };
    expect(with_header("\x80\x80"), Errc::invalid_input, is_format);
    expect(with_header(""), Errc::invalid_input, is_format);
    expect(with_header(std::nullopt), Errc::invalid_input, is_format);
    expect(with_header("\x81"), Errc::unsupported, is_format);
    expect(with_header("\xff"), Errc::unsupported, is_format);
    auto without = event();
    without.headers.clear();
    expect(without, Errc::invalid_input, is_format);
    auto damaged = event();
    damaged.value->pop_back();
    expect(damaged, Errc::invalid_input, is_envelope);
    auto null = event();
    null.value.reset();
    expect(null, Errc::invalid_input, is_envelope);
}

TEST(UndecodableRecords, of_the_system_are_skipped_and_committed) {
    ScriptedConsumer consumer;
    consumer.add(with_header(Bytes(1, '\0')));
    consumer.add(event());
    auto last = with_header("\x7f");
    last.value.reset();
    consumer.add(std::move(last));
    EXPECT_THAT(offsets_of_run(consumer), ElementsAre(1));
    EXPECT_EQ(consumer.committed("scripted", 0), 3);
}

TEST(UndecodableRecords, are_skipped_or_dead_lettered_as_the_handler_decides) {
    ConsumerOptions options;
    options.dead_letter_topic = "dead";
    options.on_undecodable = [](const UndecodableRecord& record) {
        return record.error.offset() == 0 ? Undecodable::skip : record.error.offset() == 1 ? Undecodable::dead_letter : Undecodable::stop;
    };
    ScriptedConsumer consumer(std::move(options));
    for (int i = 0; i < 3; ++i) consumer.add(with_header(""));
    EXPECT_THROW(consumer.run([](const WebhookEvent&) { FAIL(); }), FormatError);
    EXPECT_EQ(consumer.committed("scripted", 0), 2);
    ASSERT_EQ(consumer.dead_lettered().size(), 1u);
    EXPECT_EQ(consumer.dead_lettered().front().place.offset, 1);
    EXPECT_THAT(consumer.dead_lettered().front().reason, HasSubstr("envelope"));
    EXPECT_EQ(notices_of(consumer, Notice::Kind::skipped).front().place->offset, 0);
    EXPECT_EQ(notices_of(consumer, Notice::Kind::dead_lettered).front().place->offset, 1);
}

TEST(UndecodableRecords, have_wrong_payloads_found_when_the_callback_asks_or_before_where_it_is_said) {
    for (const bool before : {false, true}) {
        ConsumerOptions options;
        options.check_payload = before;
        options.on_undecodable = [](const UndecodableRecord& record) {
            EXPECT_NE(dynamic_cast<const PayloadDecodeError*>(&record.error), nullptr);
            return Undecodable::skip;
        };
        ScriptedConsumer consumer(std::move(options));
        consumer.add(event(0, "{"));
        int calls = 0;
        consumer.run([&](const WebhookEvent& got) {
            ++calls;
            static_cast<void>(got.payload());
        });
        EXPECT_EQ(calls, before ? 0 : 1);
        EXPECT_EQ(consumer.committed("scripted", 0), 1);
    }
}

TEST(UndecodableRecords, leave_run_as_payload_errors_without_a_handler) {
    ScriptedConsumer consumer;
    consumer.add(event(0, "nothing"));
    EXPECT_THROW(consumer.run([](const WebhookEvent& got) { static_cast<void>(got.payload()); }), PayloadDecodeError);
}

ConsumerOptions retrying(std::uint32_t retries) {
    ConsumerOptions options;
    options.retry = retry::RetryConfig{.max_retries = retries, .initial_delay = 100ms, .backoff_multiplier = 2.0, .max_delay = 300ms};
    return options;
}

TEST(Retries, give_the_event_again_after_each_delay_until_it_succeeds) {
    ScriptedConsumer consumer(retrying(5));
    add_events(consumer, 3);
    std::vector<std::pair<std::int64_t, std::uint32_t>> calls;
    consumer.run([&](const WebhookEvent& got) {
        calls.emplace_back(got.offset, got.attempt);
        if (got.offset == 1 && got.attempt < 3) throw Trouble("not yet");
    });
    using Call = std::pair<std::int64_t, std::uint32_t>;
    EXPECT_THAT(calls, ElementsAre(Call(0, 0), Call(1, 0), Call(1, 1), Call(1, 2), Call(1, 3), Call(2, 0)));
    std::vector<std::chrono::milliseconds> delays;
    for (const auto& notice : notices_of(consumer, Notice::Kind::retrying)) {
        delays.push_back(notice.delay);
        EXPECT_EQ(notice.message, "not yet");
    }
    EXPECT_THAT(delays, ElementsAre(100ms, 200ms, 300ms));
}

TEST(Retries, let_other_partitions_go_on_meanwhile) {
    ScriptedConsumer consumer(retrying(1));
    consumer.add(event(0));
    consumer.add(event(1));
    consumer.add(event(0));
    std::vector<std::string> calls;
    consumer.run([&](const WebhookEvent& got) {
        calls.push_back(std::to_string(got.partition) + "@" + std::to_string(got.offset));
        if (got.partition == 0 && got.offset == 0 && got.attempt == 0) throw Trouble("once");
    });
    EXPECT_THAT(calls, ElementsAre("0@0", "1@0", "0@0", "0@1"));
}

TEST(Retries, end_with_what_was_thrown_and_the_event_uncommitted) {
    ScriptedConsumer consumer(retrying(2));
    add_events(consumer, 2);
    int calls = 0;
    const auto run = [&] {
        consumer.run([&](const WebhookEvent& got) {
            if (got.offset == 1 && ++calls > 0) throw Trouble("for ever");
        });
    };
    EXPECT_THROW(run(), Trouble);
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(consumer.committed("scripted", 0), 1);
}

TEST(Retries, end_in_the_dead_letter_topic_where_there_is_one_and_the_next_event_comes) {
    auto options = retrying(2);
    options.dead_letter_topic = "dead";
    ScriptedConsumer consumer(std::move(options));
    add_events(consumer, 3);
    consumer.run([](const WebhookEvent& got) {
        if (got.offset == 1) throw Trouble("for ever");
    });
    ASSERT_EQ(consumer.dead_lettered().size(), 1u);
    EXPECT_EQ(consumer.dead_lettered().front().place.offset, 1);
    EXPECT_EQ(consumer.dead_lettered().front().reason, "for ever");
    EXPECT_EQ(consumer.committed("scripted", 0), 3);
}

TEST(ConsumerOptionsOutOfBounds, are_refused_with_their_name) {
    const auto message_of = [](auto change) -> std::string {
        ConsumerOptions options;
        change(options);
        try {
            const ScriptedConsumer consumer(std::move(options));
        } catch (const Exception& thrown) {
            return thrown.what();
        }
        return "";
    };
    EXPECT_THAT(message_of([](auto& options) { options.workers = 0; }), HasSubstr("workers"));
    EXPECT_THAT(message_of([](auto& options) { options.commit.max_events = 0; }), HasSubstr("commit.max_events"));
    EXPECT_THAT(message_of([](auto& options) { options.commit.interval = 0ms; }), HasSubstr("commit.interval"));
    EXPECT_THAT(message_of([](auto& options) { options.max_buffered_events = 0; }), HasSubstr("max_buffered_events"));
    EXPECT_THAT(message_of([](auto& options) { options.dead_letter_topic = ""; }), HasSubstr("dead_letter_topic"));
    EXPECT_THAT(message_of([](auto& options) { options.revoke_timeout = options.max_poll_interval; }), HasSubstr("revoke_timeout"));
    EXPECT_THAT(message_of([](auto& options) { options.retry = retry::RetryConfig{.jitter = 2.0}; }), HasSubstr("retry"));
    EXPECT_EQ(message_of([](auto&) {}), "");
}

}  // namespace
}  // namespace tenter::consume
