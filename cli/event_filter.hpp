#pragma once
// cli/event_filter.hpp: `--header` and `--pointer`: which events are shown.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/tail_event.hpp"
#include "tenter/base/result.hpp"

namespace tenter::cli {

/// Conditions that must all hold. Without any, everything matches; with one, records that cannot be read do not.
class EventFilter {
public:
    /// "NAME": the event has that header; "NAME=VALUE": one of its values is exactly VALUE. Names compare without case.
    [[nodiscard]] Result<void> add_header(std::string_view text);
    /// "/a/b": the body has something at that JSON pointer (RFC 6901), be it null; "/a/b=VALUE": it is VALUE, a string as its text and
    /// anything else as it is written. The first "=" ends the pointer. A CBOR body is looked at as its JSON value.
    [[nodiscard]] Result<void> add_pointer(std::string_view text);

    [[nodiscard]] bool matches(const TailEvent& event) const;

private:
    struct Condition {
        std::string at;  ///< Header name or pointer.
        std::optional<std::string> value;
    };
    [[nodiscard]] static Condition split(std::string_view text);
    [[nodiscard]] static bool has_header(const TailEvent& event, const Condition& condition);
    [[nodiscard]] static bool has_place(std::string_view json, const Condition& condition);

    std::vector<Condition> headers_;
    std::vector<Condition> pointers_;
};

}  // namespace tenter::cli
