// The log in Kafka, on the real Kafka of this ctest run. Each test has topics of its own, told apart by what stands before their names.
#include <boost/json.hpp>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "gateway/log_kafka/kafka_log.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/secret.hpp"
#include "tests/contract/event_log_contract.hpp"

namespace tenter::log::testing {
namespace {

kafka_client::Cluster running_kafka() {
    const char* const path = std::getenv("TENTER_KAFKA");
    std::ifstream file(path == nullptr ? "" : path);
    std::stringstream text;
    text << file.rdbuf();
    if (!file) throw std::runtime_error("TENTER_KAFKA does not name the file that tells of a running Kafka");
    const auto facts = boost::json::parse(text.str()).as_object();
    const auto words = [](const boost::json::value& value) { return std::string(value.as_string()); };
    return {words(facts.at("bootstrap")), "tenter", Secret(words(facts.at("users").as_object().at("tenter"))), words(facts.at("ca"))};
}

std::string unique_prefix() {
    SystemRandom random;
    std::array<std::uint8_t, 8> number{};
    random.fill(number);
    std::string prefix = "contract";
    for (const auto part : number) prefix += "-" + std::to_string(part);
    return prefix + ".";
}

class KafkaLogUnderTest final : public LogUnderTest {
public:
    KafkaLogUnderTest() : prefix_(unique_prefix()) { open(); }
    [[nodiscard]] EventLog& log() override { return *log_; }
    [[nodiscard]] bool reopen() override {
        EXPECT_TRUE(log_->stop());
        open();
        return true;
    }
    /// The records are in the broker; what a kill does to a gateway is tests/crash/kafka_run.py.
    void kill_and_reopen() override { open(); }
    /// The broker's default of max.message.bytes.
    [[nodiscard]] std::size_t too_large_bytes() const override { return 1'048'588; }
    [[nodiscard]] std::size_t longest_topic_name() const override { return 249 - prefix_.size(); }

private:
    void open() {
        log_.reset();
        KafkaLogOptions options;
        options.cluster = running_kafka();
        options.topic_name = [this](std::string_view name) { return prefix_ + std::string(name); };
        options.create_topics = true;
        auto opened = KafkaLog::open(clock_, std::move(options));
        if (!opened) throw std::runtime_error(opened.error().message);
        log_ = std::move(*opened);
    }

    SystemClock clock_;
    std::string prefix_;
    std::unique_ptr<KafkaLog> log_;
};

INSTANTIATE_TEST_SUITE_P(Kafka, EventLogContract,
                         ::testing::Values(LogFactory{"kafka", [] { return std::make_unique<KafkaLogUnderTest>(); }}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace tenter::log::testing
