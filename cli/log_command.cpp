#include <charconv>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "gateway/app/log_options.hpp"
#include "gateway/log_segment/log_check.hpp"
#include "gateway/log_segment/log_reader.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/json_text.hpp"

namespace tenter::cli {
namespace {

void print_fault(const log::LogFault& fault) {
    std::printf("DAMAGED  %s at byte %llu: %s\n         %s\n", fault.file.c_str(), static_cast<unsigned long long>(fault.position),
                fault.what.c_str(), fault.remedy.c_str());
}

void check(Context& context) {
    const auto config = load_config_of_embedded_log(context);
    if (!config) return;
    PosixEnv env;
    const auto report = log::check_log(env, app::log_options(*config).directory);
    if (!report) return report_failure(context, report.error().message);
    for (const auto& fault : report->faults) print_fault(fault);
    for (const auto& note : report->notes) std::printf("note     %s\n", note.c_str());
    std::printf("%llu topics, %llu partitions, %llu segments, %llu records in %llu batches; %llu commits of the journal to replay\n",
                static_cast<unsigned long long>(report->topics), static_cast<unsigned long long>(report->partitions),
                static_cast<unsigned long long>(report->segments), static_cast<unsigned long long>(report->records),
                static_cast<unsigned long long>(report->batches), static_cast<unsigned long long>(report->journal_frames));
    if (report->faults.empty()) {
        std::puts("The log is sound.");
    } else {
        std::printf("%zu faults: the log is damaged.\n", report->faults.size());
        context.exit_code = exit_failure;
    }
}

/// "SOURCE/PARTITION:OFFSET".
std::optional<log::RepairTarget> parse_target(const std::string& text) {
    const auto colon = text.rfind(':');
    const auto slash = text.rfind('/', colon);
    if (colon == std::string::npos || slash == std::string::npos || slash == 0) return std::nullopt;
    log::RepairTarget target;
    target.topic = text.substr(0, slash);
    const auto read = [&](std::size_t from, std::size_t to, auto& number) {
        const auto [end, error] = std::from_chars(text.data() + from, text.data() + to, number);
        return error == std::errc{} && end == text.data() + to && from < to && number >= 0;
    };
    if (!read(slash + 1, colon, target.partition) || !read(colon + 1, text.size(), target.offset)) return std::nullopt;
    return target;
}

struct RepairFlags {
    std::vector<std::string> targets;
    std::optional<std::uint64_t> journal_from;
};

void repair(const RepairFlags& flags, Context& context) {
    log::Repair wanted;
    wanted.journal_from_sequence = flags.journal_from;
    for (const auto& text : flags.targets) {
        auto target = parse_target(text);
        if (!target) return report_failure(context, "--to-offset: expected SOURCE/PARTITION:OFFSET, like github/0:1234", exit_usage);
        wanted.partitions.push_back(std::move(*target));
    }
    if (wanted.partitions.empty() && !wanted.journal_from_sequence)
        return report_failure(context, "say what is given up: --to-offset or --journal-from, as `tenter log check` shows it", exit_usage);
    const auto config = load_config_of_embedded_log(context);
    if (!config) return;
    PosixEnv env;
    SystemClock clock;
    const auto done = log::repair_log(env, clock, app::log_options(*config), wanted);
    if (!done) return report_failure(context, done.error().message);
    for (const auto& path : done->moved_aside) std::printf("moved aside  %s\n", path.c_str());
    std::printf("%lld records given up; the log is sound.\n", static_cast<long long>(done->records_given_up));
}

void list(bool json, Context& context) {
    const auto config = load_config_of_embedded_log(context);
    if (!config) return;
    PosixEnv env;
    SystemClock clock;
    auto reader = log::LogReader::open_recovering(env, clock, app::log_options(*config));
    if (!reader) return report_failure(context, reader.error().message);
    const auto topics = (*reader)->topics();
    if (!topics) return report_failure(context, topics.error().message);
    for (const auto& topic : *topics) {
        for (std::int32_t partition = 0; partition < topic.partition_count; ++partition) {
            const auto bounds = (*reader)->bounds({topic.id, {partition}});
            if (!bounds) return report_failure(context, bounds.error().message);
            std::string name;
            append_json_string(name, topic.name);
            std::printf(json ? "{\"source\":%s,\"partition\":%d,\"first_offset\":%lld,\"next_offset\":%lld}\n" : "%s/%d  %lld to %lld\n",
                        json ? name.c_str() : topic.name.c_str(), partition, static_cast<long long>(bounds->first.value),
                        static_cast<long long>(bounds->next.value));
        }
    }
}

}  // namespace

void add_log_command(CLI::App& app, Context& context) {
    auto* const command = app.add_subcommand("log", "List, check, repair or forward the embedded log");
    command->require_subcommand(1);

    auto* const list_command =
        command->add_subcommand("list", "Print every topic and partition with its offsets, also beside a running gateway");
    add_config_option(*list_command, context);
    auto json = std::make_shared<bool>(false);
    list_command->add_flag("--json", *json, "One JSON object a line");
    list_command->footer("Example:\n  tenter log list\n\n" + std::string(exit_codes_text));
    list_command->callback([json, &context] { list(*json, context); });

    auto* const check_command =
        command->add_subcommand("check", "Read everything in the log of a stopped gateway and report damage; changes nothing");
    add_config_option(*check_command, context);
    check_command->footer(
        "Example:\n  tenter log check\n\nExit codes: 0 sound; 1 damaged, or it could not be read; 2 wrong usage or configuration.");
    check_command->callback([&context] { check(context); });

    auto* const repair_command =
        command->add_subcommand("repair", "Open a damaged log by giving up what you name; what is cut off is kept beside it");
    add_config_option(*repair_command, context);
    auto flags = std::make_shared<RepairFlags>();
    repair_command->add_option("--to-offset", flags->targets, "Give up this partition from that offset on; may be repeated")
        ->type_name("SOURCE/PARTITION:OFFSET");
    repair_command->add_option("--journal-from", flags->journal_from, "Give up the commits of the journal from this one on")
        ->type_name("SEQUENCE");
    repair_command->footer("Example:\n  tenter log repair --to-offset github/0:1234\n\n" + std::string(exit_codes_text));
    repair_command->callback([flags, &context] { repair(*flags, context); });

    add_log_forward_command(*command, context);
}

}  // namespace tenter::cli
