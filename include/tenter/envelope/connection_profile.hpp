#pragma once
// tenter/envelope/connection_profile.hpp: what a consumer needs to know to connect, as Mister Webhooks hands it out.
//
//   {"consumer_name": "shop.orders", "auth": {"mechanism": "plain", "secret": "..."},
//    "kafka": {"bootstrap": "kafka.example:9092", "ca": "-----BEGIN CERTIFICATE-----\n..."}}
//
// `kafka.ca` is Tenter's own member; other clients ignore it, as this one ignores members that it does not know.

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"
#include "tenter/base/secret.hpp"
#include "tenter/base/secret_source.hpp"

namespace tenter::envelope {

/// A connection profile. Value type; the names are those of the Python package. Printing one shows everything but the secret.
///
/// Failures of all that read one: `invalid_input` names the source and the member ("profile.json: auth.secret is missing"), never a value.
/// Required are all members but `kafka.ca`; each is a string, and none is empty. `unsupported`: a mechanism other than "plain".
struct ConnectionProfile {
    std::string consumer_name;              ///< The user, and the consumer group. No NUL.
    std::string auth_mechanism = "plain";   ///< SASL mechanism; read in any case, kept in lower case.
    Secret auth_secret;                     ///< No NUL.
    std::string kafka_bootstrap;            ///< "host:port,[2001:db8::1]:port": read with spaces around each, kept without.
    std::optional<std::string> kafka_ca{};  ///< PEM text with at least one certificate; else the system's trust store decides.

    /// The largest profile, in bytes.
    static constexpr std::size_t max_size = 1024 * 1024;

    /// The profile in a file. Throws Exception: as `try_from_file`.
    [[nodiscard]] static ConnectionProfile from_file(const std::string& path);
    /// Failures to read name the path: `not_found`, `too_large` over `max_size`, `unavailable` for the rest (a folder, no permission).
    [[nodiscard]] static Result<ConnectionProfile> try_from_file(const std::string& path);
    [[nodiscard]] static Result<ConnectionProfile> try_from_file(Env& env, const std::string& path);

    /// The profile in a text. Throws Exception: as `try_from_json`. Messages begin with "connection profile".
    [[nodiscard]] static ConnectionProfile from_json(std::string_view text);
    [[nodiscard]] static Result<ConnectionProfile> try_from_json(std::string_view text);

    /// The profile in an environment variable, which holds the JSON text itself. Throws Exception: as `try_from_env`. As getenv: no thread
    /// may change the environment meanwhile.
    [[nodiscard]] static ConnectionProfile from_env(const std::string& variable);
    /// `invalid_input` also where the variable is not set or empty.
    [[nodiscard]] static Result<ConnectionProfile> try_from_env(const std::string& variable,
                                                                const Environment& environment = process_environment());

    /// The JSON text that `from_json` reads back. It holds the secret: for files with mode 0600, not for logs.
    [[nodiscard]] std::string to_json() const;

    /// Compares secrets in constant time.
    friend bool operator==(const ConnectionProfile&, const ConnectionProfile&) noexcept = default;
};

/// Name, mechanism and brokers, for people. Never the secret.
std::ostream& operator<<(std::ostream& out, const ConnectionProfile& profile);

}  // namespace tenter::envelope
