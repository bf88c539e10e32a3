#include <array>
#include <cstdio>

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/consumer_admin.hpp"
#include "cli/subcommand.hpp"
#include "gateway/app/log_options.hpp"
#include "gateway/config/units.hpp"
#include "tenter/base/kafka_address.hpp"
#include "tenter/base/random.hpp"

namespace tenter::cli {
namespace {

struct Flags {
    std::string name;
    std::vector<std::string> sources;
    std::string from = "earliest";
    std::string keep = "24h";
    std::optional<std::string> profile_out;
    std::optional<std::string> bootstrap;
    bool json = false;
};

/// The profile itself on standard output, for pipes; what is said to people is then said elsewhere.
class ProfileOnStdout final : public ProfileSink {
public:
    [[nodiscard]] Result<void> write(const envelope::ConnectionProfile& profile) override {
        const std::string text = profile.to_json() + "\n";
        const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
        return written ? Result<void>{} : fail(Errc::unavailable, "the profile could not be written to standard output");
    }
    void take_back() override { std::fputs("tenter: the profile that was printed opens nothing\n", stderr); }
};

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "localhost";
}

/// What root makes in a gateway's folder the gateway could not read.
Result<void> check_owner(const std::string& data) {
    struct stat status{};
    if (::stat(data.c_str(), &status) != 0 || status.st_uid == ::geteuid()) return {};
    return fail(Errc::invalid_input, data + " belongs to user " + std::to_string(status.st_uid) + ", who runs the gateway: run this as " +
                                         "that user (sudo -u '#" + std::to_string(status.st_uid) + "' ...)");
}

/// What every subcommand needs.
class Session {
public:
    explicit Session(config::Config config)
        : config_(std::move(config)), admin_({env_, clock_, random_}, config_, app::log_options(config_)) {}

    [[nodiscard]] ConsumerAdmin& admin() noexcept { return admin_; }
    [[nodiscard]] const config::Config& config() const noexcept { return config_; }
    [[nodiscard]] Env& env() noexcept { return env_; }
    [[nodiscard]] UnixMillis now() const { return clock_.now(); }

private:
    PosixEnv env_;
    SystemClock clock_;
    SystemRandom random_;
    config::Config config_;
    ConsumerAdmin admin_;
};

int exit_code_of(const Error& error) { return error.code == Errc::invalid_input ? exit_usage : exit_failure; }

std::unique_ptr<Session> open_session(Context& context) {
    auto config = load_config_of_embedded_log(context);
    if (!config) return nullptr;
    if (const auto owner = check_owner(config->data); !owner) {
        report_failure(context, owner.error().message);
        return nullptr;
    }
    return std::make_unique<Session>(std::move(*config));
}

Result<std::string> bootstrap_of(const Flags& flags, const Session& session) {
    if (!flags.bootstrap) return bootstrap_address(session.config().kafka, host_name());
    auto brokers = parse_brokers(*flags.bootstrap);
    if (!brokers) return fail(Errc::invalid_input, "--bootstrap: expected HOST:PORT");
    return brokers;
}

std::unique_ptr<ProfileSink> sink_of(const Flags& flags, Session& session) {
    if (flags.profile_out) return std::make_unique<ProfileFile>(session.env(), *flags.profile_out);
    return std::make_unique<ProfileOnStdout>();
}

/// Where the profile is on standard output, everything else is not.
FILE* people(const Flags& flags) { return flags.profile_out ? stdout : stderr; }

/// Waits for a gateway that runs, and says what it does or will do.
void say_when(Session& session, const Flags& flags, const char* at_once, const char* later, Context& context) {
    const auto taken = session.admin().wait_for_gateway(flags.name);
    if (!taken) return report_failure(context, taken.error().message);
    std::fprintf(people(flags), "gateway   %s\n", *taken ? at_once : later);
}

void say_profile(const Flags& flags) {
    if (flags.profile_out)
        std::printf("profile   %s: for the program that reads; its secret is nowhere else\n", flags.profile_out->c_str());
}

void add(const Flags& flags, Context& context) {
    const auto session = open_session(context);
    if (!session) return;
    const auto bootstrap = bootstrap_of(flags, *session);
    if (!bootstrap) return report_failure(context, bootstrap.error().message, exit_usage);
    const auto sink = sink_of(flags, *session);
    const auto consumer = session->admin().add({flags.name, flags.sources, flags.from == "latest"}, *bootstrap, *sink);
    if (!consumer) return report_failure(context, consumer.error().message, exit_code_of(consumer.error()));
    std::string topics;
    for (const auto& source : consumer->sources) topics += " " + session->config().kafka.topic_prefix + source;
    std::fprintf(people(flags), "consumer  %s, at %s\ntopics   %s, from the %s event on\n", flags.name.c_str(), bootstrap->c_str(),
                 topics.c_str(), flags.from == "latest" ? "next" : "first");
    say_profile(flags);
    say_when(*session, flags, "lets it in", "is not listening; lets it in once it is", context);
    if (flags.profile_out)
        std::printf("try       %s tail%s --profile %s\n", context.program.c_str(), topics.c_str(), flags.profile_out->c_str());
}

void rotate(const Flags& flags, Context& context) {
    const auto keep = config::parse_duration(flags.keep);
    if (!keep) return report_failure(context, "--keep: expected a whole number with its unit: 0s, 12h, 7d", exit_usage);
    const auto session = open_session(context);
    if (!session) return;
    const auto bootstrap = bootstrap_of(flags, *session);
    if (!bootstrap) return report_failure(context, bootstrap.error().message, exit_usage);
    const auto sink = sink_of(flags, *session);
    const auto consumer = session->admin().rotate(flags.name, *keep, *bootstrap, *sink);
    if (!consumer) return report_failure(context, consumer.error().message, exit_code_of(consumer.error()));
    std::fputs(consumer_text(*consumer, session->config().kafka.topic_prefix, session->now()).c_str(), people(flags));
    say_profile(flags);
    say_when(*session, flags, "takes the new secret", "is not listening; takes the new secret once it is", context);
}

void remove(const Flags& flags, Context& context) {
    const auto session = open_session(context);
    if (!session) return;
    if (const auto removed = session->admin().remove(flags.name); !removed) return report_failure(context, removed.error().message);
    const auto taken = session->admin().wait_for_gateway(flags.name);
    if (!taken) return report_failure(context, taken.error().message);
    std::printf("removed   %s: its secret opens nothing, its groups are forgotten%s\n", flags.name.c_str(),
                *taken ? "" : " when the gateway starts");
}

void list(const Flags& flags, Context& context) {
    const auto session = open_session(context);
    if (!session) return;
    const auto registry = session->admin().all();
    if (!registry) return report_failure(context, registry.error().message);
    if (!flags.json && (*registry)->all().empty()) {
        std::puts("No consumers yet: tenter consumer add NAME --source SOURCE --profile-out FILE");
    } else if (!flags.json) {
        std::fputs(consumer_table((*registry)->all(), session->now()).c_str(), stdout);
    }
    if (!flags.json) return;
    for (const auto& consumer : (*registry)->all()) std::puts(consumer_json(consumer).c_str());
}

void show(const Flags& flags, Context& context) {
    const auto session = open_session(context);
    if (!session) return;
    const auto consumer = session->admin().find(flags.name);
    if (!consumer) return report_failure(context, consumer.error().message);
    if (flags.json) return static_cast<void>(std::puts(consumer_json(*consumer).c_str()));
    std::fputs(consumer_text(*consumer, session->config().kafka.topic_prefix, session->now()).c_str(), stdout);
    std::printf("how far   %s group describe %s\n", context.program.c_str(), flags.name.c_str());
}

void add_name(CLI::App& command, Flags& flags) {
    command.add_option("name", flags.name, "The consumer: user name, and name of its own group")->required()->type_name("NAME");
}

void add_profile_options(CLI::App& command, Flags& flags) {
    command.add_option("--profile-out", flags.profile_out, "A new file (mode 0600) for the connection profile; else it is printed")
        ->type_name("FILE");
    command.add_option("--bootstrap", flags.bootstrap, "Where clients connect; else [kafka] advertise, else where it listens")
        ->type_name("HOST:PORT");
}

}  // namespace

