#include "gateway/config/import_event_consumer.hpp"

#include <set>

#include "tests/unit/config/config_fixture.hpp"

namespace tenter::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

elytra::Subscription subscription(std::string url, elytra::Authentication authentication, std::string method = "post") {
    return {{elytra::EventType::product}, {elytra::Operation::add}, {std::move(url), std::move(method), std::move(authentication)}};
}

elytra::EventConsumer consumer_of(std::vector<elytra::Subscription> events) {
    elytra::EventConsumer consumer;
    consumer.events = std::move(events);
    return consumer;
}

const elytra::BasicAuthentication basic{"elytra", Secret("hunter2\"\\\n")};

using ImportEventConsumer = ConfigTest;

TEST_F(ImportEventConsumer, makes_a_source_that_the_configuration_accepts) {
    const auto imported = import_event_consumer(consumer_of({subscription("https://your-app.com/webhook/elytra?x=1", basic)}), false);
    ASSERT_TRUE(imported);
    EXPECT_THAT(imported->toml, Not(HasSubstr("hunter2")));
    EXPECT_THAT(imported->variables, ElementsAre("ELYTRA_PASSWORD"));
    EXPECT_THAT(faults(imported->toml), HasSubstr("the environment variable ELYTRA_PASSWORD is not set"));
    variables_ = {{"ELYTRA_PASSWORD", "p"}};
    const auto config = must_parse(imported->toml);
    ASSERT_EQ(config.sources.size(), 1U);
    const auto& source = config.sources[0];
    EXPECT_EQ(source.name, "elytra");
    EXPECT_EQ(source.path, "/webhook/elytra");
    EXPECT_EQ(source.content, Content::elytra);
    EXPECT_EQ(source.elytra.source, "elytra-pim");
    EXPECT_EQ(source.elytra.type_prefix, "com.elytra");
    EXPECT_TRUE(std::holds_alternative<KeyElytra>(source.key));
    EXPECT_EQ(std::get<std::vector<auth::BasicAuth>>(source.verify)[0].username, "elytra");
}

TEST_F(ImportEventConsumer, writes_the_secrets_themselves_when_told_to) {
    const auto imported = import_event_consumer(consumer_of({subscription("https://h/a", basic)}), true);
    ASSERT_TRUE(imported);
    EXPECT_THAT(imported->variables, IsEmpty());
    EXPECT_EQ(std::get<std::vector<auth::BasicAuth>>(must_parse(imported->toml).sources[0].verify)[0].password.reveal(), "hunter2\"\\\n");
}

TEST_F(ImportEventConsumer, knows_every_kind_of_authentication_and_method) {
    variables_ = {{"B_TOKEN", "t"}, {"C_API_KEY", "k"}};
    const auto imported =
        import_event_consumer(consumer_of({subscription("https://h/b", elytra::BearerAuthentication{Secret("t")}, "put"),
                                           subscription("https://h/c", elytra::ApiKeyAuthentication{Secret("k"), "X-Elytra"}),
                                           subscription("http://h", elytra::NoAuthentication{})}),
                              false);
    ASSERT_TRUE(imported);
    const auto config = must_parse(imported->toml);
    ASSERT_EQ(config.sources.size(), 3U);
    EXPECT_THAT(config.sources[0].methods, ElementsAre("PUT"));
    EXPECT_EQ(std::get<std::vector<auth::ApiKeyAuth>>(config.sources[1].verify)[0].header_name, "X-Elytra");
    EXPECT_TRUE(std::holds_alternative<NoVerification>(config.sources[2].verify));
    EXPECT_EQ(config.sources[2].path, "/");
    EXPECT_EQ(config.sources[2].name, "elytra");
}

TEST_F(ImportEventConsumer, puts_events_that_go_to_one_path_into_one_source) {
    const auto imported =
        import_event_consumer(consumer_of({subscription("https://h/a", basic), subscription("https://h/a", basic, "patch")}), true);
    ASSERT_TRUE(imported);
    const auto config = must_parse(imported->toml);
    ASSERT_EQ(config.sources.size(), 1U);
    EXPECT_THAT(config.sources[0].methods, ElementsAre("POST", "PATCH"));
    const auto refused = import_event_consumer(
        consumer_of({subscription("https://h/a", basic), subscription("https://h/a", elytra::BearerAuthentication{Secret("hunter2")})}),
        true);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("two webhooks post to /a with different credentials"));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("hunter2")));
}

TEST_F(ImportEventConsumer, gives_names_that_sources_may_have) {
    const auto imported =
        import_event_consumer(consumer_of({subscription("https://h/a/x", basic), subscription("https://h/b/x", basic),
                                           subscription("https://h/%C3%A4.dead", basic), subscription("https://h/_1/", basic)}),
                              true);
    ASSERT_TRUE(imported);
    const auto config = must_parse(imported->toml);
    ASSERT_EQ(config.sources.size(), 4U);
    EXPECT_EQ(config.sources[0].name, "x");
    EXPECT_EQ(config.sources[1].name, "x-2");
    EXPECT_EQ(config.sources[2].name, "c3-a4-dead");
    EXPECT_EQ(config.sources[3].name, "elytra");
    EXPECT_FALSE(import_event_consumer(consumer_of({subscription("https://h/healthz", basic)}), true));
}

TEST_F(ImportEventConsumer, gives_every_source_a_variable_of_its_own) {
    std::vector<elytra::Subscription> events;
    for (const char* path : {"/a/Hook", "/b/hook", "/a/hook-2", "/a/a_b", "/a/a-b", "/1", "/source-1", "/source-1/1"})
        events.push_back(subscription(std::string("https://h") + path, basic));
    const auto imported = import_event_consumer(consumer_of(events), false);
    ASSERT_TRUE(imported);
    EXPECT_EQ(std::set(imported->variables.begin(), imported->variables.end()).size(), events.size());
    for (const auto& variable : imported->variables) variables_[variable] = "p";
    EXPECT_EQ(must_parse(imported->toml).sources.size(), events.size());
}

TEST_F(ImportEventConsumer, shows_nothing_of_a_URL_that_may_be_a_secret) {
    const auto imported = import_event_consumer(consumer_of({subscription("https://me:hunter2@h/a?token=hunter2#hunter2", basic)}), false);
    ASSERT_TRUE(imported);
    EXPECT_THAT(imported->toml, Not(HasSubstr("hunter2")));
    EXPECT_THAT(imported->toml, HasSubstr("# https://h/a: product; add\n"));
}

TEST_F(ImportEventConsumer, lets_no_text_leave_its_comment_or_its_quotes) {
    auto consumer = consumer_of({subscription("https://h/a", basic)});
    consumer.events[0].types = {elytra::EventType("x\n[[source]]\nname = 'y'")};
    consumer.source = "s\"\nverify = \"none\"";
    const auto imported = import_event_consumer(consumer, true);
    ASSERT_TRUE(imported);
    EXPECT_THAT(faults(imported->toml), HasSubstr("cloudevents.source: holds a control character")) << "and nothing else";
    EXPECT_EQ(std::ranges::count(faults(imported->toml), '\n'), 1);
}

}  // namespace
}  // namespace tenter::config
