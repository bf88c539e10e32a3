#pragma once
// gateway/kafka_protocol/writer.hpp: walks a message's table and writes its members as bytes. The only code that writes Kafka's types.
// codec.hpp is what others use; this header is for the room's sources, and for records that are stored in Kafka's types (groups).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "gateway/kafka_protocol/frame.hpp"
#include "gateway/kafka_protocol/reader.hpp"
#include "gateway/kafka_protocol/schema.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::kafka_protocol {

/// Appends one message or header to a frame.
class Writer {
public:
    Writer(Frame& frame, std::string_view message_name, std::int16_t version, bool is_flexible)
        : frame_(frame), message_name_(message_name), version_(version), is_flexible_(is_flexible) {}
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    template <Described Message>
    void write(const Message& message) {
        const auto rows = [&](auto... row) { (write_row(message, row), ...); };
        std::apply(rows, Message::fields());
        if (is_flexible_) write_tagged_fields(message);
    }

    /// `too_large` for the first field that was longer than its length can say; the frame is of no use then.
    [[nodiscard]] Result<void> status() const;

private:
    template <class Message, auto Member>
    void write_row(const Message& message, Field<Member> field) {
        if (!field.versions.contains(version_) || field.tag >= 0) return;
        field_name_ = field.name();
        write_value(message.*Member, field.shape);
    }

    template <class T>
    void write_value(const T& value, const Shape& shape) {
        if constexpr (detail::is_optional<T>) {
            if (value) {
                write_value(*value, shape);
            } else {
                write_absent(detail::is_vector<typename T::value_type>, shape);
            }
        } else if constexpr (Described<T>) {
            write(value);
        } else if constexpr (detail::is_vector<T>) {
            write_length(value.size(), is_flexible_ ? LengthKind::compact : LengthKind::int32);
            for (const auto& element : value) write_value(element, shape);
        } else if constexpr (std::is_same_v<T, std::string>) {
            write_string(value, shape);
        } else if constexpr (std::is_same_v<T, Records>) {
            write_records(value);
        } else if constexpr (std::is_same_v<T, Uuid>) {
            for (const auto octet : value) write_integer(octet, 1);
        } else {
            write_integer(static_cast<std::int64_t>(value), sizeof(T));
        }
    }

    template <class Message>
    void write_tagged_fields(const Message& message) {
        std::vector<std::pair<std::uint32_t, Bytes>> present;
        const auto rows = [&](auto... row) { (collect_tagged(message, row, present), ...); };
        std::apply(rows, Message::fields());
        write_tags(std::move(present));
    }

    template <class Message, auto Member>
    void collect_tagged(const Message& message, Field<Member> field, std::vector<std::pair<std::uint32_t, Bytes>>& present) {
        if (field.tag < 0 || !field.versions.contains(version_)) return;
        Frame content;
        Writer writer(content, message_name_, version_, is_flexible_);
        writer.field_name_ = field.name();
        writer.write_value(message.*Member, field.shape);
        Frame usual;
        Writer(usual, message_name_, version_, is_flexible_).write_value(Message{}.*Member, field.shape);
        if (writer.error_ && !error_) error_ = std::move(writer.error_);
        if (content.own() != usual.own()) present.emplace_back(static_cast<std::uint32_t>(field.tag), std::move(content.own()));
    }

    enum class LengthKind : std::uint8_t { int16, int32, compact };

    void require_at_most(std::size_t longest, std::size_t length);
    void write_integer(std::int64_t value, std::size_t size);
    void write_varint(std::uint32_t value);
    void write_length(std::size_t length, LengthKind kind);
    void write_null(LengthKind kind);
    void write_absent(bool is_array, const Shape& shape);
    void write_string(BytesView value, const Shape& shape);
    void write_records(const Records& value);
    void write_tags(std::vector<std::pair<std::uint32_t, Bytes>> present);
    [[nodiscard]] LengthKind kind_of_string(const Shape& shape) const noexcept;

    Frame& frame_;
    std::string_view message_name_;
    std::int16_t version_;
    bool is_flexible_;
    std::string_view field_name_;
    std::optional<Error> error_;
};

}  // namespace tenter::kafka_protocol
