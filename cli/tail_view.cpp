#include "cli/tail_view.hpp"

namespace tenter::cli {

bool TailView::show(const TailEvent& event) {
    if (has_ended()) return false;
    if (!options_.filter.matches(event)) return true;
    output_is_gone_ = !output_(options_.json ? to_json_line(event) : to_pretty_text(event, options_.colour));
    ++shown_;
    return !has_ended();
}

}  // namespace tenter::cli
