#pragma once
// gateway/log_segment/log_id.hpp: the name of a log among all logs: a UUID that is made once for each folder. What is copied out of this
// log carries it, and whoever copies knows by it what they have already (gateway/forward).

#include <optional>

#include "gateway/log_segment/layout.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"
#include "tenter/base/uuid.hpp"

namespace tenter::log {

/// Nothing if the folder has none yet: it was made by an earlier version, or never came to an end of its first start. `corrupt` if there
/// is no UUID in the file: it is never replaced, for then everything would be copied again.
[[nodiscard]] Result<std::optional<Uuid>> load_log_id(Env& env, const Layout& layout);
/// Makes and stores one. It may be used once the log's folder has been synced after it. `overloaded`: no room; call it again later.
[[nodiscard]] Result<Uuid> make_log_id(Env& env, const Layout& layout, const Clock& clock);

}  // namespace tenter::log
