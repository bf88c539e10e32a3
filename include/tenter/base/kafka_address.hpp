#pragma once
// tenter/base/kafka_address.hpp: where a Kafka cluster is and whom it is trusted by, as people write both down: in a connection profile, in
// the gateway's configuration.

#include <string>
#include <string_view>

#include "tenter/base/result.hpp"

namespace tenter {

/// "host:port", "192.0.2.1:port", "[2001:db8::1]:port", "[fe80::1%eth0]:port".
[[nodiscard]] bool is_host_and_port(std::string_view text);

/// "host:port,[2001:db8::1]:port", read with spaces around each, returned without. `invalid_input` counts entries and shows none: somebody
/// may have put a password into one.
[[nodiscard]] Result<std::string> parse_brokers(std::string_view text);

/// Whether all certificates of a PEM text (RFC 7468) are whole, and there is one; OpenSSL says later whether they are certificates.
[[nodiscard]] Result<void> check_pem_certificates(std::string_view text);

}  // namespace tenter
