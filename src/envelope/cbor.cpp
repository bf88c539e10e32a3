#include "src/envelope/cbor.hpp"

#include <cstddef>
#include <limits>

#include "tenter/envelope/envelope.hpp"

namespace tenter::envelope {
namespace {

constexpr int max_depth = 512;
constexpr unsigned indefinite = 31;
constexpr unsigned char break_byte = 0xFF;

struct Head {
    unsigned major = 0;
    unsigned info = 0;
    std::uint64_t argument = 0;
};

/// Takes heads and content off the front of the bytes.
class CborReader {
public:
    explicit CborReader(BytesView bytes) noexcept : rest_(bytes) {}

    [[nodiscard]] BytesView rest() const noexcept { return rest_; }

    [[nodiscard]] std::optional<Head> read_head() noexcept {
        if (rest_.empty()) return std::nullopt;
        const auto first = static_cast<unsigned char>(rest_.front());
        Head head{.major = static_cast<unsigned>(first >> 5), .info = static_cast<unsigned>(first & 0x1F)};
        head.argument = head.info;
        std::size_t extra = 0;
        if (head.info >= 24 && head.info <= 27) extra = std::size_t{1} << (head.info - 24);
        if (head.info >= 28 && head.info <= 30) return std::nullopt;
        if (rest_.size() - 1 < extra) return std::nullopt;
        if (extra != 0) head.argument = 0;
        for (std::size_t i = 1; i <= extra; ++i) head.argument = (head.argument << 8) | static_cast<unsigned char>(rest_[i]);
        rest_.remove_prefix(1 + extra);
        return head;
    }

    [[nodiscard]] bool skip(std::uint64_t count) noexcept {
        if (count > rest_.size()) return false;
        rest_.remove_prefix(static_cast<std::size_t>(count));
        return true;
    }

    [[nodiscard]] bool skip_break() noexcept {
        if (rest_.empty() || static_cast<unsigned char>(rest_.front()) != break_byte) return false;
        rest_.remove_prefix(1);
        return true;
    }

private:
    BytesView rest_;
};

bool skip_item(CborReader& reader, int depth) noexcept;

bool skip_items(CborReader& reader, std::uint64_t count, int depth) noexcept {
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

bool skip_until_break(CborReader& reader, std::uint64_t items_per_entry, int depth) noexcept {
    while (!reader.skip_break())
        if (!skip_items(reader, items_per_entry, depth)) return false;
    return true;
}

bool skip_container(CborReader& reader, const Head& head, int depth) noexcept {
    if (depth == 0) return false;
    if (head.major == 6) return head.info != indefinite && skip_item(reader, depth - 1);
    const std::uint64_t items_per_entry = head.major == 5 ? 2 : 1;
    if (head.info == indefinite) return skip_until_break(reader, items_per_entry, depth - 1);
    if (head.argument > std::numeric_limits<std::uint64_t>::max() / items_per_entry) return false;
    return skip_items(reader, head.argument * items_per_entry, depth - 1);
}

bool skip_item(CborReader& reader, int depth) noexcept {
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
    return skip_item(reader, max_depth) && reader.rest().empty();
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
