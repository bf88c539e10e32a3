#include "tenter/envelope/connection_profile.hpp"

#include <algorithm>
#include <ostream>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "tenter/base/exception.hpp"
#include "tenter/base/json_text.hpp"
#include "tenter/base/kafka_address.hpp"
#include "tenter/base/text.hpp"
#include "tenter/event/json.hpp"
#include "tenter/event/json_value.hpp"

namespace tenter::envelope {
namespace {

/// What a JSON value is, by the first character of its text.
std::string_view kind_of(BytesView value) {
    switch (value.empty() ? '\0' : value.front()) {
        case '{': return "object";
        case '[': return "array";
        case '"': return "string";
        case 't':
        case 'f': return "boolean";
        case 'n': return "null";
        default: return "number";
    }
}

/// One object of the profile. Members that nobody asks for may hold anything that is JSON.
class ProfileObject {
public:
    static Result<ProfileObject> parse(BytesView text, std::string path) {
        auto members = event::json_members(text);
        if (!members) return fail(std::move(members.error()));
        return ProfileObject(std::move(*members), std::move(path));
    }

    [[nodiscard]] std::string path_of(std::string_view name) const {
        return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
    }

    [[nodiscard]] Result<ProfileObject> object(std::string_view name) const {
        const auto value = find(name);
        if (!value) return fail(Errc::invalid_input, path_of(name) + " is missing");
        if (kind_of(*value) != "object") return wrong_kind(name, "object", *value);
        return parse(*value, path_of(name));
    }

    [[nodiscard]] Result<std::string> text(std::string_view name) const {
        const auto value = find(name);
        if (!value) return fail(Errc::invalid_input, path_of(name) + " is missing");
        return read_text(name, *value);
    }

    /// Nothing where the member is missing or null.
    [[nodiscard]] Result<std::optional<std::string>> optional_text(std::string_view name) const {
        const auto value = find(name);
        if (!value || *value == "null") return std::optional<std::string>();
        auto text = read_text(name, *value);
        if (!text) return fail(std::move(text.error()));
        return std::optional<std::string>(std::move(*text));
    }

private:
    ProfileObject(std::vector<event::JsonMember> members, std::string path) : members_(std::move(members)), path_(std::move(path)) {}

    /// The first of that name.
    [[nodiscard]] std::optional<BytesView> find(std::string_view name) const {
        const auto member = std::ranges::find(members_, name, &event::JsonMember::name);
        return member == members_.end() ? std::nullopt : std::optional<BytesView>(member->value);
    }

    [[nodiscard]] std::unexpected<Error> wrong_kind(std::string_view name, std::string_view expected, BytesView value) const {
        return fail(Errc::invalid_input, path_of(name).append(": expected ").append(expected).append(", found ").append(kind_of(value)));
    }

    [[nodiscard]] Result<std::string> read_text(std::string_view name, BytesView value) const {
        if (kind_of(value) != "string") return wrong_kind(name, "string", value);
        auto decoded = event::json_value(value, path_of(name));
        if (!decoded) return fail(std::move(decoded.error()));
        std::string text(decoded->as_string());
        if (text.empty()) return fail(Errc::invalid_input, path_of(name) + " is empty");
        return text;
    }

