#pragma once
// gateway/log_segment/layout.hpp: where everything lies in the log's folder (docs/formats/log.md, Files).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// Content of the file VERSION.
inline constexpr std::string_view format_version = "tenter-log 1\n";

/// Paths below one log folder.
class Layout {
public:
    explicit Layout(std::string directory) : root_(std::move(directory)) {}

    [[nodiscard]] const std::string& root() const noexcept { return root_; }
    [[nodiscard]] std::string lock() const { return root_ + "/LOCK"; }
    [[nodiscard]] std::string version() const { return root_ + "/VERSION"; }
    [[nodiscard]] std::string id() const { return root_ + "/ID"; }
    [[nodiscard]] std::string checkpoint() const { return root_ + "/checkpoint"; }
    [[nodiscard]] std::string watermarks() const { return root_ + "/watermarks"; }
    [[nodiscard]] std::string journal() const { return root_ + "/journal"; }
    [[nodiscard]] std::string journal_half(int half) const { return root_ + (half == 0 ? "/journal/0" : "/journal/1"); }
    [[nodiscard]] std::string topics() const { return root_ + "/topics"; }
    [[nodiscard]] std::string topic(std::string_view name) const { return topics() + "/" + std::string(name); }
    [[nodiscard]] std::string partition(std::string_view name, std::int32_t number) const {
        return topic(name) + "/" + std::to_string(number);
    }

private:
    std::string root_;
};

/// `not_found` if there is no log, `unsupported` if it is of another version.
[[nodiscard]] Result<void> check_version(Env& env, const Layout& layout);

enum class SegmentFile : std::uint8_t { log, index, time_index };

/// "<directory>/00000000000000000042.log"
[[nodiscard]] std::string segment_path(std::string_view partition_directory, std::int64_t base_offset, SegmentFile kind);
/// The base offset of "00000000000000000042.log"; nothing for any other name.
[[nodiscard]] std::optional<std::int64_t> parse_segment_name(std::string_view name);
/// Number of a partition's folder: canonical decimal, 0 to 9,999.
[[nodiscard]] std::optional<std::int32_t> parse_partition_name(std::string_view name);
/// Base offsets of the segments in a partition's folder, ascending; none if the folder does not exist.
[[nodiscard]] Result<std::vector<std::int64_t>> list_segments(const Env& env, const std::string& partition_directory);
/// `env.list`, but a folder that does not exist is empty.
[[nodiscard]] Result<std::vector<DirectoryEntry>> list_or_empty(const Env& env, const std::string& directory);
/// Removes a file; fine if it is not there.
[[nodiscard]] Result<void> remove_if_there(Env& env, const std::string& path);

}  // namespace tenter::log
