#pragma once
// cli/commands.hpp: the commands of `tenter`. Each adds its options to the command line and, when it was chosen, runs and sets the exit
// code.

#include <optional>
#include <string>
#include <vector>

#include "cli/exit_codes.hpp"
#include "gateway/config/config.hpp"

namespace CLI {
class App;
}

namespace tenter::cli {

/// What all commands share. Lives as long as the command line.
struct Context {
    std::string program;                     ///< As the user called it, for lines to paste.
    std::optional<std::string> config_path;  ///< `--config`.
    bool no_color = false;                   ///< `--no-color`.
    std::vector<std::string> after_dashes;   ///< `tenter consume ... -- THIS`.
    int exit_code = exit_ok;
};

void add_serve_command(CLI::App& app, Context& context);
void add_tail_command(CLI::App& app, Context& context);
void add_consume_command(CLI::App& app, Context& context);
void add_consumer_command(CLI::App& app, Context& context);
void add_group_command(CLI::App& app, Context& context);
void add_config_command(CLI::App& app, Context& context);
void add_log_command(CLI::App& app, Context& context);
void add_log_forward_command(CLI::App& log_command, Context& context);
void add_event_command(CLI::App& app, Context& context);
void add_verify_command(CLI::App& app, Context& context);
void add_sign_command(CLI::App& app, Context& context);
void add_version_command(CLI::App& app, Context& context);

/// `--config FILE`, the same for every command that reads the configuration.
void add_config_option(CLI::App& command, Context& context);

/// `--config`, else $TENTER_CONFIG, else ./tenter.toml.
[[nodiscard]] std::string find_config(const Context& context);
/// The configuration, or nothing after its faults went to stderr and the exit code was set.
[[nodiscard]] std::optional<config::Config> load_config(Context& context);

/// As `load_config`, for commands that read the files of the embedded log: a log that is elsewhere is a failure that says where to look.
[[nodiscard]] std::optional<config::Config> load_config_of_embedded_log(Context& context);

/// Colour only on a terminal, and not with `--no-color` or $NO_COLOR (no-color.org).
[[nodiscard]] bool wants_colour(const Context& context, int descriptor);

/// "tenter: MESSAGE" on stderr, and the exit code.
void report_failure(Context& context, const std::string& message, int exit_code = exit_failure);

/// "0.1.0"
[[nodiscard]] const char* version() noexcept;

}  // namespace tenter::cli
