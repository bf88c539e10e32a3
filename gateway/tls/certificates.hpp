#pragma once
// gateway/tls/certificates.hpp: the identity that new connections meet, renewed while the server runs.
//
//   refresh() now and then --> own: issue anew when due    --changed--> another ServerContext for connections to come;
//                              files: read them again                    those that are open keep theirs

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/tls/server_context.hpp"

namespace tenter::tls {

/// Belongs to one thread.
class Certificates {
public:
    /// Gives the identity as it should be now: `ensure_identity` or `read_identity`.
    using Load = std::function<Result<Identity>()>;

    Certificates(Load load, ServerOptions options) : load_(std::move(load)), options_(options) {}

    /// True if there is another identity than before. After a failure the one before stays.
    [[nodiscard]] Result<bool> refresh();

    /// After the first `refresh` that did not fail.
    [[nodiscard]] const ServerContext& context() const { return *context_; }
    [[nodiscard]] const Identity& identity() const { return identity_; }

private:
    Load load_;
    ServerOptions options_;
    Identity identity_;
    std::shared_ptr<const ServerContext> context_;
};

}  // namespace tenter::tls
