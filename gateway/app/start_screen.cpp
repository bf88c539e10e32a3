#include "gateway/app/start_screen.hpp"

#include <variant>

#include "gateway/app/curl_line.hpp"

namespace tenter::app {
namespace {

class Painter {
public:
    explicit Painter(bool colour) : colour_(colour) {}
    [[nodiscard]] std::string bold(std::string_view text) const { return painted("1", text); }
    [[nodiscard]] std::string warning(std::string_view text) const { return painted("1;33", text); }
    [[nodiscard]] std::string faint(std::string_view text) const { return painted("2", text); }

private:
    [[nodiscard]] std::string painted(std::string_view code, std::string_view text) const {
        if (!colour_) return std::string(text);
        return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
    }
    bool colour_;
};

std::string_view scheme_of(const config::Verification& verification) {
    struct Namer {
        std::string_view operator()(const config::NoVerification&) const { return "none"; }
        std::string_view operator()(const std::vector<auth::BasicAuth>&) const { return "basic"; }
        std::string_view operator()(const std::vector<auth::BearerAuth>&) const { return "bearer"; }
        std::string_view operator()(const std::vector<auth::ApiKeyAuth>&) const { return "api-key"; }
        std::string_view operator()(const config::SignatureVerification& signature) const { return signature.scheme.scheme; }
    };
    return std::visit(Namer{}, verification);
}

std::string source_lines(const config::SourceConfig& source, const std::string& base, const Painter& paint) {
    const bool unverified = std::holds_alternative<config::NoVerification>(source.verify);
    std::string lines = "  " + paint.bold(source.name) + "  " + base + source.path + "  ";
    lines += unverified ? paint.warning("NOT VERIFIED: whoever reaches this address can post")
                        : "verified by " + std::string(scheme_of(source.verify));
    lines += '\n';
    if (const auto line = curl_line(source, base)) {
        lines += "    " + *line + '\n';
    } else {
        lines += "    " + paint.faint("(send a test delivery from the provider's page)") + '\n';
    }
    return lines + '\n';
}

std::string address_text(const broker::Endpoint& endpoint) {
    const bool bracket = endpoint.host.find(':') != std::string::npos;
    return (bracket ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

}  // namespace

std::string base_url(const http::ListenAddress& address) {
    std::string host = address.host;
    if (host == "0.0.0.0") host = "127.0.0.1";
    if (host == "::") host = "::1";
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return "http://" + host + ":" + std::to_string(address.port);
}

std::string start_screen(const config::Config& config, const StartScreen& screen) {
    const Painter paint(screen.colour);
    std::string out = paint.bold("tenter " + std::string(screen.version)) + "\n";
    out += "  log        " + std::string(screen.log_summary) + "\n";
    if (config.forward)
        out += "  forwarded  to the Kafka cluster at " + config.forward->cluster.bootstrap + ", topics " + config.forward->topic + "\n";
    for (const auto& address : screen.addresses) out += "  listening  " + base_url(address) + "\n";
    for (const auto& endpoint : screen.kafka) out += "  kafka      " + address_text(endpoint) + " (TLS)\n";
    if (screen.nobody_reads && !config.sources.empty())
        out += "             nobody may read there yet:  " + std::string(screen.program) + " consumer add NAME --source " +
               config.sources.front().name + " --profile-out FILE\n";
    out += '\n';
    for (const auto& source : config.sources) out += source_lines(source, base_url(screen.addresses.front()), paint);
    if (config.sources.empty()) return out;
    if (config.log.kafka) {
        out += "Events appear in topics of the cluster:  " + std::string(screen.program) + " tail " +
               config::kafka_topic(config.log.kafka->topic, config.sources.front().name) + " --profile FILE\n";
    } else {
        out += "Events appear in another terminal with:  " + std::string(screen.program) + " tail " + config.sources.front().name +
               " --from earliest --follow\n";
    }
    return out;
}

}  // namespace tenter::app
