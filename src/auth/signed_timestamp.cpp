#include "src/auth/signed_timestamp.hpp"

#include <charconv>

#include "tenter/base/timestamp.hpp"

namespace tenter::auth {
namespace {

constexpr std::size_t max_digits = 15;  // milliseconds until the year 33658; seconds times 1,000 still fit 64 bits

}  // namespace

Result<UnixMillis> parse_signed_timestamp(std::string_view text, TimestampUnit unit) {
    if (unit == TimestampUnit::rfc3339) {
        const auto time = parse_rfc3339(text);
        if (!time) return fail(Errc::unauthenticated, "the timestamp is not RFC 3339");
        return *time;
    }
    std::int64_t number = 0;
    const bool is_digits = !text.empty() && text.size() <= max_digits && text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!is_digits) return fail(Errc::unauthenticated, "the timestamp is not a number of " + std::string(to_string(unit)));
    std::from_chars(text.data(), text.data() + text.size(), number);
    return UnixMillis(std::chrono::milliseconds(unit == TimestampUnit::seconds ? number * 1'000 : number));
}

std::string format_signed_timestamp(UnixMillis time, TimestampUnit unit) {
    if (unit == TimestampUnit::rfc3339) return to_rfc3339(time);
    if (unit == TimestampUnit::milliseconds) return std::to_string(time.time_since_epoch().count());
    return std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

Result<void> check_tolerance(UnixMillis time, UnixMillis now, std::chrono::seconds tolerance) {
    if (std::chrono::abs(now - time) <= tolerance) return {};
    return fail(Errc::unauthenticated, std::string("the timestamp is too ") + (time < now ? "old" : "new") + ": more than " +
                                           std::to_string(tolerance.count()) + " s from now");
}

}  // namespace tenter::auth
