// The log in Kafka, on the real Kafka of this ctest run. Each test has topics of its own, told apart by what stands before their names.
#include "gateway/log_kafka/kafka_log.hpp"
#include "tests/contract/event_log_contract.hpp"
#include "tests/contract/running_kafka.hpp"

namespace tenter::log::testing {
namespace {

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
