#pragma once
// tenter/base/assert.hpp: checks for programmers' errors, which stay on in release builds: a log that goes on with a broken invariant
// destroys what people cannot get again.

namespace tenter::detail {
/// Prints the failed condition and its place to stderr and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;
}  // namespace tenter::detail

/// Aborts with the place when `condition` is false. Never for wrong input: that is a `Result`.
#define TENTER_ASSERT(condition) \
    (static_cast<bool>(condition) ? static_cast<void>(0) : ::tenter::detail::assertion_failed(#condition, __FILE__, __LINE__))
