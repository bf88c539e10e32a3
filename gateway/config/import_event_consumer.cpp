#include "gateway/config/import_event_consumer.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "tenter/base/http_message.hpp"
#include "tenter/base/text.hpp"

namespace tenter::config {
namespace {

/// A TOML basic string.
std::string toml_text(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.append(1, '\\').append(1, c);
        } else if (byte < 0x20 || byte == 0x7F) {
            out.append("\\u00").append(1, digits[byte >> 4]).append(1, digits[byte & 0xF]);
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string path_of(const std::string& url) {
    const std::size_t slash = url.find('/', url.find("://") + 3);
    if (slash == std::string::npos) return "/";
    const auto path = target_path(std::string_view(url).substr(slash));
    return std::string(path.substr(0, path.find('#')));
}

/// Without what may be a secret: the part before '@', the query and the fragment.
std::string shown_url(std::string_view url) {
    const std::size_t host = url.find("://") + 3;
    const std::string_view place = url.substr(host, url.find_first_of("?#", host) - host);
    const std::string_view authority = place.substr(0, place.find('/'));
    const std::size_t at = authority.rfind('@');
    return std::string(url.substr(0, host)).append(place.substr(at == std::string_view::npos ? 0 : at + 1));
}

bool is_name_character(char c) { return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-'; }

/// The last word of the path, as a name that a source may have. Lower case and no digit first, so that different names give different
/// variables of the environment.
std::string name_of(const std::string& path) {
    std::string name;
    for (const char c : path.substr(path.rfind('/') + 1)) name += is_name_character(c) ? ascii_lower(c) : '-';
    const auto first = name.find_first_not_of('-');
    if (first == std::string::npos) return "elytra";
    return (is_ascii_digit(name[first]) ? "source-" : "") + name.substr(first, 100);
}

template <class Value>
std::string listed(const std::vector<Value>& values) {
    std::string text;
    for (const auto& value : values) text.append(text.empty() ? "" : ", ").append(value.value());
    return text;
}

/// A comment that no text can leave.
std::string comment(std::string text) {
    std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return "# " + text + "\n";
}

/// The `verify` of one source.
class VerifyWriter {
public:
    VerifyWriter(std::string source, bool with_secrets) : source_(std::move(source)), with_secrets_(with_secrets) {}

    std::string operator()(const elytra::NoAuthentication&) { return "\"none\"                    # whoever reaches the address can post"; }
    std::string operator()(const elytra::BasicAuthentication& basic) {
        return "{ scheme = \"basic\", username = " + toml_text(basic.username) + ", password = " + secret("PASSWORD", basic.password) +
               " }";
    }
    std::string operator()(const elytra::BearerAuthentication& bearer) {
        return "{ scheme = \"bearer\", token = " + secret("TOKEN", bearer.token) + " }";
    }
    std::string operator()(const elytra::ApiKeyAuthentication& key) {
        return "{ scheme = \"api-key\", header = " + toml_text(key.header_name) + ", key = " + secret("API_KEY", key.api_key) + " }";
    }
    std::string variable;  ///< Set where a secret was left out.

private:
    std::string secret(std::string_view kind, const Secret& value) {
        if (with_secrets_) return toml_text(value.reveal());
        for (const char c : source_) variable += c == '-' ? '_' : ascii_upper(c);
        variable.append("_").append(kind);
        return "{ env = " + toml_text(variable) + " }";
    }

    std::string source_;
    bool with_secrets_;
};

/// What arrives at one path.
struct Place {
    std::string path;
    std::string name;
    std::vector<const elytra::Subscription*> events;
};

/// Gives each name once: "hook", "hook-2", "hook-3".
class Names {
public:
    std::string take(const std::string& wanted) {
        std::string name = wanted;
        for (auto& number = last_[wanted]; !taken_.insert(name).second;) name = wanted + "-" + std::to_string(++number + 1);
        return name;
    }

private:
    std::unordered_set<std::string> taken_;
    std::unordered_map<std::string, int> last_;
};

std::vector<Place> places_of(const elytra::EventConsumer& consumer) {
    std::vector<Place> places;
    std::unordered_map<std::string, std::size_t> by_path;
    Names names;
    for (const auto& event : consumer.events) {
        const std::string path = path_of(event.webhook.url);
        const auto [place, is_new] = by_path.emplace(path, places.size());
        if (is_new) places.push_back({path, names.take(name_of(path)), {}});
        places[place->second].events.push_back(&event);
    }
    return places;
}

std::string methods_of(const Place& place) {
    std::vector<std::string> methods;
    for (const auto* const event : place.events) {
        std::string method = event->webhook.method;
        std::ranges::transform(method, method.begin(), ascii_upper);
        if (std::ranges::find(methods, method) == methods.end()) methods.push_back(std::move(method));
    }
    if (methods == std::vector<std::string>{"POST"}) return "";
    std::string list;
    for (const auto& method : methods) list += (list.empty() ? "" : ", ") + toml_text(method);
    return "methods = [" + list + "]\n";
}

Result<std::string> source_of(const Place& place, const elytra::EventConsumer& consumer, bool with_secrets, std::string& variable) {
    if (place.path == "/healthz" || place.path == "/readyz")
        return fail(Errc::invalid_input, "the path " + place.path + " is the gateway's own; give the webhook another");
    VerifyWriter writer(place.name, with_secrets);
    const std::string verify = std::visit(writer, place.events.front()->webhook.authentication);
    variable = writer.variable;
    std::string toml = "\n";
    for (const auto* const event : place.events) {
        VerifyWriter shown(place.name, true), first(place.name, true);
        if (std::visit(shown, event->webhook.authentication) != std::visit(first, place.events.front()->webhook.authentication))
            return fail(Errc::invalid_input, "two webhooks post to " + place.path + " with different credentials; give each its own path");
        toml += comment(shown_url(event->webhook.url) + ": " + listed(event->types) +
                        (event->operations.empty() ? "; every operation" : "; " + listed(event->operations)));
    }
    toml += "[[source]]\nname = " + toml_text(place.name) + "\npath = " + toml_text(place.path) + "\n" + methods_of(place) +
            "verify = " + verify + "\ncontent = \"elytra\"\ncloudevents = { source = " + toml_text(consumer.source) +
            ", type_prefix = " + toml_text(consumer.type_prefix) +
            " }\nkey = \"elytra\"                     # events of one object keep their order\n";
    return toml;
}

}  // namespace

Result<ImportedSources> import_event_consumer(const elytra::EventConsumer& consumer, bool with_secrets) {
    ImportedSources imported;
    imported.toml =
        comment("Receives what an event-consumer of Elytra sends. It tries again " + std::to_string(consumer.retry.max_retries) +
                " times, the first time after " + std::to_string(consumer.retry.initial_delay.count()) + " ms.");
    for (const auto& place : places_of(consumer)) {
        std::string variable;
        auto toml = source_of(place, consumer, with_secrets, variable);
        if (!toml) return fail(std::move(toml.error()));
        imported.toml += *toml;
        if (!variable.empty()) imported.variables.push_back(std::move(variable));
    }
    return imported;
}

}  // namespace tenter::config
