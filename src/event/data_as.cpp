#include "tenter/event/data_as.hpp"

namespace tenter::event {
namespace {

std::string_view kind_name(const boost::json::value& value) {
    switch (value.kind()) {
        case boost::json::kind::null: return "null";
        case boost::json::kind::bool_: return "boolean";
        case boost::json::kind::int64:
        case boost::json::kind::uint64:
        case boost::json::kind::double_: return "number";
        case boost::json::kind::string: return "string";
        case boost::json::kind::array: return "array";
        case boost::json::kind::object: return "object";
    }
    return "";
}

}  // namespace

std::string JsonPlace::path() const {
    std::string path = parent_ != nullptr ? parent_->path() : "";
    if (is_index_) return path + "[" + std::to_string(index_) + "]";
    if (!path.empty() && !name_.empty()) path += '.';
    return path.append(name_);
}

std::unexpected<Error> JsonPlace::wrong(std::string_view what) const {
    const std::string where = path();
    return fail(Errc::invalid_input, (where.empty() ? "" : where + ": ") + std::string(what));
}

std::unexpected<Error> JsonPlace::expected(std::string_view what, const boost::json::value& found) const {
    return wrong(std::string("expected ").append(what).append(", found ").append(kind_name(found)));
}

}  // namespace tenter::event
