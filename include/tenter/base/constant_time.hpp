#pragma once
// tenter/base/constant_time.hpp: comparing secrets without telling, by the time it takes, how much of a guess was right.

#include "tenter/base/bytes.hpp"

namespace tenter {

/// True if equal. The time depends on the lengths only, not on the content; where the length itself is a secret, compare digests.
[[nodiscard]] bool constant_time_equal(BytesView a, BytesView b) noexcept;

}  // namespace tenter
