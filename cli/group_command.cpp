#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/group_admin.hpp"
#include "cli/subcommand.hpp"
#include "gateway/consumers/registry_file.hpp"
#include "tenter/base/clock.hpp"

namespace tenter::cli {
namespace {

struct Flags {
    std::string group;
    std::string to;
    std::vector<std::string> sources;
    std::optional<std::int32_t> partition;
    bool execute = false;
    bool json = false;
};

int exit_code_of(const Error& error) { return error.code == Errc::invalid_input ? exit_usage : exit_failure; }

/// Nothing after the failure was reported.
std::optional<OperatorLink> connect(const config::Config& config, Context& context) {
    auto link = OperatorLink::connect(config.data);
    if (link) return std::move(*link);
    const bool is_absent = link.error().code == Errc::not_found;
    report_failure(context, link.error().message + (is_absent ? ": groups live in a running one, start it with `tenter serve`" : ""));
    return std::nullopt;
}

void list(const Flags& flags, Context& context) {
    const auto config = load_config_of_embedded_log(context);
    if (!config) return;
    auto link = connect(*config, context);
    if (!link) return;
    const auto groups = list_groups(*link);
    if (!groups) return report_failure(context, groups.error().message);
    if (!flags.json) return static_cast<void>(std::fputs(group_table(*groups).c_str(), stdout));
    for (const auto& group : *groups) std::puts(group_json(group).c_str());
}

/// The topics that are meant, as consumers call them: of the sources named, else of all that the consumer may read.
Result<std::vector<std::string>> topics_of(const Flags& flags, const config::Config& config, const std::string& group) {
    PosixEnv env;
    consumers::RegistryFile file(env, config.data);
    const auto registry = file.current();
    if (!registry) return fail(registry.error());
    const std::string name = group.substr(0, group.find('/'));
    const auto* const consumer = (*registry)->find(name);
    if (consumer == nullptr)
        return fail(Errc::not_found, "no consumer \"" + name + "\": `tenter consumer list` shows those that there are");
    std::vector<std::string> topics;
    for (const auto& source : flags.sources.empty() ? consumer->sources : flags.sources) {
        if (!consumer->may_read(source)) return fail(Errc::invalid_input, "\"" + source + "\" is no source of consumer \"" + name + "\"");
        topics.push_back(config.kafka.topic_prefix + source);
    }
    return topics;
}

void describe(const Flags& flags, Context& context) {
    const auto config = load_config_of_embedded_log(context);
    if (!config) return;
    auto link = connect(*config, context);
    if (!link) return;
    const std::string name = full_group_name(flags.group);
    const auto slash = name.find('/');
    const bool is_own = name.substr(0, slash) == name.substr(slash + 1);
    // Where these cannot be read the rest is told all the same.
    const auto own_topics = is_own ? topics_of(flags, *config, name).value_or(std::vector<std::string>()) : std::vector<std::string>();
    const auto group = describe_group(*link, name, own_topics);
    if (!group) return report_failure(context, group.error().message, exit_code_of(group.error()));
    std::fputs((flags.json ? group_json(*group) + "\n" : group_text(*group)).c_str(), stdout);
}

void reset(const Flags& flags, Context& context) {
    SystemClock clock;
    const auto to = parse_start_point(flags.to, clock.now());
    if (!to) return report_failure(context, "--to: " + to.error().message, exit_usage);
    const auto config = load_config_of_embedded_log(context);
    if (!config) return;
    const std::string group = full_group_name(flags.group);
    auto topics = topics_of(flags, *config, group);
    if (!topics) return report_failure(context, topics.error().message, exit_code_of(topics.error()));
    auto link = connect(*config, context);
    if (!link) return;
    const auto moves = plan_reset(*link, group, {std::move(*topics), flags.partition, *to});
    if (!moves) return report_failure(context, moves.error().message);
    std::fputs(moves_table(*moves).c_str(), stdout);
    if (!flags.execute) return static_cast<void>(std::puts("\nNothing is changed yet: the same with --execute does it."));
    if (const auto done = reset_offsets(*link, group, *moves); !done) return report_failure(context, done.error().message);
    std::puts("\nDone: the group goes on from there.");
}

void remove(const Flags& flags, Context& context) {
    const auto config = load_config_of_embedded_log(context);
    if (!config) return;
    auto link = connect(*config, context);
    if (!link) return;
    const std::string group = full_group_name(flags.group);
    if (const auto deleted = delete_group(*link, group); !deleted) return report_failure(context, deleted.error().message);
    std::printf("deleted   %s with its offsets\n", group.c_str());
}

void add_group(CLI::App& command, Flags& flags) {
    command.add_option("group", flags.group, "The consumer's own group, or another of its groups")
        ->required()
        ->type_name("CONSUMER[/GROUP]");
}

}  // namespace

void add_group_command(CLI::App& app, Context& context) {
    auto* const command = app.add_subcommand("group", "How far consumers have read: their groups in a running gateway");
    command->require_subcommand(1);
    auto flags = std::make_shared<Flags>();

    auto* const list_command = add_subcommand(*command, {"list", "Print all groups", "tenter group list", list}, flags, context);
    list_command->add_flag("--json", flags->json, "One JSON object a line");

    auto* const describe_command =
        add_subcommand(*command,
                       {"describe", "Print its members, what each has, what is committed and how far behind that is",
                        "tenter group describe shop", describe},
                       flags, context);
    add_group(*describe_command, *flags);
    describe_command->add_flag("--json", flags->json, "As a JSON object");

    auto* const reset_command =
        add_subcommand(*command,
                       {"reset-offsets", "Let a group without members go on from elsewhere; shows it first, does it with --execute",
                        "tenter group reset-offsets shop --to time:2026-11-23T14:00:00Z --execute", reset},
                       flags, context);
    add_group(*reset_command, *flags);
    reset_command->add_option("--to", flags->to, "earliest, latest, offset:N, time:2026-11-23T14:00:00Z or time:-5m")->required();
    reset_command->add_option("--source", flags->sources, "Only of this source; may be repeated; else of all that the consumer may read")
        ->type_name("SOURCE");
    reset_command->add_option("--partition", flags->partition, "Only this partition of each")->check(CLI::NonNegativeNumber);
    reset_command->add_flag("--execute", flags->execute, "Do it");

    auto* const delete_command = add_subcommand(
        *command, {"delete", "Forget a group without members, with its offsets", "tenter group delete shop/experiment", remove}, flags,
        context);
    add_group(*delete_command, *flags);
}

}  // namespace tenter::cli
