#include "gateway/tls/certificates.hpp"

#include <utility>

namespace tenter::tls {

Result<bool> Certificates::refresh() {
    auto identity = load_();
    if (!identity) return fail(std::move(identity.error()));
    if (context_ && *identity == identity_) return false;
    auto context = ServerContext::make(*identity, options_);
    if (!context) return fail(std::move(context.error()));
    identity_ = std::move(*identity);
    context_ = std::move(*context);
    return true;
}

}  // namespace tenter::tls
