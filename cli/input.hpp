#pragma once
// cli/input.hpp: what a user gives by file name or on standard input.

#include <string>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::cli {

/// All of the file, or of standard input for "-"; at most 1 GiB. Errors name the file.
[[nodiscard]] Result<Bytes> read_input(const std::string& file);

}  // namespace tenter::cli
