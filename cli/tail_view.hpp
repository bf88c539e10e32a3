#pragma once
// cli/tail_view.hpp: what `tenter tail` does with each event, whichever log it comes from: filter, show, count.

#include <cstdint>
#include <functional>
#include <limits>
#include <string_view>
#include <utility>

#include "cli/event_filter.hpp"
#include "cli/tail_event.hpp"

namespace tenter::cli {

struct TailViewOptions {
    EventFilter filter{};
    std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  ///< Of what is shown.
    bool json = false;
    bool colour = false;
};

/// Gets each event's text; false ends the tail (the reader went away).
using TailOutput = std::function<bool(std::string_view)>;

class TailView {
public:
    TailView(TailViewOptions options, TailOutput output) : options_(std::move(options)), output_(std::move(output)) {}

    /// Shows an event that passes the filter. False: that was the last one; so is every call after it, which shows nothing.
    [[nodiscard]] bool show(const TailEvent& event);
    [[nodiscard]] bool has_ended() const noexcept { return shown_ >= options_.limit || output_is_gone_; }

private:
    TailViewOptions options_;
    TailOutput output_;
    std::uint64_t shown_ = 0;
    bool output_is_gone_ = false;
};

}  // namespace tenter::cli
