#include "cli/profile.hpp"

#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "gateway/config/units.hpp"
#include "tenter/base/exception.hpp"

namespace tenter::cli {

void add_kafka_options(CLI::App& command, KafkaFlags& flags) {
    command.add_option("--profile", flags.profile, "Connection profile")->type_name("FILE");
    command.add_option("--group", flags.group, "Consumer group")->type_name("NAME");
    command.add_option("--connect-timeout", flags.connect_timeout, "How long the first connection to Kafka may take; default 15s")
        ->type_name("DURATION");
}

Result<consume::ConnectionProfile> load_profile(const KafkaFlags& flags) {
    if (flags.profile) return consume::ConnectionProfile::try_from_file(*flags.profile);
    const char* const named = std::getenv("TENTER_PROFILE");
    if (named != nullptr && *named != '\0') return consume::ConnectionProfile::try_from_file(named);
    return fail(Errc::invalid_input, "name a connection profile with --profile FILE, or in $TENTER_PROFILE");
}

void say_on_stderr(const std::string& line) { std::fprintf(stderr, "tenter: %s\n", line.c_str()); }

void run_consumer(const std::vector<std::string>& topics, consume::ConnectionProfile profile, const KafkaFlags& flags,
                  consume::ConsumerOptions options, Context& context, const std::function<void(consume::Consumer&)>& run) {
    const auto timeout = config::parse_duration(flags.connect_timeout.value_or("15s"));
    if (!timeout) return report_failure(context, "--connect-timeout: expected a whole number with its unit: 30s, 5m", exit_usage);
    options.connect_timeout = *timeout;
    std::optional<consume::WebhookConsumer> consumer;
    try {
        consumer.emplace(topics, std::move(profile), std::move(options));
    } catch (const Exception& fault) {  // of the options
        return report_failure(context, fault.what(), exit_usage);
    }
    try {
        run(*consumer);
    } catch (const std::exception& fault) {
        report_failure(context, fault.what());
    }
}

}  // namespace tenter::cli
