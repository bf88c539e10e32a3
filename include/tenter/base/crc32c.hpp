#pragma once
// tenter/base/crc32c.hpp: CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of Kafka record batches and of our own files.

#include <cstdint>

#include "tenter/base/bytes.hpp"

namespace tenter {

/// Checksum of `bytes`; pass the checksum of what came before as `seed` to go on with it. Uses the processor's instruction where it has
/// one.
[[nodiscard]] std::uint32_t crc32c(BytesView bytes, std::uint32_t seed = 0) noexcept;

}  // namespace tenter
