#include "cli/kafka_options.hpp"

#include <utility>

#include "gateway/config/units.hpp"

namespace tenter::cli {

consume::StartPoint kafka_start(const std::optional<StartPoint>& from) {
    if (!from) return consume::StartPoint::last_processed();
    if (std::holds_alternative<FromEarliest>(*from)) return consume::StartPoint::earliest();
    if (const auto* const offset = std::get_if<FromOffset>(&*from)) return consume::StartPoint::at_offset(offset->offset);
    if (const auto* const time = std::get_if<FromTime>(&*from)) return consume::StartPoint::at(time->time);
    return consume::StartPoint::latest();
}

std::optional<std::string> NoticeLines::line(const consume::Notice& notice) {
    using Kind = consume::Notice::Kind;
    const std::string place = notice.place ? to_string(*notice.place) + ": " : "";
    switch (notice.kind) {
        case Kind::disconnected: is_lost_ = true; return "connection lost: " + notice.message + "; trying again";
        case Kind::connected:
            if (!std::exchange(is_lost_, false)) return std::nullopt;
            return "connected again";
        case Kind::revoked:
            if (notice.message.empty()) return std::nullopt;
            return notice.message;
        case Kind::retrying: return place + notice.message + "; trying again in " + config::duration_text(notice.delay);
        case Kind::dead_lettered: return place + notice.message + "; now in the dead-letter topic";
        case Kind::skipped: return place + "skipped: " + notice.message;
        case Kind::error: return place + notice.message;
        case Kind::assigned:
        case Kind::caught_up:
        case Kind::lag: break;
    }
    return std::nullopt;
}

}  // namespace tenter::cli
