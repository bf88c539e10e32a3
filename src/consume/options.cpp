#include "tenter/consume/options.hpp"

#include <string_view>

namespace tenter::consume {

std::string_view to_string(Notice::Kind kind) noexcept {
    switch (kind) {
        case Notice::Kind::connected: return "connected";
        case Notice::Kind::disconnected: return "disconnected";
        case Notice::Kind::assigned: return "assigned";
        case Notice::Kind::revoked: return "revoked";
        case Notice::Kind::caught_up: return "caught_up";
        case Notice::Kind::lag: return "lag";
        case Notice::Kind::retrying: return "retrying";
        case Notice::Kind::dead_lettered: return "dead_lettered";
        case Notice::Kind::skipped: return "skipped";
        case Notice::Kind::error: return "error";
    }
    return "error";
}

namespace {

Result<void> check(bool good, std::string_view fault) {
    if (good) return {};
    return fail(Errc::invalid_input, std::string(fault));
}

}  // namespace

Result<void> ConsumerOptions::validate() const {
    const auto is_positive = [](std::chrono::milliseconds time) { return time.count() > 0; };
    const std::pair<bool, std::string_view> rules[] = {
        {workers >= 1 && workers <= 1024, "workers must be 1 to 1024"},
        {commit.every_event || is_positive(commit.interval), "commit.interval must be positive"},
        {commit.max_events >= 1, "commit.max_events must be at least 1"},
        {!dead_letter_topic || !dead_letter_topic->empty(), "dead_letter_topic must not be empty"},
        {lag_interval.count() >= 0, "lag_interval must not be negative"},
        {is_positive(connect_timeout), "connect_timeout must be positive"},
        {is_positive(revoke_timeout) && revoke_timeout < max_poll_interval, "revoke_timeout must be positive and below max_poll_interval"},
        {drain_timeout.count() >= 0, "drain_timeout must not be negative"},
        {is_positive(close_timeout), "close_timeout must be positive"},
        {max_buffered_events >= 1, "max_buffered_events must be at least 1"},
        {max_buffered_bytes >= 1, "max_buffered_bytes must be at least 1"},
        {!group.is_none() || !instance_id, "instance_id needs a group"},
        {is_positive(session_timeout) && session_timeout <= max_poll_interval,
         "session_timeout must be positive and at most max_poll_interval"},
        {is_positive(metadata_refresh), "metadata_refresh must be positive"},
    };
    for (const auto& [good, fault] : rules)
        if (auto checked = check(good, fault); !checked) return checked;
    if (!retry) return {};
    if (auto valid = retry->validate(); !valid) return fail(std::move(valid.error()).within("retry"));
    return {};
}

}  // namespace tenter::consume
