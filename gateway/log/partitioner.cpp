#include "gateway/log/partitioner.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace tenter::log {
namespace {

constexpr std::uint32_t seed = 0x9747b28c;
constexpr std::uint32_t multiplier = 0x5bd1e995;
constexpr std::size_t max_topic_name_size = 249;

bool is_topic_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::int32_t murmur2(BytesView bytes) noexcept {
    std::uint32_t hash = seed ^ static_cast<std::uint32_t>(bytes.size());
    std::size_t at = 0;
    for (; bytes.size() - at >= 4; at += 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, bytes.data() + at, sizeof word);
        word *= multiplier;
        word ^= word >> 24;
        word *= multiplier;
        hash = hash * multiplier ^ word;
    }
    if (at < bytes.size()) {
        std::uint32_t rest = 0;
        for (std::size_t i = bytes.size(); i > at; --i) rest = rest << 8 | static_cast<unsigned char>(bytes[i - 1]);
        hash = (hash ^ rest) * multiplier;
    }
    hash ^= hash >> 13;
    hash *= multiplier;
    hash ^= hash >> 15;
    return static_cast<std::int32_t>(hash);
}

PartitionId partition_of_key(BytesView key, std::int32_t partition_count) noexcept {
    return {(murmur2(key) & 0x7FFFFFFF) % partition_count};
}

Result<void> check_topic_name(std::string_view name) {
    if (name.empty() || name.size() > max_topic_name_size)
        return fail(Errc::invalid_input, "topic name: 1 to 249 characters expected, found " + std::to_string(name.size()));
    if (name == "." || name == "..") return fail(Errc::invalid_input, "topic name: \".\" and \"..\" are folders");
    const auto wrong = std::ranges::find_if_not(name, is_topic_character);
    if (wrong != name.end())
        return fail(Errc::invalid_input, "topic name: only letters, digits, '.', '_' and '-' are allowed; wrong character at byte " +
                                             std::to_string(wrong - name.begin()));
    return {};
}

bool is_internal_topic(std::string_view name) noexcept { return name.starts_with("__"); }

}  // namespace tenter::log