void add_consumer_command(CLI::App& app, Context& context) {
    auto* const command = app.add_subcommand("consumer", "Who may read the embedded log over the Kafka protocol");
    command->require_subcommand(1);
    auto flags = std::make_shared<Flags>();

    auto* const add_command = add_subcommand(*command,
                                             {"add", "Let somebody read: makes a connection profile; a running gateway takes it at once",
                                              "tenter consumer add shop --source orders --source refunds --profile-out shop.json", add},
                                             flags, context);
    add_name(*add_command, *flags);
    add_command->add_option("--source", flags->sources, "What it may read; may be repeated")->required()->type_name("SOURCE");
    add_command->add_option("--from", flags->from, "Where its own group begins: earliest (default) or latest")
        ->check(CLI::IsMember({"earliest", "latest"}));
    add_profile_options(*add_command, *flags);

    auto* const list_command =
        add_subcommand(*command, {"list", "Print all of them", "tenter consumer list --json | jq .name", list}, flags, context);
    list_command->add_flag("--json", flags->json, "One JSON object a line");

    auto* const show_command = add_subcommand(*command, {"show", "Print one of them", "tenter consumer show shop", show}, flags, context);
    add_name(*show_command, *flags);
    show_command->add_flag("--json", flags->json, "As a JSON object");

    auto* const remove_command = add_subcommand(
        *command, {"remove", "Close its connections, forget its groups, let it in no more", "tenter consumer remove shop", remove}, flags,
        context);
    add_name(*remove_command, *flags);

    auto* const rotate_command = add_subcommand(*command,
                                                {"rotate", "Give it a new secret; the old one stays valid for a while",
                                                 "tenter consumer rotate shop --keep 7d --profile-out new.json", rotate},
                                                flags, context);
    add_name(*rotate_command, *flags);
    rotate_command
        ->add_option("--keep", flags->keep, "How long the secret before stays valid; default 24h, 0s ends it now. One before that ends now")
        ->type_name("DURATION");
    add_profile_options(*rotate_command, *flags);
}

}  // namespace tenter::cli
