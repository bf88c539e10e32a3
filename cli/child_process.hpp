#pragma once
// cli/child_process.hpp: one run of another program: octets on its standard input, a limit on its time, and nothing of ours but standard
// output and error.
//
//   running --timeout, or stop + grace--> SIGTERM --kill_after--> SIGKILL        to the whole process group, which is the child's own

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::cli {

struct ChildCommand {
    std::vector<std::string> arguments;    ///< The program, looked for in $PATH, and what it is given.
    std::vector<std::string> environment;  ///< All of it: "NAME=VALUE", no NUL.
};

struct ChildLimits {
    std::chrono::milliseconds timeout{0};         ///< 0: none.
    std::chrono::milliseconds grace{10'000};      ///< To end by itself once a stop was asked for.
    std::chrono::milliseconds kill_after{2'000};  ///< From SIGTERM to SIGKILL.
};

struct ChildEnd {
    enum class How : std::uint8_t { exited, killed, timed_out };
    How how = How::exited;
    int code = 0;  ///< Exit code; `killed`: the signal.

    bool operator==(const ChildEnd&) const = default;
};

/// "exit code 3", "killed by signal 9 (Killed)", "did not end in time"
[[nodiscard]] std::string to_string(const ChildEnd& end);

/// Runs it to its end. It may leave its input unread, or close it. `stop` begins the grace, `hurry` ends it. SIGPIPE must be ignored in
/// this process. Thread safe. `unavailable`, with `os_error`, where it cannot be started.
[[nodiscard]] Result<ChildEnd> run_child(const ChildCommand& command, BytesView input, const ChildLimits& limits,
                                         const std::stop_token& stop, const std::stop_token& hurry);

}  // namespace tenter::cli
