#pragma once
// gateway/config/first_config.hpp: the configuration of somebody who has none yet: three sources that work at once.

#include <string>

#include "tenter/base/env.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/result.hpp"

namespace tenter::config {

/// Writes the file, and beside it `tenter-data/secrets/elytra` and `.../github` with 256 random bits each, mode 0600 in folders of mode
/// 0700. A secret that is there already is kept. `invalid_input` if the configuration exists: nothing is ever overwritten.
[[nodiscard]] Result<void> write_first_config(Env& env, Random& random, const std::string& path);

}  // namespace tenter::config
