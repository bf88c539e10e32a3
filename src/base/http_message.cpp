#include "tenter/base/http_message.hpp"

#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"

namespace tenter {
namespace {

std::string_view essence_of(std::string_view content_type) noexcept { return trim_ows(content_type.substr(0, content_type.find(';'))); }

}  // namespace

std::optional<std::string_view> find_header(HeaderViews headers, std::string_view name) noexcept {
    for (const auto& header : headers)
        if (equals_ignoring_case(header.name, name)) return header.value;
    return std::nullopt;
}

std::size_t count_headers(HeaderViews headers, std::string_view name) noexcept {
    std::size_t count = 0;
    for (const auto& header : headers) count += equals_ignoring_case(header.name, name) ? 1 : 0;
    return count;
}

std::string_view target_path(std::string_view target) noexcept { return target.substr(0, target.find('?')); }

std::string_view target_query(std::string_view target) noexcept {
    const auto mark = target.find('?');
    return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out.push_back(' ');
        } else if (text[i] != '%') {
            out.push_back(text[i]);
        } else {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        }
    }
    return out;
}

std::string media_type_essence(std::string_view content_type) { return ascii_lowered(essence_of(content_type)); }

bool is_json_media_type(std::string_view content_type) {
    const std::string_view essence = essence_of(content_type);
    const auto slash = essence.find('/');
    if (slash == std::string_view::npos || slash == 0) return false;
    const std::string_view subtype = essence.substr(slash + 1);
    return equals_ignoring_case(subtype, "json") ||
           (subtype.size() > 5 && equals_ignoring_case(subtype.substr(subtype.size() - 5), "+json"));
}

}  // namespace tenter
