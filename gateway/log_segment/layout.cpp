#include "gateway/log_segment/layout.hpp"

#include <algorithm>
#include <charconv>

#include "tenter/base/text.hpp"

namespace tenter::log {
namespace {

constexpr std::size_t offset_digits = 20;

std::string_view extension(SegmentFile kind) noexcept {
    switch (kind) {
        case SegmentFile::index: return ".index";
        case SegmentFile::time_index: return ".timeindex";
        case SegmentFile::log: break;
    }
    return ".log";
}

template <class T>
std::optional<T> parse_decimal(std::string_view text) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || !is_ascii_digit(text.front()) || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

Result<void> check_version(Env& env, const Layout& layout) {
    const auto version = read_file(env, layout.version(), 4096);
    if (!version && version.error().code == Errc::not_found) return fail(Errc::not_found, "no log in " + layout.root());
    if (!version) return fail(version.error());
    if (*version != format_version)
        return fail(Errc::unsupported, layout.version() + ": this folder was written by another version of tenter");
    return {};
}

std::string segment_path(std::string_view partition_directory, std::int64_t base_offset, SegmentFile kind) {
    const std::string digits = std::to_string(base_offset);
    std::string path(partition_directory);
    path.append("/").append(offset_digits - digits.size(), '0').append(digits).append(extension(kind));
    return path;
}

std::optional<std::int64_t> parse_segment_name(std::string_view name) {
    if (name.size() != offset_digits + 4 || !name.ends_with(".log")) return std::nullopt;
    return parse_decimal<std::int64_t>(name.substr(0, offset_digits));
}

std::optional<std::int32_t> parse_partition_name(std::string_view name) {
    const auto number = parse_decimal<std::int32_t>(name);
    if (!number || *number >= 10'000 || std::to_string(*number) != name) return std::nullopt;
    return number;
}

Result<std::vector<DirectoryEntry>> list_or_empty(const Env& env, const std::string& directory) {
    auto entries = env.list(directory);
    if (!entries && entries.error().code == Errc::not_found) return std::vector<DirectoryEntry>{};
    return entries;
}

Result<std::vector<std::int64_t>> list_segments(const Env& env, const std::string& partition_directory) {
    const auto entries = list_or_empty(env, partition_directory);
    if (!entries) return fail(entries.error());
    std::vector<std::int64_t> bases;
    for (const auto& entry : *entries) {
        if (const auto base = parse_segment_name(entry.name)) bases.push_back(*base);
    }
    std::ranges::sort(bases);
    return bases;
}

Result<void> remove_if_there(Env& env, const std::string& path) {
    auto removed = env.remove(path);
    if (!removed && removed.error().code == Errc::not_found) return {};
    return removed;
}

}  // namespace tenter::log
