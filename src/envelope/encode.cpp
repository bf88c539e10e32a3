#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <vector>

#include "src/envelope/avro.hpp"
#include "tenter/envelope/envelope.hpp"

namespace tenter::envelope {
namespace {

/// One header's place in the chain of headers of its name.
struct Link {
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    std::uint32_t next = none;
    bool is_first = true;
};

constexpr std::size_t few_headers = 64;

/// Up to `few_headers`: comparing each with each is faster than anything that allocates.
void link_few(HeaderViews headers, std::span<Link> links) {
    for (std::uint32_t i = 1; i < headers.size(); ++i) {
        for (std::uint32_t j = i; j-- > 0;) {
            if (headers[j].name != headers[i].name) continue;
            links[j].next = i;
            links[i].is_first = false;
            break;
        }
    }
}

/// Any number, in n log n: a request full of tiny headers must not cost more than its share.
void link_many(HeaderViews headers, std::span<Link> links) {
    std::vector<std::uint32_t> by_name(headers.size());
    std::iota(by_name.begin(), by_name.end(), std::uint32_t{0});
    std::ranges::sort(by_name, [&](std::uint32_t a, std::uint32_t b) {
        const auto order = headers[a].name <=> headers[b].name;
        return order == 0 ? a < b : order < 0;
    });
    for (std::size_t i = 1; i < by_name.size(); ++i) {
        if (headers[by_name[i - 1]].name != headers[by_name[i]].name) continue;
        links[by_name[i - 1]].next = by_name[i];
        links[by_name[i]].is_first = false;
    }
}

std::size_t chain_length(std::span<const Link> links, std::uint32_t first) {
    std::size_t length = 0;
    for (std::uint32_t i = first; i != Link::none; i = links[i].next) ++length;
    return length;
}

void append_header(Bytes& out, HeaderViews headers, std::span<const Link> links, std::uint32_t first) {
    append_bytes(out, headers[first].name);
    append_long(out, static_cast<std::int64_t>(chain_length(links, first)));
    for (std::uint32_t i = first; i != Link::none; i = links[i].next) append_bytes(out, headers[i].value);
    append_long(out, 0);
}

void append_headers(Bytes& out, HeaderViews headers, std::span<const Link> links) {
    const auto names = std::ranges::count(links, true, &Link::is_first);
    if (names != 0) append_long(out, names);
    for (std::uint32_t i = 0; i < headers.size(); ++i)
        if (links[i].is_first) append_header(out, headers, links, i);
    append_long(out, 0);
}

/// At least the size of the datum.
std::size_t size_bound(const EnvelopeToEncode& envelope) {
    constexpr std::size_t fixed = 5 * max_long_size;       // method, count and end of the map, payload length, encoding
    constexpr std::size_t per_header = 4 * max_long_size;  // name length, array count and end, value length
    std::size_t size = fixed + envelope.payload.size();
    for (const auto& header : envelope.headers) size += per_header + header.name.size() + header.value.size();
    return size;
}

}  // namespace

void encode(const EnvelopeToEncode& envelope, Bytes& out) {
    out.reserve(out.size() + size_bound(envelope));
    append_long(out, static_cast<std::int64_t>(envelope.method));
    if (envelope.headers.size() <= few_headers) {
        std::array<Link, few_headers> links{};
        const auto used = std::span(links).first(envelope.headers.size());
        link_few(envelope.headers, used);
        append_headers(out, envelope.headers, used);
    } else {
        std::vector<Link> links(envelope.headers.size());
        link_many(envelope.headers, links);
        append_headers(out, envelope.headers, links);
    }
    append_bytes(out, envelope.payload);
    append_long(out, static_cast<std::int64_t>(envelope.encoding));
}

}  // namespace tenter::envelope
