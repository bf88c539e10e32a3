#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/exec_consumer.hpp"
#include "cli/interruption.hpp"
#include "cli/profile.hpp"
#include "gateway/config/units.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/exception.hpp"

namespace tenter::cli {
namespace {

constexpr std::size_t max_workers = 256;

struct Flags {
    std::vector<std::string> topics;
    KafkaFlags kafka;
    std::string shell_command;
    std::optional<std::string> from;
    std::optional<std::string> instance;
    std::size_t workers = 1;
    std::uint32_t retries = retry::RetryConfig{}.max_retries;
    std::string retry_delay = "1s";
    std::string max_retry_delay = "5m";
    std::optional<std::string> dead_letter;
    std::string undecodable;
    std::string timeout;
    std::string grace = "10s";
    std::optional<std::uint64_t> limit;
};

Result<std::chrono::milliseconds> duration(std::string_view option, const std::string& text) {
    if (const auto parsed = config::parse_duration(text)) return *parsed;
    return fail(Errc::invalid_input, std::string(option) + ": expected a whole number with its unit: 250ms, 30s, 5m");
}

Result<consume::Undecodable> undecodable_of(const Flags& flags) {
    if (flags.undecodable == "stop") return consume::Undecodable::stop;
    if (flags.undecodable == "skip") return consume::Undecodable::skip;
    if (flags.undecodable.empty()) return flags.dead_letter ? consume::Undecodable::dead_letter : consume::Undecodable::stop;
    if (!flags.dead_letter) return fail(Errc::invalid_input, "--undecodable dead-letter needs --dead-letter TOPIC");
    return consume::Undecodable::dead_letter;
}

/// What is to be run: `--exec`, or what stands behind "--".
Result<void> set_command(const Flags& flags, const Context& context, ExecOptions& options) {
    if (flags.shell_command.empty() == context.after_dashes.empty())
        return fail(Errc::invalid_input, "name one command: --exec 'COMMAND' for the shell, or -- PROGRAM ARGUMENT...");
    options.is_shell = context.after_dashes.empty();
    options.arguments = options.is_shell ? std::vector<std::string>{"/bin/sh", "-c", flags.shell_command} : context.after_dashes;
    return {};
}

Result<ExecOptions> options_of(const Flags& flags, const Context& context) {
    ExecOptions options;
    if (auto set = set_command(flags, context, options); !set) return fail(std::move(set.error()));
    if (flags.from) {
        SystemClock clock;
        auto from = parse_start_point(*flags.from, clock.now());
        if (!from) return fail(std::move(from.error()).within("--from"));
        options.from = *from;
    }
    if (!flags.timeout.empty()) {
        const auto timeout = duration("--timeout", flags.timeout);
        if (!timeout) return fail(timeout.error());
        options.limits.timeout = *timeout;
    }
    const auto grace = duration("--grace", flags.grace);
    const auto delay = duration("--retry-delay", flags.retry_delay);
    const auto max_delay = duration("--max-retry-delay", flags.max_retry_delay);
    for (const auto* const read : {&grace, &delay, &max_delay})
        if (!*read) return fail(read->error());
    options.limits.grace = *grace;
    options.retry = {.max_retries = flags.retries, .initial_delay = *delay, .max_delay = *max_delay};
    const auto undecodable = undecodable_of(flags);
    if (!undecodable) return fail(undecodable.error());
    options.undecodable = *undecodable;
    options.dead_letter_topic = flags.dead_letter;
    options.group = flags.kafka.group;
    options.instance = flags.instance;
    options.workers = flags.workers;
    if (flags.limit) options.limit = *flags.limit;
    return options;
}

void run(const Flags& flags, Context& context) {
    auto options = options_of(flags, context);
    if (!options) return report_failure(context, options.error().message, exit_usage);
    auto profile = load_profile(flags.kafka);
    if (!profile) return report_failure(context, profile.error().message, exit_usage);
    const Interruption interruption;
    ExecConsumer exec(std::move(*options), say_on_stderr);
    run_consumer(flags.topics, std::move(*profile), flags.kafka, exec.consumer_options(), context,
                 [&](consume::Consumer& consumer) { exec.run(consumer, interruption.stop_token(), interruption.hurry_token()); });
}

constexpr const char* footer =
    "COMMAND is run by /bin/sh -c, once for each event; PROGRAM without a shell. On standard input it gets the request's body exactly as "
    "it\n"
    "arrived (of events that another program put into Kafka: their JSON text or CBOR item), and in its environment:\n"
    "  TENTER_TOPIC TENTER_PARTITION TENTER_OFFSET   where the event is; a consumer that crashes gets it again\n"
    "  TENTER_ID TENTER_KEY TENTER_METHOD TENTER_TARGET TENTER_TIMESTAMP TENTER_VERIFIED TENTER_CONTENT_TYPE\n"
    "  TENTER_HEADERS    a JSON object: lower-case names, lists of values\n"
    "  TENTER_PAYLOAD    original, json or cbor: what standard input is\n"
    "  TENTER_ATTEMPT    1 for the first\n"
    "What there is not is not set. What is not text is in NAME_BASE64 instead; what is over 128 KiB is left out and named in "
    "TENTER_OMITTED.\n"
    "Exit code 0 commits the event. Any other is retried, and everything of its partition waits; then the event goes to the dead-letter "
    "topic,\n"
    "or the consumer ends with exit code 1. So it does at once where the command cannot be run (by the shell: 126 or 127).\n"
    "SIGTERM or Ctrl-C: the command under way has --grace to end, then SIGTERM, 2 s later SIGKILL; a second one ends the grace.\n\n"
    "Examples:\n"
    "  tenter consume incoming.shop.orders --profile profile.json --exec 'jq -r .id >> ids.txt'\n"
    "  tenter consume incoming.shop.orders --profile profile.json --retries 3 --dead-letter shop.dead --timeout 30s -- ./handle-order "
    "--once\n\n";

}  // namespace

void add_consume_command(CLI::App& app, Context& context) {
    auto flags = std::make_shared<Flags>();
    auto* const command = app.add_subcommand("consume", "Run a command for each event of topics in Kafka");
    command->add_option("topic", flags->topics, "Names of the topics")->required()->type_name("TOPIC");
    add_kafka_options(*command, flags->kafka);
    command->get_option("--profile")->description("Connection profile; else $TENTER_PROFILE names it");
    command->get_option("--group")->description("Consumer group; else the profile's consumer_name");
    command->add_option("--exec", flags->shell_command, "What /bin/sh runs for each event; or -- PROGRAM ARGUMENT... at the end")
        ->type_name("COMMAND");
    command->add_option(
        "--from", flags->from,
        "Move the group, before it begins, to earliest, latest, offset:N, time:2026-11-23T14:00:00Z or time:-5m; else where it is, "
        "a new one at the oldest event");
    command
        ->add_option(
            "--instance", flags->instance,
            "A name that no other member of the group has: after a crash this one goes on at once, and not only when Kafka has missed it "
            "for 45 s")
        ->type_name("NAME");
    command->add_option("--workers", flags->workers, "Commands at once; events of one key stay in order")
        ->check(CLI::Range(std::size_t{1}, max_workers))
        ->capture_default_str();
    command->add_option("--retries", flags->retries, "How often a failed event is tried again")->capture_default_str();
    command->add_option("--retry-delay", flags->retry_delay, "Before the first retry; doubles with each")->capture_default_str();
    command->add_option("--max-retry-delay", flags->max_retry_delay, "Never more than this")->capture_default_str();
    command->add_option("--dead-letter", flags->dead_letter, "Where events go that failed for good; the topic must exist")
        ->type_name("TOPIC");
    command
        ->add_option("--undecodable", flags->undecodable,
                     "What becomes of a record that is no event; default dead-letter with --dead-letter, else stop")
        ->check(CLI::IsMember({"stop", "skip", "dead-letter"}));
    command->add_option("--timeout", flags->timeout, "How long one command may take; longer is a failure. Default: no limit")
        ->type_name("DURATION");
    command->add_option("--grace", flags->grace, "How long the command under way may take to end when this one is to")
        ->capture_default_str();
    command->add_option("--limit", flags->limit, "End after that many events with exit code 0");
    command->footer(footer + std::string(exit_codes_text));
    command->callback([flags, &context] { run(*flags, context); });
}

}  // namespace tenter::cli
