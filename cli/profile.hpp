#pragma once
// cli/profile.hpp: the options of commands that connect to Kafka by a connection profile, and what they do when that goes wrong.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "tenter/consume/consumer.hpp"

namespace tenter::cli {

struct KafkaFlags {
    std::optional<std::string> profile;
    std::optional<std::string> group;
    std::optional<std::string> connect_timeout;
};

/// --profile, --group, --connect-timeout
void add_kafka_options(CLI::App& command, KafkaFlags& flags);

/// `--profile`, else the file that $TENTER_PROFILE names.
[[nodiscard]] Result<consume::ConnectionProfile> load_profile(const KafkaFlags& flags);

/// "tenter: LINE" on stderr.
void say_on_stderr(const std::string& line);

/// Makes the consumer and lets `run` run it. What is thrown goes to stderr and into the exit code.
void run_consumer(const std::vector<std::string>& topics, consume::ConnectionProfile profile, const KafkaFlags& flags,
                  consume::ConsumerOptions options, Context& context, const std::function<void(consume::Consumer&)>& run);

}  // namespace tenter::cli
