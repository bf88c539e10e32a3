// The registry as a value, and its text. The text that is read here was written by hand, after docs/formats/consumers.md.
#include "gateway/consumers/registry.hpp"

#include <gtest/gtest.h>

#include "tenter/base/encoding.hpp"

namespace tenter::consumers {
namespace {

using namespace std::chrono_literals;

Consumer consumer(const std::string& name, std::vector<std::string> sources = {"demo"}) {
    SeededRandom random(7);
    return {.name = name, .sources = std::move(sources), .secrets = {StoredSecret::of(Secret("secret"), random)}};
}

Registry registry_of(std::vector<Consumer> consumers) {
    auto registry = Registry::of(std::move(consumers));
    EXPECT_TRUE(registry) << registry.error().message;
    return registry ? *registry : Registry();
}

/// One consumer with everything that there is.
constexpr std::string_view whole_text = R"({"version": 1, "consumers": [
  {"name": "shop", "id": "01a2093d-fec5-7000-b2ba-95d9f3ecc26b", "created_at": "2026-11-25T21:00:00.500Z", "is_new": false,
   "sources": ["demo", "demo.dead"], "start_offsets": {"demo": [0, 17]},
   "secrets": [{"salt": "000102030405060708090a0b0c0d0e0f", "sha256": "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},
               {"salt": "100102030405060708090a0b0c0d0e0f", "sha256": "aa0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                "valid_until": "2026-11-26T00:00:00Z"}]}]})";

/// The text with one piece replaced.
std::string with(std::string_view piece, std::string_view by) {
    std::string text(whole_text);
    const auto at = text.find(piece);
    EXPECT_NE(at, std::string::npos) << piece;
    return text.replace(at, piece.size(), by);
}

TEST(Registry, finds_each_by_its_name_and_lists_them_sorted) {
    const Registry registry = registry_of({consumer("c"), consumer("a"), consumer("b")});
    ASSERT_EQ(registry.all().size(), 3U);
    EXPECT_EQ(registry.all()[0].name, "a");
    EXPECT_EQ(registry.all()[2].name, "c");
    ASSERT_NE(registry.find("b"), nullptr);
    EXPECT_EQ(registry.find("b")->name, "b");
    EXPECT_EQ(registry.find("B"), nullptr);
    EXPECT_EQ(Registry().find("a"), nullptr);
}

TEST(Registry, changes_make_another_one) {
    const Registry one = registry_of({consumer("a")});
    const auto two = one.with(consumer("b"));
    ASSERT_TRUE(two);
    EXPECT_EQ(one.all().size(), 1U);
    EXPECT_EQ(two->all().size(), 2U);
    const auto replaced = two->with(consumer("a", {"other"}));
    ASSERT_TRUE(replaced);
    EXPECT_EQ(replaced->all().size(), 2U);
    EXPECT_TRUE(replaced->find("a")->may_read("other"));
    EXPECT_FALSE(replaced->find("a")->may_read("demo"));
    EXPECT_EQ(two->without("b"), one);
    EXPECT_EQ(one.without("nobody"), one);
}

TEST(Registry, has_each_source_of_a_consumer_once_and_sorted) {
    const Registry registry = registry_of({consumer("a", {"z", "b", "z"})});
    EXPECT_EQ(registry.find("a")->sources, (std::vector<std::string>{"b", "z"}));
}

TEST(Registry, refuses_what_could_never_work) {
    EXPECT_EQ(Registry().with(consumer("a/b")).error().code, Errc::invalid_input);
    EXPECT_EQ(Registry().with(consumer("a", {})).error().code, Errc::invalid_input);
    const auto internal = Registry().with(consumer("a", {"__offsets"}));
    ASSERT_FALSE(internal);
    EXPECT_EQ(internal.error().message, "consumer \"a\": \"__offsets\" is Tenter's own, nobody may read it");
    Consumer without_secret = consumer("a");
    without_secret.secrets.clear();
    EXPECT_FALSE(Registry().with(without_secret));
    Consumer of_three = consumer("a");
    of_three.secrets.resize(3);
    EXPECT_FALSE(Registry().with(of_three));
    Consumer elsewhere = consumer("a");
    elsewhere.start_offsets["other"] = {0};
    EXPECT_FALSE(Registry().with(elsewhere));
    Consumer below = consumer("a");
    below.start_offsets["demo"] = {-1};
    EXPECT_FALSE(Registry().with(below));
    EXPECT_FALSE(Registry::of({consumer("a"), consumer("a")}));
}

TEST(Registry, has_a_limit) {
    std::vector<Consumer> many;
    for (std::size_t i = 0; i < max_consumers; ++i) many.push_back(consumer("c" + std::to_string(i)));
    const Registry full = registry_of(many);
    EXPECT_EQ(full.with(consumer("one-more")).error().code, Errc::overloaded);
    EXPECT_TRUE(full.with(consumer("c7", {"other"}))) << "changing one is not one more";
    const auto again = decode_registry(encode_registry(full));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, full);
}

TEST(RegistryText, says_everything_of_a_consumer) {
    const auto registry = decode_registry(whole_text);
    ASSERT_TRUE(registry) << registry.error().message;
    ASSERT_EQ(registry->all().size(), 1U);
    const Consumer& shop = registry->all()[0];
    EXPECT_EQ(shop.name, "shop");
    EXPECT_EQ(shop.id.to_string(), "01a2093d-fec5-7000-b2ba-95d9f3ecc26b");
    EXPECT_EQ(shop.created_at, UnixMillis{1'795'640'400'500ms});  // date -u -d 2026-11-25T21:00:00 +%s
    EXPECT_FALSE(shop.is_new);
    EXPECT_EQ(shop.sources, (std::vector<std::string>{"demo", "demo.dead"}));
    EXPECT_EQ(shop.start_offsets.at("demo"), (std::vector<std::int64_t>{0, 17}));
    ASSERT_EQ(shop.secrets.size(), 2U);
    EXPECT_EQ(shop.secrets[0].salt[15], 0x0F);
    EXPECT_EQ(shop.secrets[0].digest[0], 0xFF);
    EXPECT_EQ(shop.secrets[0].valid_until, std::nullopt);
    EXPECT_EQ(shop.secrets[1].valid_until, UnixMillis{1'795'651'200'000ms});
}

TEST(RegistryText, reads_back_as_it_was_written) {
    const auto registry = decode_registry(whole_text);
    ASSERT_TRUE(registry);
    const auto again = decode_registry(encode_registry(*registry));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, *registry);
    const auto empty = decode_registry(encode_registry(Registry()));
    ASSERT_TRUE(empty) << empty.error().message;
    EXPECT_TRUE(empty->all().empty());
}

TEST(RegistryText, is_corrupt_and_says_where_at_each_thing_that_is_not_as_it_should_be) {
    struct Case {
        std::string text;
        std::string_view message;
    };
    for (const auto& [text, message] : std::initializer_list<Case>{
             {"", "byte 0"},
             {"{}", "the file: \"version\" is missing"},
             {"[]", "the file: \"version\" is missing"},
             {R"({"version": 1})", "the file: \"consumers\" is missing"},
             {R"({"version": 0, "consumers": []})", "version: expected 1"},
             {with("\"version\": 1,", "\"version\": 1, \"more\": 2,"), "the file: unknown member \"more\""},
             {with("\"name\": \"shop\", ", ""), "consumers[0]: \"name\" is missing"},
             {with("\"shop\"", "\"a/b\""), "consumers[0]: a consumer's name is"},
             {with("01a2093d-", "01a2093d"), "consumers[0].id: expected a UUID"},
             {with("21:00", "25:00"), "consumers[0].created_at: expected a time"},
             {with("false", "0"), "consumers[0].is_new: expected true or false"},
             {with("\"is_new\"", "\"is_old\""), "consumers[0]: unknown member \"is_old\""},
             {with("[\"demo\", \"demo.dead\"]", "\"demo\""), "consumers[0].sources: expected an array"},
             {with("\"demo.dead\"", "7"), "consumers[0].sources[1]: expected a string"},
             {with("17", "1.5"), "consumers[0].start_offsets.demo[1]: expected an integer"},
             {with("17", "-1"), "consumers[0]: consumer \"shop\": an offset below 0"},
             {with("\"0001", "\"00"), "consumers[0].secrets[0].salt: expected 32 hexadecimal digits"},
             {with("\"aa01", "\"xx01"), "consumers[0].secrets[1].sha256: expected 64 hexadecimal digits"},
             {with("00:00:00Z", ""), "consumers[0].secrets[1].valid_until: expected a time"},
         }) {
        const auto registry = decode_registry(text);
        ASSERT_FALSE(registry) << text;
        EXPECT_EQ(registry.error().code, Errc::corrupt) << text;
        EXPECT_NE(registry.error().message.find(message), std::string::npos) << registry.error().message << "\nnot: " << message;
    }
}

TEST(RegistryText, of_a_later_version_is_not_touched) {
    const auto registry = decode_registry(R"({"version": 2, "anything": []})");
    ASSERT_FALSE(registry);
    EXPECT_EQ(registry.error().code, Errc::unsupported);
}

TEST(RegistryText, cut_anywhere_is_never_a_registry_with_less_in_it) {
    const auto whole = decode_registry(whole_text);
    ASSERT_TRUE(whole);
    const std::string text = encode_registry(*whole);
    for (std::size_t size = 0; size + 1 < text.size(); ++size) EXPECT_FALSE(decode_registry(text.substr(0, size))) << size;
}

}  // namespace
}  // namespace tenter::consumers
