#pragma once
// tenter/base/uuid.hpp: UUIDs as RFC 9562 writes them; version 7 names every event that Tenter accepts.
//
//   0                   48   52           64 66                      128
//   | unix_ts_ms (48)   | 7  | counter(12) |10| random (62)           |

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "tenter/base/clock.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/result.hpp"

namespace tenter {

/// 128 bits in network order; compares as its text does.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    /// "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", lower-case.
    [[nodiscard]] std::string to_string() const;
    /// Writes the 36 characters of `to_string()` to `out`, without a terminator.
    void write_to(char* out) const noexcept;
    /// Milliseconds since 1970 of a version 7 UUID; meaningless for other versions.
    [[nodiscard]] UnixMillis timestamp() const noexcept;

    /// Accepts the 36-character form in either case; anything else is `invalid_input`.
    [[nodiscard]] static Result<Uuid> parse(std::string_view text);

    friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// Makes version 7 UUIDs that rise strictly within one generator (RFC 9562, 6.2 method 1): the 12 bits after the version count up within
/// a millisecond, and when they are used up, or the clock goes back, the timestamp runs ahead. Belongs to one thread.
class UuidV7Generator {
public:
    UuidV7Generator(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
    [[nodiscard]] Uuid next();

private:
    const Clock& clock_;
    Random& random_;
    std::int64_t last_ms_ = -1;
    std::uint16_t counter_ = 0;
};

}  // namespace tenter
