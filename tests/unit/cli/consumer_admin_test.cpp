// `tenter consumer` beside a running log and without one. Nothing that fails may leave a consumer whose secret nobody has.
#include "cli/consumer_admin.hpp"

#include <sys/stat.h>

#include <future>

#include "tenter/base/env_testing.hpp"
#include "tests/unit/cli/operator_server.hpp"

namespace tenter::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view bootstrap = "127.0.0.1:9092";

log::SegmentLogOptions small_log(const std::string& data) {
    return {.directory = data + "/log", .journal_bytes = 256 << 10, .segment_bytes = 64 << 10, .reserve_bytes = 0};
}

config::Config config_of(const std::string& data) {
    config::Config config;
    config.data = data;
    for (const char* name : {"demo", "orders"}) config.sources.emplace_back().name = name;
    return config;
}

class Consumers : public ::testing::Test {
protected:
    void append(log::SegmentLog& log, log::TopicId topic, std::int32_t partition, int count) {
        for (int i = 0; i < count; ++i) {
            const log::NewRecord record{topic, log::PartitionId{partition}, std::nullopt, BytesView("v"), {}, UnixMillis{1s}};
            std::promise<bool> done;
            log.append({&record, 1}, [&](const log::AppendResult& result) { done.set_value(result.has_value()); });
            ASSERT_TRUE(done.get_future().get());
        }
    }
    [[nodiscard]] std::string in(const std::string& name) const { return folder.path() + "/" + name; }

    TemporaryFolder folder;
    PosixEnv env;
    SystemClock clock;
    SystemRandom random;
    config::Config config = config_of(folder.path() + "/data");
    ConsumerAdmin admin{{env, clock, random}, config, small_log(config.data)};
    ProfileFile profile{env, in("profile.json")};
};

TEST_F(Consumers, get_a_profile_whose_secret_proves_that_it_is_them) {
    const auto consumer = admin.add({"shop", {"demo"}}, bootstrap, profile);
    ASSERT_TRUE(consumer) << consumer.error().message;
    const auto written = envelope::ConnectionProfile::try_from_file(in("profile.json"));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->consumer_name, "shop");
    EXPECT_EQ(written->auth_mechanism, "plain");
    EXPECT_EQ(written->kafka_bootstrap, bootstrap);
    EXPECT_EQ(written->kafka_ca, *read_file(env, config.data + "/tls/ca.pem", 1 << 16));
    struct stat status{};
    ASSERT_EQ(::stat(in("profile.json").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    const auto registry = admin.all();
    ASSERT_TRUE(registry);
    const auto* const shop = (*registry)->find("shop");
    ASSERT_NE(shop, nullptr);
    EXPECT_TRUE(consumers::proves(shop, written->auth_secret.reveal(), clock.now()));
    EXPECT_TRUE(shop->is_new);
    EXPECT_EQ(shop->sources, std::vector<std::string>{"demo"});
    EXPECT_TRUE(shop->start_offsets.empty()) << "there is no log yet: its start is the start of everything";
}

TEST_F(Consumers, begin_at_the_first_event_or_behind_the_last_one_also_beside_a_running_gateway) {
    auto log = log::SegmentLog::open(env, clock, small_log(config.data));
    ASSERT_TRUE(log) << log.error().message;
    const auto topic = (*log)->ensure_topic("demo", 2);
    ASSERT_TRUE(topic);
    append(**log, *topic, 0, 3);
    append(**log, *topic, 1, 1);
    const auto first = admin.add({"first", {"demo"}}, bootstrap, profile);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->start_offsets.at("demo"), (std::vector<std::int64_t>{0, 0}));
    ProfileFile other(env, in("other.json"));
    const auto next = admin.add({"next", {"demo", "orders"}, true}, bootstrap, other);
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_EQ(next->start_offsets.at("demo"), (std::vector<std::int64_t>{3, 1}));
    EXPECT_FALSE(next->start_offsets.contains("orders")) << "it has no topic yet";
    ASSERT_TRUE((*log)->stop());
    ProfileFile third(env, in("third.json"));
    log->reset();
    const auto stopped = admin.add({"stopped", {"demo"}, true}, bootstrap, third);
    ASSERT_TRUE(stopped) << stopped.error().message;
    EXPECT_EQ(stopped->start_offsets.at("demo"), (std::vector<std::int64_t>{3, 1}));
}

TEST_F(Consumers, may_read_what_is_configured_or_in_the_log_and_nothing_internal) {
    auto log = log::SegmentLog::open(env, clock, small_log(config.data));
    ASSERT_TRUE(log);
    for (const char* name : {"former", "demo.dead", "__offsets"}) ASSERT_TRUE((*log)->ensure_topic(name, 1));
    EXPECT_EQ(admin.add({"shop", {"demoo"}}, bootstrap, profile).error().message,
              "no source \"demoo\"; there are: demo, demo.dead, former, orders");
    EXPECT_EQ(admin.add({"shop", {"__offsets"}}, bootstrap, profile).error().message,
              "no source \"__offsets\"; there are: demo, demo.dead, former, orders");
    const auto added = admin.add({"shop", {"former", "demo.dead", "former"}}, bootstrap, profile);
    ASSERT_TRUE(added);
    EXPECT_EQ(added->sources, (std::vector<std::string>{"former", "demo.dead"})) << "named twice is named";
    EXPECT_TRUE((*log)->stop());
}

