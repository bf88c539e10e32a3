#pragma once
// tests/unit/kafka_protocol/text_form.hpp: messages and their tables in the words in which KafkaOracle.java writes Kafka's own.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "gateway/kafka_protocol/frame.hpp"
#include "gateway/kafka_protocol/reader.hpp"
#include "gateway/kafka_protocol/schema.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/json_text.hpp"

namespace tenter::kafka_protocol {

inline std::string quoted_hex(BytesView octets) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "\"";
    for (const char octet : octets) {
        text += digits[static_cast<unsigned char>(octet) >> 4U];
        text += digits[static_cast<unsigned char>(octet) & 0xFU];
    }
    return text + "\"";
}

/// All members of a message, those of other versions too, as JSON with sorted names; octets in hexadecimal.
template <class T>
std::string to_json(const T& value, bool is_octets = false) {
    if constexpr (detail::is_optional<T>) {
        return value ? to_json(*value, is_octets) : "null";
    } else if constexpr (Described<T>) {
        std::map<std::string_view, std::string> fields;
        const auto add = [&]<auto Member>(Field<Member> row) { fields[row.name()] = to_json(value.*Member, row.shape.is_octets); };
        std::apply([&](auto... row) { (add(row), ...); }, T::fields());
        std::string text;
        for (const auto& [name, content] : fields) text += (text.empty() ? "\"" : ",\"") + std::string(name) + "\":" + content;
        return "{" + text + "}";
    } else if constexpr (detail::is_vector<T>) {
        std::string text;
        for (const auto& element : value) text += (text.empty() ? "" : ",") + to_json(element);
        return "[" + text + "]";
    } else if constexpr (std::is_same_v<T, std::string>) {
        std::string text;
        if (is_octets) return quoted_hex(value);
        append_json_string(text, value);
        return text;
    } else if constexpr (std::is_same_v<T, Records>) {
        Bytes all;
        for (const auto& piece : value.pieces) all += piece.bytes;
        return value.is_null ? "null" : quoted_hex(all);
    } else if constexpr (std::is_same_v<T, bool>) {
        return value ? "true" : "false";
    } else {
        return std::to_string(static_cast<std::int64_t>(value));
    }
}

/// Kafka's name of a member's type.
template <class T>
std::string type_text(std::int16_t version, bool is_flexible, const Shape& shape, bool is_nullable = false);

template <Described T>
std::string schema_text(std::int16_t version, bool is_flexible) {
    std::string text;
    std::map<std::int32_t, std::string> tagged;
    const auto add = [&]<auto Member>(Field<Member> row) {
        if (!row.versions.contains(version)) return;
        const auto words = std::string(row.name()) + ":" + type_text<typename Field<Member>::Value>(version, is_flexible, row.shape);
        if (row.tag >= 0) {
            tagged[row.tag] = "tag " + std::to_string(row.tag) + " " + words;
        } else {
            text += (text.empty() ? "" : " ") + words;
        }
    };
    std::apply([&](auto... row) { (add(row), ...); }, T::fields());
    for (const auto& [tag, words] : tagged) text += (text.empty() ? "" : " ") + words;
    return "{" + text + "}";
}

template <class T>
std::string type_text(std::int16_t version, bool is_flexible, const Shape& shape, bool is_nullable) {
    const std::string compact = is_flexible ? "COMPACT_" : "";
    const std::string null = is_nullable ? "NULLABLE_" : "";
    if constexpr (detail::is_optional<T>) {
        return type_text<typename T::value_type>(version, is_flexible, shape, shape.nullable.contains(version));
    } else if constexpr (Described<T>) {
        return schema_text<T>(version, is_flexible);
    } else if constexpr (detail::is_vector<T>) {
        return null + compact + "ARRAY" + type_text<typename T::value_type>(version, is_flexible, shape);
    } else if constexpr (std::is_same_v<T, std::string>) {
        return compact + null + (shape.is_octets ? "BYTES" : "STRING");
    } else if constexpr (std::is_same_v<T, Records>) {
        return compact + "RECORDS";
    } else if constexpr (std::is_same_v<T, bool>) {
        return "BOOLEAN";
    } else {
        return "INT" + std::to_string(8 * sizeof(T));
    }
}

}  // namespace tenter::kafka_protocol
