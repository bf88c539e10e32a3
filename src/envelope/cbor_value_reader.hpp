#pragma once
// src/envelope/cbor_value_reader.hpp: CBOR as what it is in JSON (payload_value.hpp has the table), one value at a time.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "src/envelope/cbor_reader.hpp"
#include "tenter/base/result.hpp"
#include "tenter/event/value_reader.hpp"

namespace tenter::envelope {

/// Accepts exactly what `cbor_value` does.
class CborValueReader final : public event::ValueReader {
public:
    explicit CborValueReader(BytesView bytes) noexcept : reader_(bytes), size_(bytes.size()) {}

    [[nodiscard]] std::optional<event::ValueKind> peek() override;
    [[nodiscard]] bool read_scalar(boost::json::value& scalar) override;
    [[nodiscard]] bool read_string(std::string_view& text) override;
    [[nodiscard]] bool open_array(Container& array) override { return open(event::ValueKind::array, array); }
    [[nodiscard]] bool open_object(Container& object) override { return open(event::ValueKind::object, object); }
    [[nodiscard]] Step next_element(Container& array) override;
    [[nodiscard]] Step next_member(Container& object, std::string_view& name) override;

    [[nodiscard]] bool expect_end();
    [[nodiscard]] Error error(std::string_view path) const;

protected:
    [[nodiscard]] bool skip_leaf() override;

private:
    /// How byte strings become text: the innermost of the tags 21, 22, 23 around them.
    enum class BytesAs : std::uint8_t { base64url, base64, base16 };

    enum class Scalar : std::uint8_t { int64, uint64, double_, boolean };

    /// What was found and not yet read.
    struct Item {
        event::ValueKind kind = event::ValueKind::null;
        Scalar scalar = Scalar::boolean;
        BytesAs bytes_as = BytesAs::base64url;
        bool may_be_name = false;
        bool is_bytes = false;   ///< A string whose `text` are octets to be encoded.
        std::size_t depth = 0;   ///< Containers and tags around it.
        std::uint64_t bits = 0;  ///< Of the scalar.
        CborHead head;           ///< Of an array or map.
        std::string_view text;
    };

    bool wrong(std::string_view what, std::size_t at) noexcept;
    [[nodiscard]] std::size_t at() const noexcept { return size_ - reader_.rest().size(); }
    bool wrong_head(std::size_t at) noexcept;

    bool find_item(Item& item);
    bool read_tag(const CborHead& head, Item& item, std::size_t at, bool& is_whole);
    bool read_integer(const CborHead& head, Item& item);
    bool read_bignum(Item& item, bool is_negative);
    bool read_simple(const CborHead& head, Item& item, std::size_t at);
    bool read_container(const CborHead& head, Item& item, std::size_t at);
    /// All of a string; views the input, or `joined_` where it came in chunks.
    bool read_content(const CborHead& head, std::string_view& content, std::size_t at);
    bool read_chunk(unsigned major, std::uint64_t size, std::string_view& content, std::size_t at);
    void set_integer(Item& item, bool is_negative, std::uint64_t magnitude);
    void set_large_integer(Item& item, bool is_negative, BytesView magnitude);
    std::string_view encoded(const Item& item);
    bool open(event::ValueKind kind, Container& container);
    Step leave(const Container& container);

    CborReader reader_;
    std::size_t size_;
    std::size_t depth_ = 0;
    BytesAs bytes_as_ = BytesAs::base64url;
    Item item_;
    bool has_item_ = false;
    std::string joined_;
    std::string text_;
    std::string_view fault_;
    std::size_t fault_at_ = 0;
};

}  // namespace tenter::envelope
