#pragma once
// tenter/base/secret_source.hpp: where secrets come from when they do not stand in the program or its configuration.

#include <functional>
#include <optional>
#include <string>

#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"
#include "tenter/base/secret.hpp"

namespace tenter {

/// Value of an environment variable, or nothing: replaced in tests.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of this process. As getenv: no thread may change it meanwhile.
[[nodiscard]] Environment process_environment();

/// The value of a variable. `invalid_input` names it where it is not set or empty.
[[nodiscard]] Result<Secret> secret_from_environment(const std::string& name, const Environment& environment = process_environment());

/// The content of a file of at most 64 KiB, without one line end at its end. `invalid_input` where it is empty; failures to read as
/// `read_file`. Messages name the path, never the content.
[[nodiscard]] Result<Secret> secret_from_file(const std::string& path);
[[nodiscard]] Result<Secret> secret_from_file(Env& env, const std::string& path);

}  // namespace tenter
