#pragma once
// gateway/kafka_protocol/reader.hpp: walks a message's table and fills its members from bytes. The only code that reads Kafka's types.
// codec.hpp is what others use; this header is for the room's sources, and for records that are stored in Kafka's types (groups).

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "gateway/kafka_protocol/frame.hpp"
#include "gateway/kafka_protocol/schema.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::kafka_protocol {

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

template <class T>
[[nodiscard]] constexpr std::size_t least_size(std::int16_t version, bool is_flexible);

template <auto Member>
[[nodiscard]] constexpr std::size_t least_size_of_row(Field<Member> field, std::int16_t version, bool is_flexible) {
    const bool is_there = field.versions.contains(version) && field.tag < 0;
    return is_there ? least_size<typename Field<Member>::Value>(version, is_flexible) : 0;
}

/// Fewest bytes that a value takes on the wire, so that a count of more than the rest can hold is refused before room is made for it.
template <class T>
[[nodiscard]] constexpr std::size_t least_size(std::int16_t version, bool is_flexible) {
    if constexpr (is_optional<T>) {
        return least_size<typename T::value_type>(version, is_flexible);
    } else if constexpr (Described<T>) {
        const auto rows = [&](auto... row) { return (std::size_t{is_flexible} + ... + least_size_of_row(row, version, is_flexible)); };
        return std::apply(rows, T::fields());
    } else if constexpr (std::is_same_v<T, std::string>) {
        return is_flexible ? 1 : 2;
    } else if constexpr (is_vector<T> || std::is_same_v<T, Records>) {
        return is_flexible ? 1 : 4;
    } else {
        return sizeof(T);
    }
}

}  // namespace detail

/// Reads one message or header. After a failure nothing more is read; `finish` has the error.
class Reader {
public:
    static constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

    /// Reads from `start` on, at most so many elements of arrays in all; `bytes` must outlive the reader, and Records that it read.
    Reader(BytesView bytes, std::string_view message_name, std::int16_t version, bool is_flexible, std::size_t start = 0,
           std::size_t most_elements = any_number)
        : bytes_(bytes),
          at_(start),
          end_(bytes.size()),
          elements_left_(most_elements),
          message_name_(message_name),
          version_(version),
          is_flexible_(is_flexible) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    template <Described Message>
    [[nodiscard]] bool read(Message& message) {
        const auto rows = [&](auto... row) { return (read_row(message, row) && ...); };
        return std::apply(rows, Message::fields()) && (!is_flexible_ || read_tagged_fields(message));
    }

    /// Where in the bytes it is: after what was read.
    [[nodiscard]] std::size_t position() const noexcept { return at_; }
    /// The error, if there was one.
    [[nodiscard]] Result<void> status() const;
    /// As `status`, and bytes that are left over are an error.
    [[nodiscard]] Result<void> finish();

private:
    /// Where in the message the reader is; a chain on the stack from which an error's path is written.
    struct Place {
        Place(Reader& in, std::string_view field_name) : reader(in), outer(in.place_), name(field_name) { in.place_ = this; }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() { reader.place_ = outer; }

        Reader& reader;
        Place* outer;
        std::string_view name;
        std::ptrdiff_t index = -1;  ///< Of the element that is read, in an array.
    };

    enum class LengthKind : std::uint8_t { int16, int32, compact };

    template <class Message, auto Member>
    [[nodiscard]] bool read_row(Message& message, Field<Member> field) {
        if (!field.versions.contains(version_) || field.tag >= 0) return true;
        const Place place(*this, field.name());
        return read_value(message.*Member, field.shape);
    }

    template <class T>
    [[nodiscard]] bool read_value(T& value, const Shape& shape) {
        if constexpr (detail::is_optional<T>) {
            bool is_null = false;
            value.emplace();
            if (!read_nullable(*value, shape, shape.nullable.contains(version_) ? &is_null : nullptr)) return false;
            if (is_null) value.reset();
            return true;
        } else {
            return read_nullable(value, shape, nullptr);
        }
    }

