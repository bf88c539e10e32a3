#include <array>
#include <string>

#include "src/envelope/avro.hpp"
#include "tenter/base/text.hpp"
#include "tenter/envelope/envelope.hpp"

namespace tenter::envelope {
namespace {

constexpr std::array<std::string_view, 6> method_names{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"};
constexpr std::uint8_t encoding_count = 2;
constexpr std::size_t smallest_value = 1;  // an empty string
constexpr std::size_t smallest_entry = 2;  // an empty name and an array that ends at once

/// Walks blocks of a map or an array: `read_item` once per item.
template <class ReadItem>
bool walk_blocks(AvroReader& reader, std::size_t smallest_item, ReadItem read_item) {
    for (;;) {
        const std::size_t start = reader.position();
        const auto block = reader.read_block(smallest_item);
        if (!block) return false;
        if (block->count == 0) return true;
        const std::size_t items_start = reader.position();
        for (std::uint64_t i = 0; i < block->count; ++i)
            if (!read_item(reader)) return false;
        if (block->size != AvroBlock::unknown && reader.position() - items_start != block->size)
            return reader.refuse("a block size that is not the size of the block", start);
    }
}

bool skip_string(AvroReader& reader) { return reader.read_string().has_value(); }

bool skip_entry(AvroReader& reader) { return skip_string(reader) && walk_blocks(reader, smallest_value, skip_string); }

Result<Envelope> read_envelope(AvroReader& reader, BytesView datum) {
    const auto wrong = [&](std::string_view field) { return fail(reader.error().within(field)); };
    const auto method = reader.read_enum(method_names.size());
    if (!method) return wrong("method");
    const std::size_t map_start = reader.position();
    if (!walk_blocks(reader, smallest_entry, skip_entry)) return wrong("headers");
    const BytesView map = datum.substr(map_start, reader.position() - map_start);
    const auto payload = reader.read_bytes();
    if (!payload) return wrong("payload");
    const auto encoding = reader.read_enum(encoding_count);
    if (!encoding) return wrong("encoding");
    if (!reader.at_end()) return fail(Errc::invalid_input, "left-over bytes at byte " + std::to_string(reader.position()));
    return Envelope{static_cast<Method>(*method), EncodedHeaders(map), *payload, static_cast<Encoding>(*encoding)};
}

}  // namespace

std::string_view to_string(Method method) noexcept { return method_names[static_cast<std::size_t>(method)]; }

std::optional<Method> parse_method(std::string_view name) noexcept {
    for (std::size_t i = 0; i < method_names.size(); ++i)
        if (method_names[i] == name) return static_cast<Method>(i);
    return std::nullopt;
}

Result<EnvelopeKind> classify(std::optional<BytesView> header_value) {
    if (!header_value) return fail(Errc::invalid_input, "record header \"envelope\" is missing");
    if (header_value->size() != 1)
        return fail(Errc::invalid_input,
                    "record header \"envelope\" has " + std::to_string(header_value->size()) + " bytes instead of one");
    const auto kind = static_cast<unsigned char>(header_value->front());
    if (kind < 0x80) return EnvelopeKind::system;
    if (*header_value == avro_v1_header_value) return EnvelopeKind::avro_v1;
    return fail(Errc::unsupported,
                "record header \"envelope\" names version " + std::to_string(kind) + ", which is newer than this program: upgrade it");
}

Result<Envelope> decode(BytesView datum) {
    AvroReader reader(datum);
    auto envelope = read_envelope(reader, datum);
    if (!envelope) return fail(std::move(envelope.error()).within("envelope"));
    return envelope;
}

bool EncodedHeaders::Cursor::next() {
    AvroReader reader(rest_);
    for (;;) {
        if (in_array_ && values_left_ == 0) {
            const auto block = reader.read_block(smallest_value);
            if (!block) return false;
            values_left_ = block->count;
            in_array_ = block->count != 0;
        }
        if (in_array_) {
            const auto value = reader.read_bytes();
            if (!value) return false;
            value_ = *value;
            --values_left_;
            rest_ = reader.rest();
            return true;
        }
        if (entries_left_ == 0) {
            const auto block = reader.read_block(smallest_entry);
            if (!block || block->count == 0) return false;
            entries_left_ = block->count;
        }
        const auto name = reader.read_bytes();
        if (!name) return false;
        name_ = *name;
        --entries_left_;
        in_array_ = true;
    }
}

std::optional<std::string_view> EncodedHeaders::find(std::string_view name) const {
    for (Cursor cursor(map_); cursor.next();)
        if (equals_ignoring_case(cursor.name(), name)) return cursor.value();
    return std::nullopt;
}

}  // namespace tenter::envelope
