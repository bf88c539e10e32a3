#pragma once
// cli/exit_codes.hpp: what every command's exit code means. Scripts depend on them: never change a meaning.

namespace tenter::cli {

inline constexpr int exit_ok = 0;           ///< Done, or the answer is yes.
inline constexpr int exit_failure = 1;      ///< Could not be done, or the answer is no; the reason is on stderr.
inline constexpr int exit_usage = 2;        ///< The command line or the configuration is wrong.
inline constexpr int exit_log_failed = 74;  ///< `serve`: an event could not be made durable (EX_IOERR).

inline constexpr const char* exit_codes_text =
    "Exit codes: 0 done; 1 it could not be done, the reason is on stderr; 2 wrong usage or configuration.";

}  // namespace tenter::cli
