#include "tenter/base/result.hpp"

namespace tenter {

std::string_view to_string(Errc code) noexcept {
    switch (code) {
        case Errc::invalid_input: return "invalid_input";
        case Errc::unauthenticated: return "unauthenticated";
        case Errc::not_found: return "not_found";
        case Errc::too_large: return "too_large";
        case Errc::unavailable: return "unavailable";
        case Errc::overloaded: return "overloaded";
        case Errc::corrupt: return "corrupt";
        case Errc::unsupported: return "unsupported";
    }
    return "unknown";
}

Error Error::within(std::string_view place) && {
    message.insert(0, ": ");
    message.insert(0, place);
    return std::move(*this);
}

}  // namespace tenter