TEST_F(Consumers, are_never_made_over_another_one_nor_profiles_over_another_file) {
    ASSERT_TRUE(admin.add({"shop", {"demo"}}, bootstrap, profile));
    const auto before = *read_file(env, in("profile.json"), 1 << 20);
    ProfileFile other(env, in("other.json"));
    const auto again = admin.add({"shop", {"demo"}}, bootstrap, other);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().message, "there is a consumer \"shop\": `tenter consumer rotate shop` gives it a new secret");
    EXPECT_EQ(env.stamp(in("other.json")).error().code, Errc::not_found);
    const auto over = admin.add({"second", {"demo"}}, bootstrap, profile);
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error().message, in("profile.json") + " exists; it is left as it is");
    EXPECT_EQ(*read_file(env, in("profile.json"), 1 << 20), before);
    EXPECT_FALSE(admin.find("second"));
    EXPECT_EQ(admin.add({"a/b", {"demo"}}, bootstrap, other).error().code, Errc::invalid_input);
}

TEST_F(Consumers, have_two_secrets_for_a_while_after_a_rotation) {
    ASSERT_TRUE(admin.add({"shop", {"demo"}}, bootstrap, profile));
    ProfileFile newer(env, in("newer.json"));
    const auto rotated = admin.rotate("shop", 1h, "webhooks.example:9092", newer);
    ASSERT_TRUE(rotated) << rotated.error().message;
    const auto first = envelope::ConnectionProfile::try_from_file(in("profile.json"));
    const auto second = envelope::ConnectionProfile::try_from_file(in("newer.json"));
    ASSERT_TRUE(first && second);
    EXPECT_EQ(second->kafka_bootstrap, "webhooks.example:9092");
    const auto shop = admin.find("shop");
    ASSERT_TRUE(shop);
    for (const auto* const one : {&*first, &*second}) EXPECT_TRUE(consumers::proves(&*shop, one->auth_secret.reveal(), clock.now()));
    EXPECT_FALSE(consumers::proves(&*shop, first->auth_secret.reveal(), clock.now() + 1h));
    EXPECT_TRUE(consumers::proves(&*shop, second->auth_secret.reveal(), clock.now() + 1h));
    EXPECT_EQ(admin.rotate("shopp", 1h, bootstrap, newer).error().message, "no consumer \"shopp\"; there are: shop");
}

TEST_F(Consumers, are_gone_once_removed) {
    ASSERT_TRUE(admin.add({"shop", {"demo"}}, bootstrap, profile));
    ASSERT_TRUE(admin.remove("shop"));
    EXPECT_EQ(admin.find("shop").error().message, "no consumer \"shop\"; there are: none");
    EXPECT_EQ(admin.remove("shop").error().code, Errc::not_found);
}

TEST_F(Consumers, of_a_gateway_with_a_certificate_of_its_operator_trust_whom_the_operator_names) {
    config.kafka.tls = config::KafkaTlsFiles{"server.pem", "server.key", in("own-ca.pem")};
    const std::string pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    ASSERT_TRUE(replace_file(env, in("own-ca.pem"), pem));
    ASSERT_TRUE(admin.add({"shop", {"demo"}}, bootstrap, profile));
    EXPECT_EQ(envelope::ConnectionProfile::try_from_file(in("profile.json"))->kafka_ca, pem);
    config.kafka.tls->ca.clear();
    ProfileFile other(env, in("other.json"));
    ASSERT_TRUE(admin.add({"public", {"demo"}}, bootstrap, other));
    EXPECT_EQ(envelope::ConnectionProfile::try_from_file(in("other.json"))->kafka_ca, std::nullopt);
}

// Method: every call to the disk fails once.
TEST_F(Consumers, are_there_with_their_profile_or_not_at_all_whichever_call_to_the_disk_fails) {
    int failed = 0;
    for (std::uint64_t nth = 1;; ++nth) {
        const TemporaryFolder fresh;
        const auto its_config = config_of(fresh.path() + "/data");
        FaultInjectingEnv failing(env);
        ConsumerAdmin its_admin({failing, clock, random}, its_config, small_log(its_config.data));
        ProfileFile its_profile(failing, fresh.path() + "/profile.json");
        failing.arm({.fault = Fault::io_error, .nth = nth});
        const auto added = its_admin.add({"shop", {"demo"}}, bootstrap, its_profile);
        const bool is_last = failing.faults() == 0;
        failing.disarm();
        consumers::RegistryFile file(env, its_config.data);
        const auto registry = file.current();
        ASSERT_TRUE(registry);
        const auto* const shop = (*registry)->find("shop");
        const auto written = envelope::ConnectionProfile::try_from_file(fresh.path() + "/profile.json");
        EXPECT_EQ(shop != nullptr, written.has_value()) << "call " << nth;
        if (shop != nullptr && written) {
            EXPECT_TRUE(consumers::proves(shop, written->auth_secret.reveal(), clock.now()));
        }
        if (is_last) {
            EXPECT_TRUE(added);
            break;
        }
        failed += added ? 0 : 1;
    }
    EXPECT_GT(failed, 20);
}

