#include "tenter/base/timestamp.hpp"

#include <cstdio>

#include "tenter/base/text.hpp"

namespace tenter {
namespace {

using namespace std::chrono;

/// Reads a timestamp from left to right and remembers where it stands.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    Result<int> number(std::size_t digits, int least, int greatest, const char* what) {
        int value = 0;
        const std::size_t start = at_;
        for (std::size_t i = 0; i < digits; ++i, ++at_) {
            if (at_ >= text_.size() || !is_ascii_digit(text_[at_])) return wrong(what, at_);
            value = value * 10 + (text_[at_] - '0');
        }
        if (value < least || value > greatest) return wrong(what, start);
        return value;
    }

    Result<char> one_of(std::string_view allowed) {
        if (at_ >= text_.size() || allowed.find(text_[at_]) == std::string_view::npos)
            return wrong(("'" + std::string(allowed.substr(0, 1)) + "' expected").c_str(), at_);
        return text_[at_++];
    }

    bool skip(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    Result<milliseconds> fraction() {
        int value = 0;
        int digits = 0;
        for (; at_ < text_.size() && is_ascii_digit(text_[at_]); ++at_, ++digits)
            if (digits < 3) value = value * 10 + (text_[at_] - '0');
        if (digits == 0) return wrong("digits after '.' expected", at_);
        for (; digits < 3; ++digits) value *= 10;
        return milliseconds(value);
    }

    [[nodiscard]] bool at_end() const noexcept { return at_ == text_.size(); }
    [[nodiscard]] std::unexpected<Error> wrong(const char* what, std::size_t at) const {
        return fail(Errc::invalid_input, "timestamp: wrong " + std::string(what) + " at byte " + std::to_string(at));
    }
    [[nodiscard]] std::size_t at() const noexcept { return at_; }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

Result<sys_days> read_date(Reader& in) {
    const auto y = in.number(4, 0, 9999, "year");
    if (!y) return fail(y.error());
    if (auto dash = in.one_of("-"); !dash) return fail(dash.error());
    const auto m = in.number(2, 1, 12, "month");
    if (!m) return fail(m.error());
    if (auto dash = in.one_of("-"); !dash) return fail(dash.error());
    const auto d = in.number(2, 1, 31, "day");
    if (!d) return fail(d.error());
    const year_month_day date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
    if (!date.ok()) return in.wrong("day", in.at() - 2);
    return sys_days(date);
}

struct TimeOfDay {
    seconds whole;
    milliseconds fraction{0};
    bool leap = false;
};

Result<TimeOfDay> read_time(Reader& in) {
    const auto h = in.number(2, 0, 23, "hour");
    if (!h) return fail(h.error());
    if (auto colon = in.one_of(":"); !colon) return fail(colon.error());
    const auto m = in.number(2, 0, 59, "minute");
    if (!m) return fail(m.error());
    if (auto colon = in.one_of(":"); !colon) return fail(colon.error());
    const auto s = in.number(2, 0, 60, "second");
    if (!s) return fail(s.error());
    TimeOfDay time{hours(*h) + minutes(*m) + seconds(*s), milliseconds(0), *s == 60};
    if (in.skip('.')) {
        const auto part = in.fraction();
        if (!part) return fail(part.error());
        time.fraction = *part;
    }
    return time;
}

Result<minutes> read_offset(Reader& in) {
    const auto sign = in.one_of("Zz+-");
    if (!sign) return fail(sign.error());
    if (*sign == 'Z' || *sign == 'z') return minutes(0);
    const auto h = in.number(2, 0, 23, "offset hour");
    if (!h) return fail(h.error());
    if (auto colon = in.one_of(":"); !colon) return fail(colon.error());
    const auto m = in.number(2, 0, 59, "offset minute");
    if (!m) return fail(m.error());
    const minutes offset = hours(*h) + minutes(*m);
    return *sign == '-' ? -offset : offset;
}

/// A leap second comes only at the end of a month in UTC; there it reads as the first second of the next month.
bool is_leap_place(sys_seconds instant_after) {
    const auto midnight = floor<days>(instant_after);
    return instant_after == midnight && year_month_day(midnight).day() == day(1);
}

}  // namespace

std::string to_rfc3339(UnixMillis time) {
    const auto midnight = floor<days>(time);
    const year_month_day date(midnight);
    const hh_mm_ss clock(time - midnight);
    char buffer[40];
    const int length =
        std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()), unsigned(date.month()),
                      unsigned(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return {buffer, static_cast<std::size_t>(length)};
}

Result<UnixMillis> parse_rfc3339(std::string_view text) {
    Reader in(text);
    const auto date = read_date(in);
    if (!date) return fail(date.error());
    if (auto t = in.one_of("Tt"); !t) return fail(t.error());
    const auto time = read_time(in);
    if (!time) return fail(time.error());
    const auto offset = read_offset(in);
    if (!offset) return fail(offset.error());
    if (!in.at_end()) return in.wrong("end", in.at());
    const sys_seconds instant = sys_seconds(*date) + time->whole - *offset;
    if (time->leap && !is_leap_place(instant)) return in.wrong("second", 17);
    return UnixMillis(instant) + (time->leap ? milliseconds(0) : time->fraction);
}

}  // namespace tenter