    /// `is_null`: where to say that the value is null; none if it may not be.
    template <class T>
    [[nodiscard]] bool read_nullable(T& value, const Shape& shape, bool* is_null) {
        if constexpr (Described<T>) {
            return read(value);
        } else if constexpr (detail::is_vector<T>) {
            return read_array(value, shape, is_null);
        } else if constexpr (std::is_same_v<T, std::string>) {
            return read_string(value, shape, is_null);
        } else if constexpr (std::is_same_v<T, Records>) {
            return read_records(value);
        } else if constexpr (std::is_same_v<T, Uuid>) {
            return read_uuid(value);
        } else if constexpr (std::is_same_v<T, bool>) {
            std::int64_t wide = 0;
            if (!read_integer(wide, 1)) return false;
            value = wide != 0;
            return true;
        } else {
            std::int64_t wide = 0;
            if (!read_integer(wide, sizeof(T))) return false;
            value = static_cast<T>(wide);  // sign-extended from that many bytes, so nothing is lost
            return true;
        }
    }

    template <class T>
    [[nodiscard]] bool read_array(std::vector<T>& values, const Shape& shape, bool* is_null) {
        std::size_t count = 0;
        if (!read_count(count, detail::least_size<T>(version_, is_flexible_), is_null)) return false;
        values.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            place_->index = static_cast<std::ptrdiff_t>(i);
            if (!read_value(values.emplace_back(), shape)) return false;
        }
        place_->index = -1;
        return true;
    }

    template <class Message>
    [[nodiscard]] bool read_tagged_fields(Message& message) {
        std::uint32_t count = 0;
        if (!read_varint(count)) return false;
        for (std::uint32_t i = 0; i < count; ++i) {
            std::uint32_t tag = 0;
            std::size_t size = 0;
            if (!read_tag(tag, size)) return false;
            const std::size_t outer_end = end_;
            end_ = at_ + size;
            const auto rows = [&](auto... row) { return (read_if_tagged(message, row, tag) && ...); };
            if (!std::apply(rows, Message::fields())) return false;
            at_ = end_;
            end_ = outer_end;
        }
        return true;
    }

    template <class Message, auto Member>
    [[nodiscard]] bool read_if_tagged(Message& message, Field<Member> field, std::uint32_t tag) {
        if (field.tag < 0 || static_cast<std::uint32_t>(field.tag) != tag || !field.versions.contains(version_)) return true;
        const Place place(*this, field.name());
        return read_value(message.*Member, field.shape) && require_end();
    }

    [[nodiscard]] bool read_integer(std::int64_t& value, std::size_t size);
    [[nodiscard]] bool read_varint(std::uint32_t& value);
    [[nodiscard]] bool read_tag(std::uint32_t& tag, std::size_t& size);
    [[nodiscard]] bool read_length(std::int64_t& length, LengthKind kind);
    [[nodiscard]] bool read_count(std::size_t& count, std::size_t least_size, bool* is_null);
    [[nodiscard]] bool read_string(std::string& value, const Shape& shape, bool* is_null);
    [[nodiscard]] bool read_records(Records& value);
    [[nodiscard]] bool read_uuid(Uuid& value);
    [[nodiscard]] bool take(BytesView& taken, std::size_t size);
    [[nodiscard]] bool require_end();
    /// Keeps the first error; false.
    [[nodiscard]] bool fail_at(std::size_t at, std::string_view what);
    [[nodiscard]] std::string path() const;
    [[nodiscard]] std::size_t left() const noexcept { return end_ - at_; }

    BytesView bytes_;
    std::size_t at_;
    std::size_t end_;
    std::size_t elements_left_;
    std::string_view message_name_;
    std::int16_t version_;
    bool is_flexible_;
    Place* place_ = nullptr;
    std::optional<Error> error_;
};

}  // namespace tenter::kafka_protocol