TEST_F(Consumers, are_waited_for_until_a_running_gateway_has_taken_them) {
    ASSERT_TRUE(admin.add({"shop", {"demo"}}, bootstrap, profile));
    EXPECT_EQ(admin.wait_for_gateway("shop").value(), false) << "none runs";
    int asked = 0;
    const OperatorServer server(config.data, [&](const kafka_protocol::Request& request) {
        if (++asked == 2) {
            consumers::RegistryFile file(env, config.data);
            EXPECT_TRUE(file.update([](const consumers::Registry& registry) {
                auto shop = *registry.find("shop");
                shop.is_new = false;
                return registry.with(shop);
            }));
        }
        return answer_to(request, kafka_protocol::ListGroupsResponse{});
    });
    const auto taken = admin.wait_for_gateway("shop");
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_TRUE(*taken);
    EXPECT_GE(asked, 2);
    ASSERT_TRUE(admin.remove("shop"));
    EXPECT_TRUE(admin.wait_for_gateway("shop").value());
}

TEST_F(Consumers, are_not_waited_for_for_ever) {
    ASSERT_TRUE(admin.add({"shop", {"demo"}}, bootstrap, profile));
    const OperatorServer server(
        config.data, [](const kafka_protocol::Request& request) { return answer_to(request, kafka_protocol::ListGroupsResponse{}); });
    const auto taken = admin.wait_for_gateway("shop", 60ms);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Errc::unavailable);
}

TEST(BootstrapAddress, is_what_is_advertised_else_where_it_listens_and_the_host_for_every_address) {
    config::KafkaConfig kafka;
    EXPECT_EQ(*bootstrap_address(kafka, "box"), "127.0.0.1:9092");
    kafka.listen = {{"::1", 9093}, {"127.0.0.1", 9092}};
    EXPECT_EQ(*bootstrap_address(kafka, "box"), "[::1]:9093");
    kafka.listen = {{"0.0.0.0", 9092}};
    EXPECT_EQ(*bootstrap_address(kafka, "box"), "box:9092");
    kafka.listen = {{"::", 9092}};
    EXPECT_EQ(*bootstrap_address(kafka, "box"), "box:9092");
    kafka.advertise = config::AdvertisedAddress{"webhooks.example", 19092};
    EXPECT_EQ(*bootstrap_address(kafka, "box"), "webhooks.example:19092");
    kafka.advertise = config::AdvertisedAddress{"2001:db8::1", 9092};
    EXPECT_EQ(*bootstrap_address(kafka, "box"), "[2001:db8::1]:9092");
}

TEST(BootstrapAddress, must_be_named_where_it_cannot_be_known) {
    config::KafkaConfig kafka;
    kafka.listen.clear();
    EXPECT_EQ(bootstrap_address(kafka, "box").error().code, Errc::invalid_input);
    kafka.listen = {{"127.0.0.1", 0}};
    EXPECT_EQ(bootstrap_address(kafka, "box").error().code, Errc::invalid_input);
}

consumers::Consumer shown() {
    SeededRandom random(3);
    consumers::Consumer consumer{.name = "shop",
                                 .sources = {"demo", "orders"},
                                 .secrets = {consumers::StoredSecret::of(Secret("a"), random)},
                                 .created_at = UnixMillis{1'795'640'400'500ms},
                                 .start_offsets = {{"demo", {0, 17}}},
                                 .is_new = false};
    return consumer.rotated(consumers::StoredSecret::of(Secret("b"), random), UnixMillis{1'795'640'400'500ms}, 1h);
}

TEST(ConsumerReport, shows_everything_but_what_secrets_are_proven_by) {
    const std::string json = consumer_json(shown());
    EXPECT_EQ(json, R"({"name":"shop","id":"00000000-0000-0000-0000-000000000000","created_at":"2026-11-25T21:00:00.500Z",)"
                    R"("sources":["demo","orders"],"start_offsets":{"demo":[0,17]},)"
                    R"("secrets":[{"valid_until":null},{"valid_until":"2026-11-25T22:00:00.500Z"}],"is_new":false})");
    const consumers::Consumer one = shown();
    EXPECT_EQ(consumer_table({&one, 1}, one.created_at),
              "CONSUMER  SOURCES       CREATED                   SECRETS\n"
              "shop      demo, orders  2026-11-25T21:00:00.500Z  2, the old one until 2026-11-25T22:00:00.500Z\n");
    EXPECT_EQ(consumer_text(one, "incoming.", one.created_at + 2h),
              "consumer  shop\n"
              "created   2026-11-25T21:00:00.500Z\n"
              "sources   demo, orders\n"
              "topics    incoming.demo, incoming.orders\n"
              "secrets   1\n"
              "begins    demo at 0, 17, a number a partition\n");
}

}  // namespace
}  // namespace tenter::cli
