#include "cli/input.hpp"

#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "tenter/base/env.hpp"

namespace tenter::cli {
namespace {

constexpr std::size_t largest_input = std::size_t{1} << 30;

Result<Bytes> read_standard_input() {
    Bytes all;
    char buffer[64 * 1024];
    for (;;) {
        const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (got == 0) return all;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Errc::unavailable, std::string("standard input: ") + std::strerror(errno), errno);
        all.append(buffer, static_cast<std::size_t>(got));
        if (all.size() > largest_input) return fail(Errc::too_large, "standard input: over 1 GiB");
    }
}

}  // namespace

Result<Bytes> read_input(const std::string& file) {
    if (file == "-") return read_standard_input();
    PosixEnv env;
    return read_file(env, file, largest_input);
}

}  // namespace tenter::cli
