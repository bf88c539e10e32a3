#include "tenter/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace tenter::detail {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "tenter: internal error: %s does not hold (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace tenter::detail
