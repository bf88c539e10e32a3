#pragma once
// gateway/app/curl_line.hpp: for each source a line for the shell that sends it one event and works as printed. Secrets are read from their
// files by the line itself, so that none is ever printed.

#include <optional>
#include <string>
#include <string_view>

#include "gateway/config/config.hpp"

namespace tenter::app {

/// The line, or nothing for a scheme that a shell cannot sign in one line (asymmetric ones, templates that need the URL).
/// A secret that is not in a file reads as `$SECRET`, for the reader to set.
[[nodiscard]] std::optional<std::string> curl_line(const config::SourceConfig& source, std::string_view base_url);

/// `text` as one word for a POSIX shell.
[[nodiscard]] std::string shell_quoted(std::string_view text);

}  // namespace tenter::app
