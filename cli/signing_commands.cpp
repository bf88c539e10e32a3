// cli/signing_commands.cpp: `tenter verify` and `tenter sign`.

#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/scheme_arguments.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/uuid.hpp"

namespace tenter::cli {
namespace {

constexpr const char* secret_help = "A text, @FILE or env:NAME; several while one replaces another";

/// What both commands share. Lives as long as the command line.
struct Arguments {
    SchemeArguments scheme;
    RequestArguments request;
    std::string body_file;
    std::optional<std::int64_t> unix_seconds;
    std::string id;
};

void add_options(CLI::App& command, Arguments& arguments) {
    auto& scheme = arguments.scheme;
    command.add_option("--scheme", scheme.scheme, "basic, bearer, api-key, standard-webhooks, github, stripe, shopify, slack or custom")
        ->required();
    command.add_option("--secret", scheme.secrets, secret_help)->required()->allow_extra_args(false);
    command.add_option("--username", scheme.username, "basic: the user name");
    command.add_option("--header-name", scheme.header_name, "api-key: the header that carries it; X-API-Key");
    command.add_option("--method", arguments.request.method, "Of the request; POST");
    command.add_option("--url", arguments.request.url, "Of the request: /path?query, or with scheme and host where they are signed");
    command.add_option("--header", arguments.request.headers, "Of the request: 'Name: value'; as often as there are headers")
        ->allow_extra_args(false);
    command.add_option("--body", arguments.body_file, "Of the request: a file, or - for standard input; without it the body is empty");

    constexpr const char* group = "Instead of the scheme's own, or with custom (see docs/configuration.md, [source.verify])";
    const auto add = [&](const char* name, auto& target, const char* help) { command.add_option(name, target, help)->group(group); };
    add("--algorithm", scheme.algorithm,
        "hmac-sha1, hmac-sha256, hmac-sha512, sha256, token, ed25519, ecdsa-p256-sha256, ecdsa-p256-sha256-p1363, rsa-sha256");
    add("--secret-encoding", scheme.secret_encoding, "utf8, hex, base64, whsec, spki-base64, pem");
    add("--signature-header", scheme.signature_header, "The header that carries the signature");
    add("--signature-encoding", scheme.signature_encoding, "hex or base64");
    add("--signature-format", scheme.signature_format, "What stands around it: 'sha256={signature}'");
    add("--signature-list", scheme.signature_list, "The separator where the header lists several");
    add("--signature-pairs", scheme.signature_pairs, "SEPARATOR:SIGNATURE-KEY:TIMESTAMP-KEY, ',:v1:t'");
    add("--timestamp-header", scheme.timestamp_header, "The header that carries the signed time");
    add("--timestamp-unit", scheme.timestamp_unit, "s, ms or rfc3339");
    add("--id-header", scheme.id_header, "The header that carries the signed message id");
    add("--signed", scheme.signed_template, "What is signed: '{timestamp}.{body}'");
    add("--tolerance", scheme.tolerance_seconds, "How many seconds the signed time may be from now");
}

UnixMillis time_of(const Arguments& arguments) {
    return arguments.unix_seconds ? UnixMillis(std::chrono::seconds(*arguments.unix_seconds)) : SystemClock().now();
}

Result<RequestText> read_request(Arguments& arguments) {
    if (!arguments.body_file.empty()) {
        auto body = read_input(arguments.body_file);
        if (!body) return fail(std::move(body.error()).within("--body"));
        arguments.request.body = std::move(*body);
    }
    return RequestText::make(arguments.request);
}

void verify(Context& context, Arguments& arguments) {
    const auto request = read_request(arguments);
    if (!request) return report_failure(context, request.error().message, exit_usage);
    const auto verifier = verifier_of(arguments.scheme);
    if (!verifier) return report_failure(context, verifier.error().message, exit_usage);
    const auto verified = (*verifier)->verify(request->view(), time_of(arguments));
    if (!verified) return report_failure(context, "not verified: " + verified.error().message);
    std::printf("verified by %.*s\n", static_cast<int>(verified->scheme.size()), verified->scheme.data());
}

void sign(Context& context, Arguments& arguments) {
    const auto request = read_request(arguments);
    if (!request) return report_failure(context, request.error().message, exit_usage);
    if (arguments.id.empty()) {
        const SystemClock clock;
        SystemRandom random;
        arguments.id = "msg_" + UuidV7Generator(clock, random).next().to_string();
    }
    const auto headers = headers_of(arguments.scheme, request->view(), arguments.id, time_of(arguments));
    if (!headers) return report_failure(context, headers.error().message, exit_usage);
    for (const auto& header : *headers) std::printf("%s: %s\n", header.name.c_str(), header.value.c_str());
}

}  // namespace

void add_verify_command(CLI::App& app, Context& context) {
    auto* const command = app.add_subcommand("verify", "Check who signed one request: exit 0 verified, 1 not");
    const auto arguments = std::make_shared<Arguments>();
    add_options(*command, *arguments);
    command->add_option("--now", arguments->unix_seconds, "Seconds since 1970 that signed times are compared with; default: now");
    command->footer(
        "Examples:\n  tenter verify --scheme github --secret @github.secret --header \"X-Hub-Signature-256: sha256=...\" --body "
        "payload.json\n"
        "  tenter verify --scheme basic --username elytra --secret env:PASSWORD --header \"Authorization: Basic ...\"\n\n"
        "Exit codes: 0 verified; 1 not, one reason on stderr; 2 wrong usage or a secret that cannot be used.");
    command->callback([&context, arguments] { verify(context, *arguments); });
}

void add_sign_command(CLI::App& app, Context& context) {
    auto* const command = app.add_subcommand("sign", "Print the headers that sign one request, one a line");
    const auto arguments = std::make_shared<Arguments>();
    add_options(*command, *arguments);
    command->add_option("--id", arguments->id, "Message id, where the scheme signs one; default: a new one");
    command->add_option("--timestamp", arguments->unix_seconds, "Seconds since 1970, where the scheme signs a time; default: now");
    command->footer(
        "Example:\n  tenter sign --scheme standard-webhooks --secret env:WEBHOOK_SECRET --id msg_1 --timestamp 1614265330 --body "
        "payload.json\n\n"
        "With several secrets all signatures are printed where the scheme's header lists them.\n"
        "Exit codes: 0 done; 2 wrong usage or a secret that cannot be used.");
    command->callback([&context, arguments] { sign(context, *arguments); });
}

}  // namespace tenter::cli
