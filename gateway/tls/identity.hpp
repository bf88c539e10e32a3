#pragma once
// gateway/tls/identity.hpp: who this server is to its clients: a certificate and its key, the operator's own or one that the gateway makes.
//
//   <data>/tls/ca.key       the authority's key; written first, so that a ca.pem that somebody has seen always has its key
//   <data>/tls/ca.pem       what clients trust; made once, never replaced
//   <data>/tls/server.pem   the server's key and certificate in one file, so that no crash can part them; renewed by itself
//   <data>/tls/lock         held while any of them is made: `tenter consumer add` and the gateway may start at the same time

#include <chrono>
#include <string>
#include <vector>

#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"
#include "tenter/base/secret.hpp"

namespace tenter::tls {

/// Value type, as PEM.
struct Identity {
    std::string certificates;  ///< The server's own first, then those between it and the authority.
    Secret key;
    std::string authority;  ///< What clients must trust, for connection profiles. Empty: an authority that their systems know.

    friend bool operator==(const Identity&, const Identity&) = default;
};

/// How long certificates last. Those of servers less than the 398 days that some clients allow at most.
inline constexpr std::chrono::days authority_life{25 * 365};
inline constexpr std::chrono::days server_life{365};
/// Certificates begin in the past: clocks of clients may be behind ours.
inline constexpr std::chrono::hours clock_tolerance{24};

/// The certificate (PEM) of the gateway's own authority, made if there is none, with `data_folder` if need be. For the gateway and, beside
/// it, for commands. `overloaded`: another process has held the lock for 10 s; `corrupt` names a file that cannot be read or that lacks its
/// key; `unavailable`, `overloaded`: the disk.
[[nodiscard]] Result<std::string> ensure_authority(Env& env, const Clock& clock, const std::string& data_folder);

/// The gateway's own identity for `names` (DNS names and numeric addresses, at least one). Makes what is missing, and a new certificate
/// where less than a third of the old one's life is left, it has not begun, it lacks one of `names` or cannot be read. Fails as
/// `ensure_authority`, and with `invalid_input` for a name that is none.
[[nodiscard]] Result<Identity> ensure_identity(Env& env, const Clock& clock, const std::string& data_folder,
                                               const std::vector<std::string>& names);

/// Files of the operator: a certificate with what is between it and its authority, its key, and the authority's certificate (empty: one
/// that clients know). Keys of any kind that OpenSSL reads: RSA, ECDSA, Ed25519.
struct IdentityFiles {
    std::string certificate;
    std::string key;
    std::string authority;
};

/// `invalid_input` names the file that is not what it should be, or says that certificate and key do not belong together.
[[nodiscard]] Result<Identity> read_identity(Env& env, const IdentityFiles& files);

/// When the server's certificate of an identity ends. `invalid_input` if it cannot be read.
[[nodiscard]] Result<UnixMillis> expiry_of(const Identity& identity);

}  // namespace tenter::tls
