#pragma once
// gateway/app/forward_options.hpp: forwarding as the configuration asks for it; the same for the gateway and for `tenter log forward`.

#include <functional>
#include <string>

#include "gateway/config/config.hpp"
#include "gateway/forward/forwarder.hpp"
#include "tenter/base/result.hpp"

namespace tenter::app {

/// `config.forward` must be set. `log_id`: the id of the log that is forwarded, once it is known.
[[nodiscard]] forward::ForwarderOptions forward_options(const config::Config& config, std::function<Result<std::string>()> log_id);

/// The most that a source's event can take as a record, without the batch around it: its body, which its key may hold once more, and its
/// head, which is stored in the envelope and in part as `tenter-target`, in the worst case each byte as two and with lengths around it.
[[nodiscard]] std::size_t largest_payload(const config::Config& config);

}  // namespace tenter::app
