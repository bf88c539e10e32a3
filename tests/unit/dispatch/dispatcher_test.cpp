// protocols, the Elytra package's item 8 and what was decided with it.
#include "tenter/dispatch/dispatcher.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/describe/class.hpp>

#include "tenter/elytra/data_as.hpp"
#include "tests/unit/dispatch/dispatch_testing.hpp"

namespace tenter::dispatch::testing {

struct Product {
    std::string name;
};
BOOST_DESCRIBE_STRUCT(Product, (), (name))

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DispatcherTest : public ::testing::Test {
protected:
    Handler note(std::string name) {
        return [this, name = std::move(name)](const CloudEvent&) { ran_.push_back(name); };
    }
    std::vector<std::string> ran_by(const CloudEvent& event) {
        ran_.clear();
        dispatcher_.dispatch(event);
        return ran_;
    }

    SimpleWebhookEventDispatcher dispatcher_;
    std::vector<std::string> ran_;
};

TEST_F(DispatcherTest, runs_the_most_specific_handlers) {
    dispatcher_.register_handler(note("product add"), EventType::product, Operation::add);
    dispatcher_.register_handler(note("product"), EventType::product);
    dispatcher_.register_default_handler(note("default"));
    EXPECT_THAT(ran_by(event_of("product", "add")), ElementsAre("product add"));
    EXPECT_THAT(ran_by(event_of("product", "remove")), ElementsAre("product"));
    EXPECT_THAT(ran_by(event_of("product")), ElementsAre("product"));
    EXPECT_THAT(ran_by(event_of("todo", "add")), ElementsAre("default"));
    EXPECT_THAT(ran_by(CloudEvent()), ElementsAre("default"));
}

TEST_F(DispatcherTest, falls_back_to_the_default_where_a_type_has_handlers_for_other_operations_only) {
    dispatcher_.register_handler(note("product add"), EventType::product, Operation::add);
    dispatcher_.register_default_handler(note("default"));
    EXPECT_THAT(ran_by(event_of("product", "remove")), ElementsAre("default"));
}

TEST_F(DispatcherTest, runs_several_of_one_slot_in_the_order_in_which_they_were_registered) {
    for (const char* name : {"a", "b", "c"}) dispatcher_.register_handler(note(name), EventType::product);
    EXPECT_THAT(ran_by(event_of("product")), ElementsAre("a", "b", "c"));
}

TEST_F(DispatcherTest, takes_types_and_operations_that_have_no_name_here) {
    dispatcher_.register_handler(note("new"), EventType("price_list"), Operation("archive"));
    EXPECT_THAT(ran_by(event_of("price_list", "archive")), ElementsAre("new"));
    EXPECT_THAT(ran_by(event_of("price_list", "add")), IsEmpty());
}

TEST_F(DispatcherTest, says_what_ran) {
    EXPECT_EQ(dispatcher_.dispatch(event_of("product")), (DispatchSummary{0, 0}));
    dispatcher_.register_handler(note("a"), EventType::product);
    dispatcher_.register_handler([](const CloudEvent&) { throw std::runtime_error("no"); }, EventType::product);
    EXPECT_EQ(dispatcher_.dispatch(event_of("product")), (DispatchSummary{2, 1}));
}

TEST_F(DispatcherTest, reports_a_handler_that_throws_with_its_event_and_runs_the_rest) {
    std::vector<std::string> failures;
    dispatcher_.set_error_callback([&](const HandlerFailure& failure) { failures.push_back(failure.event.id + ": " + failure.message()); });
    dispatcher_.register_handler([](const CloudEvent&) { throw std::runtime_error("broken"); }, EventType::product);
    dispatcher_.register_handler([](const CloudEvent&) { throw 5; }, EventType::product);
    dispatcher_.register_handler(note("after"), EventType::product);
    EXPECT_THAT(ran_by(event_of("product", "", "e-7")), ElementsAre("after"));
    EXPECT_THAT(failures, ElementsAre("e-7: broken", "e-7: an exception that is no std::exception"));
    dispatcher_.set_error_callback([](const HandlerFailure&) { throw std::runtime_error("the callback too"); });
    EXPECT_THAT(ran_by(event_of("product")), ElementsAre("after"));
}

TEST_F(DispatcherTest, gives_a_typed_handler_its_data_and_reports_data_that_does_not_fit) {
    std::vector<std::string> failures;
    dispatcher_.set_error_callback([&](const HandlerFailure& failure) { failures.push_back(failure.message()); });
    dispatcher_.register_handler<Product>(
        [this](const CloudEvent& event, const Product& product) { ran_.push_back(event.id + product.name); }, EventType::product,
        Operation::add);
    auto event = event_of("product", "add");
    event.data = event::JsonData{R"({"name":"Frame"})"};
    EXPECT_THAT(ran_by(event), ElementsAre("1Frame"));
    event.data = event::JsonData{R"({"name":5})"};
    EXPECT_THAT(ran_by(event), IsEmpty());
    EXPECT_THAT(failures, ElementsAre("data.name: expected string, found number"));
}

TEST_F(DispatcherTest, forgets_a_handler_by_its_id) {
    const auto a = dispatcher_.register_handler(note("a"), EventType::product, Operation::add);
    const auto b = dispatcher_.register_handler(note("b"), EventType::product);
    const auto c = dispatcher_.register_default_handler(note("c"));
    EXPECT_TRUE(dispatcher_.unregister(a));
    EXPECT_FALSE(dispatcher_.unregister(a));
    EXPECT_THAT(ran_by(event_of("product", "add")), ElementsAre("b"));
    EXPECT_TRUE(dispatcher_.unregister(b));
    EXPECT_THAT(ran_by(event_of("product", "add")), ElementsAre("c"));
    EXPECT_TRUE(dispatcher_.unregister(c));
    EXPECT_THAT(ran_by(event_of("product", "add")), IsEmpty());
    EXPECT_FALSE(dispatcher_.unregister(HandlerId()));
}

TEST_F(DispatcherTest, refuses_an_empty_function) {
    EXPECT_THROW(dispatcher_.register_handler(Handler(), EventType::product), Exception);
    EXPECT_THROW(dispatcher_.register_default_handler(Handler()), Exception);
}

TEST_F(DispatcherTest, lets_a_handler_register_and_unregister) {
    HandlerId self;
    self = dispatcher_.register_handler(
        [&](const CloudEvent&) {
            ran_.push_back("once");
            dispatcher_.unregister(self);
            dispatcher_.register_handler(note("next"), EventType::product);
        },
        EventType::product);
    EXPECT_THAT(ran_by(event_of("product")), ElementsAre("once"));
    EXPECT_THAT(ran_by(event_of("product")), ElementsAre("next"));
}

TEST_F(DispatcherTest, knows_another_type_prefix) {
    WebhookEventDispatcher dispatcher("com.shop");
    int calls = 0;
    dispatcher.register_handler([&](const CloudEvent&) { ++calls; }, EventType::product);
    CloudEvent event;
    event.type = "com.shop.product";
    dispatcher.dispatch(event);
    EXPECT_EQ(calls, 1);
}

TEST(Dispatcher, dispatches_on_several_threads_while_handlers_come_and_go) {
    constexpr int rounds = 2000;
    WebhookEventDispatcher dispatcher;
    std::atomic<int> always = 0, sometimes = 0;
    dispatcher.register_handler([&](const CloudEvent&) { ++always; }, EventType::product);
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
        threads.emplace_back([&] {
            const auto event = event_of("product", "add");
            for (int i = 0; i < rounds; ++i) dispatcher.dispatch(event);
        });
        threads.emplace_back([&] {
            for (int i = 0; i < rounds / 10; ++i)
                EXPECT_TRUE(
                    dispatcher.unregister(dispatcher.register_handler([&](const CloudEvent&) { ++sometimes; }, EventType::product)));
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(always, 2 * rounds);
    const int before = sometimes;
    dispatcher.dispatch(event_of("product"));
    EXPECT_EQ(sometimes, before) << "all that came have gone";
}

}  // namespace
}  // namespace tenter::dispatch::testing
