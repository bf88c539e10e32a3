#include "cli/commands.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include <CLI/CLI.hpp>

namespace tenter::cli {

void add_config_option(CLI::App& command, Context& context) {
    command.add_option("--config", context.config_path, "Configuration file; else $TENTER_CONFIG, else ./tenter.toml")->type_name("FILE");
}

std::string find_config(const Context& context) {
    if (context.config_path) return *context.config_path;
    const char* const named = std::getenv("TENTER_CONFIG");
    return named != nullptr && *named != '\0' ? named : "tenter.toml";
}

std::optional<config::Config> load_config(Context& context) {
    PosixEnv env;
    const std::string path = find_config(context);
    auto loaded = config::load(env, path, process_environment());
    if (loaded) return std::move(*loaded);
    for (const auto& fault : loaded.error()) std::fprintf(stderr, "%s\n", config::to_string(fault).c_str());
    if (loaded.error().front().line == 0)
        std::fprintf(stderr, "Name a configuration with --config or $TENTER_CONFIG, or make one here with `%s config init`.\n",
                     context.program.c_str());
    context.exit_code = exit_usage;
    return std::nullopt;
}

std::optional<config::Config> load_config_of_embedded_log(Context& context) {
    auto config = load_config(context);
    if (!config || !config->log.kafka) return config;
    report_failure(context, "[log] kind = \"kafka\": the events are in the Kafka cluster at " + config->log.kafka->cluster.bootstrap +
                                ", not in the folder \"data\"; `tenter tail TOPIC --profile FILE` shows them, Kafka's own tools mend them");
    return std::nullopt;
}

bool wants_colour(const Context& context, int descriptor) {
    const char* const no_color = std::getenv("NO_COLOR");
    return !context.no_color && (no_color == nullptr || *no_color == '\0') && ::isatty(descriptor) == 1;
}

void report_failure(Context& context, const std::string& message, int exit_code) {
    std::fprintf(stderr, "tenter: %s\n", message.c_str());
    context.exit_code = exit_code;
}

const char* version() noexcept { return TENTER_VERSION; }

}  // namespace tenter::cli
