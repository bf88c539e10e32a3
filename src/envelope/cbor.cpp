#include "src/envelope/cbor.hpp"

#include <cstddef>
#include <limits>

#include "src/envelope/cbor_reader.hpp"
#include "tenter/envelope/envelope.hpp"

namespace tenter::envelope {
namespace {

using cbor::indefinite;

bool skip_item(CborReader& reader, std::size_t depth) noexcept;

bool skip_items(CborReader& reader, std::uint64_t count, std::size_t depth) noexcept {
    if (count > reader.rest().size()) return false;  // each takes at least one byte
    for (std::uint64_t i = 0; i < count; ++i)
        if (!skip_item(reader, depth)) return false;
    return true;
}

/// Chunks of an indefinite-length string: definite-length strings of the same major type.
bool skip_chunks(CborReader& reader, unsigned major) noexcept {
    while (!reader.skip_break()) {
        const auto chunk = reader.read_head();
        if (!chunk || chunk->major != major || chunk->info == indefinite || !reader.skip(chunk->argument)) return false;
    }
    return true;
}

bool skip_until_break(CborReader& reader, std::uint64_t items_per_entry, std::size_t depth) noexcept {
    while (!reader.skip_break())
        if (!skip_items(reader, items_per_entry, depth)) return false;
    return true;
}

bool skip_container(CborReader& reader, const CborHead& head, std::size_t depth) noexcept {
    if (depth == 0) return false;
    if (head.major == 6) return head.info != indefinite && skip_item(reader, depth - 1);
    const std::uint64_t items_per_entry = head.major == 5 ? 2 : 1;
    if (head.info == indefinite) return skip_until_break(reader, items_per_entry, depth - 1);
    if (head.argument > std::numeric_limits<std::uint64_t>::max() / items_per_entry) return false;
    return skip_items(reader, head.argument * items_per_entry, depth - 1);
}

bool skip_item(CborReader& reader, std::size_t depth) noexcept {
    const auto head = reader.read_head();
    if (!head) return false;
    switch (head->major) {
        case 0:
        case 1: return head->info != indefinite;
        case 2:
        case 3: return head->info == indefinite ? skip_chunks(reader, head->major) : reader.skip(head->argument);
        case 7: return head->info != indefinite && (head->info != 24 || head->argument >= 32);
        default: return skip_container(reader, *head, depth);
    }
}

}  // namespace

bool is_well_formed_cbor(BytesView bytes) noexcept {
    CborReader reader(bytes);
    return skip_item(reader, max_cbor_depth) && reader.rest().empty();
}

std::optional<CborString> parse_cbor_string(BytesView bytes) noexcept {
    CborReader reader(bytes);
    const auto head = reader.read_head();
    if (!head || (head->major != 2 && head->major != 3) || head->info == indefinite) return std::nullopt;
    if (head->argument != reader.rest().size()) return std::nullopt;
    return CborString{.content = reader.rest(), .has_eight_byte_length = head->info == 27};
}

Bytes cbor_string(CborMajor major, BytesView content, CborLength length) {
    const std::uint64_t size = content.size();
    unsigned width = 8;
    if (length == CborLength::shortest) width = size < 24 ? 0 : size <= 0xFF ? 1 : size <= 0xFFFF ? 2 : size <= 0xFFFF'FFFF ? 4 : 8;
    const unsigned info = width == 0 ? static_cast<unsigned>(size) : width == 1 ? 24 : width == 2 ? 25 : width == 4 ? 26 : 27;
    Bytes out;
    out.reserve(1 + width + content.size());
    out.push_back(static_cast<char>((static_cast<unsigned>(major) << 5) | info));
    for (unsigned i = width; i-- > 0;) out.push_back(static_cast<char>((size >> (8 * i)) & 0xFF));
    out.append(content);
    return out;
}

}  // namespace tenter::envelope
