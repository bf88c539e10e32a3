#pragma once
// tenter/auth/verifier.hpp: one question, "who sent this?", and the one interface that answers it for every scheme.
//
//   request (method, target, headers, raw body) --> Verifier::verify --> Verified{scheme, message id} | unauthenticated

#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/clock.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"

namespace tenter::auth {

/// What a verifier found out.
struct Verified {
    std::string_view scheme;      ///< Name of the scheme: "basic", "github"; lives as long as the verifier.
    std::string_view message_id;  ///< The sender's id of this message where the scheme signs one (`webhook-id`); a view into the request.
};

/// Where a request carries the credential itself (a password, token or key, not a signature): what must never be stored.
struct CredentialPlaces {
    std::vector<std::string> headers;           ///< Names, lower-case.
    std::vector<std::string> query_parameters;  ///< Names, exactly as sent.
};

/// Proves who sent a request. Immutable after construction: all members may be called from any thread.
class Verifier {
public:
    Verifier() = default;
    Verifier(const Verifier&) = delete;
    Verifier& operator=(const Verifier&) = delete;
    virtual ~Verifier() = default;

    /// `unauthenticated` with a reason fit for the sender (never a secret, never an expected value). Works on raw bytes; the time taken
    /// does not depend on how much of a guess was right. `now` is compared with signed timestamps.
    [[nodiscard]] virtual Result<Verified> verify(const HttpRequestView& request, UnixMillis now) const = 0;
    /// The scheme's name, as in the configuration.
    [[nodiscard]] virtual std::string_view scheme() const noexcept = 0;
    [[nodiscard]] virtual const CredentialPlaces& credential_places() const noexcept = 0;
    /// The challenge for `WWW-Authenticate` with a 401 (RFC 9110 11.6.1): `Basic realm="tenter"`; empty where there is none.
    [[nodiscard]] virtual std::string_view challenge() const noexcept { return {}; }
};

}  // namespace tenter::auth
