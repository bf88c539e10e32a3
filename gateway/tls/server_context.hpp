#pragma once
// gateway/tls/server_context.hpp: what all sessions of a server share: its identity and what it agrees to.

#include <memory>

#include "gateway/tls/identity.hpp"
#include "tenter/base/result.hpp"

struct ssl_ctx_st;

namespace tenter::tls {

struct ServerOptions {
    bool allow_tls_1_2 = false;  ///< Beside 1.3; with forward secrecy and authenticated ciphers only.
};

/// Immutable; any thread may make sessions from it. Sessions keep what they need of it alive.
/// No session is resumed: there is no ticket key that could leak, and nothing is kept of a client that is gone.
class ServerContext {
public:
    /// `invalid_input` if the identity is not one, or if OpenSSL finds its key too weak.
    [[nodiscard]] static Result<std::shared_ptr<const ServerContext>> make(const Identity& identity, ServerOptions options);

    ServerContext(const ServerContext&) = delete;
    ServerContext& operator=(const ServerContext&) = delete;
    ~ServerContext();

    [[nodiscard]] ssl_ctx_st* native() const noexcept { return context_; }  ///< For `Session`.

private:
    explicit ServerContext(ssl_ctx_st* context) noexcept : context_(context) {}

    ssl_ctx_st* context_;
};

}  // namespace tenter::tls