    std::vector<event::JsonMember> members_;
    std::string path_;
};

Result<std::string> without_nul(Result<std::string> text, std::string_view path) {
    if (text && text->find('\0') != std::string::npos) return fail(Errc::invalid_input, std::string(path) + " has a NUL in it");
    return text;
}

Result<void> read_auth(const ProfileObject& profile, ConnectionProfile& out) {
    const auto auth = profile.object("auth");
    if (!auth) return fail(auth.error());
    const auto mechanism = auth->text("mechanism");
    if (!mechanism) return fail(mechanism.error());
    if (!equals_ignoring_case(*mechanism, "plain"))
        return fail(Errc::unsupported, "auth.mechanism is not \"plain\", the only one that is known");
    auto secret = without_nul(auth->text("secret"), "auth.secret");
    if (!secret) return fail(secret.error());
    out.auth_secret = Secret(std::move(*secret));
    return {};
}

Result<void> read_kafka(const ProfileObject& profile, ConnectionProfile& out) {
    const auto kafka = profile.object("kafka");
    if (!kafka) return fail(kafka.error());
    const auto bootstrap = kafka->text("bootstrap");
    if (!bootstrap) return fail(bootstrap.error());
    auto brokers = parse_brokers(*bootstrap);
    if (!brokers) return fail(std::move(brokers.error()).within("kafka.bootstrap"));
    out.kafka_bootstrap = std::move(*brokers);
    auto ca = kafka->optional_text("ca");
    if (!ca) return fail(ca.error());
    if (*ca) {
        if (auto pem = check_pem_certificates(**ca); !pem) return fail(std::move(pem.error()).within("kafka.ca"));
    }
    out.kafka_ca = std::move(*ca);
    return {};
}

Result<ConnectionProfile> read_profile(std::string_view text) {
    if (text.size() > ConnectionProfile::max_size)
        return fail(Errc::too_large, "over " + std::to_string(ConnectionProfile::max_size) + " bytes");
    const auto object = ProfileObject::parse(text, "");
    if (!object) return fail(object.error());
    ConnectionProfile profile;
    auto name = without_nul(object->text("consumer_name"), "consumer_name");
    if (!name) return fail(name.error());
    profile.consumer_name = std::move(*name);
    if (auto auth = read_auth(*object, profile); !auth) return fail(auth.error());
    if (auto kafka = read_kafka(*object, profile); !kafka) return fail(kafka.error());
    return profile;
}

Result<ConnectionProfile> read_profile_of(std::string_view source, std::string_view text) {
    auto profile = read_profile(text);
    if (!profile) return fail(std::move(profile.error()).within(source));
    return profile;
}

}  // namespace

Result<ConnectionProfile> ConnectionProfile::try_from_file(Env& env, const std::string& path) {
    auto content = read_file(env, path, max_size);
    if (!content) return fail(std::move(content.error()));
    const Secret text(std::move(*content));  // it holds one, so it is overwritten
    return read_profile_of(path, text.reveal());
}

Result<ConnectionProfile> ConnectionProfile::try_from_file(const std::string& path) {
    PosixEnv env;
    return try_from_file(env, path);
}

Result<ConnectionProfile> ConnectionProfile::try_from_json(std::string_view text) { return read_profile_of("connection profile", text); }

Result<ConnectionProfile> ConnectionProfile::try_from_env(const std::string& variable, const Environment& environment) {
    const auto text = secret_from_environment(variable, environment);
    if (!text) return fail(text.error());
    return read_profile_of("environment variable " + variable, text->reveal());
}

ConnectionProfile ConnectionProfile::from_file(const std::string& path) { return value_or_throw(try_from_file(path)); }
ConnectionProfile ConnectionProfile::from_json(std::string_view text) { return value_or_throw(try_from_json(text)); }
ConnectionProfile ConnectionProfile::from_env(const std::string& variable) { return value_or_throw(try_from_env(variable)); }

std::string ConnectionProfile::to_json() const {
    std::string json = "{\"consumer_name\":";
    append_json_string(json, consumer_name);
    json += ",\"auth\":{\"mechanism\":";
    append_json_string(json, auth_mechanism);
    json += ",\"secret\":";
    append_json_string(json, auth_secret.reveal());
    json += "},\"kafka\":{\"bootstrap\":";
    append_json_string(json, kafka_bootstrap);
    if (kafka_ca) {
        json += ",\"ca\":";
        append_json_string(json, *kafka_ca);
    }
    return json += "}}";
}

std::ostream& operator<<(std::ostream& out, const ConnectionProfile& profile) {
    return out << profile.consumer_name << " at " << profile.kafka_bootstrap << " (" << profile.auth_mechanism
               << (profile.kafka_ca ? ", with a CA of its own)" : ")");
}

}  // namespace tenter::envelope
