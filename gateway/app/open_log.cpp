#include "gateway/app/open_log.hpp"

#include <utility>

#include "gateway/app/log_options.hpp"
#include "gateway/log_kafka/kafka_log.hpp"

namespace tenter::app {
namespace {

std::string describe(const log::RecoveryReport& report) {
    if (report.clean) return "nothing to recover";
    return "recovered " + std::to_string(report.frames_replayed) + " commits in " + std::to_string(report.duration.count()) + " ms";
}

Result<OpenedLog> open_kafka_log(const config::Config& config, const Clock& clock, std::function<void(std::string_view)> notice) {
    auto options = kafka_log_options(config);
    const std::string place = options.cluster.bootstrap;
    auto opened = log::KafkaLog::open(clock, std::move(options), {std::move(notice)});
    if (!opened) return fail(std::move(opened.error()).within("the log in Kafka"));
    return OpenedLog{std::move(*opened), nullptr, {}, "events go to the Kafka cluster at " + place};
}

}  // namespace

Result<OpenedLog> open_log(const config::Config& config, Env& env, const Clock& clock, log::LogObserver observer) {
    if (config.log.kafka) return open_kafka_log(config, clock, std::move(observer.on_notice));
    if (auto made = env.create_directories(config.data); !made) return fail(std::move(made.error()));
    auto opened = log::SegmentLog::open(env, clock, log_options(config), std::move(observer));
    if (!opened) return fail(std::move(opened.error()));
    auto summary = config.data + " (" + describe((*opened)->recovery_report()) + ")";
    auto id = [&log = **opened]() -> Result<std::string> {
        const auto known = log.id();
        return known ? Result<std::string>(known->to_string()) : fail(known.error());
    };
    log::SegmentLog* const embedded = opened->get();
    return OpenedLog{std::move(*opened), embedded, std::move(id), std::move(summary)};
}

}  // namespace tenter::app
