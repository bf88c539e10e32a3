#include "cli/forward_report.hpp"

#include <algorithm>
#include <array>

namespace tenter::cli {
namespace {

constexpr std::size_t bar_width = 20;

std::string with_commas(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<std::size_t>(at), 1, ',');
    return text;
}

std::string size_text(std::uint64_t bytes) {
    if (bytes < (1ULL << 20)) return with_commas(bytes >> 10) + " KiB";
    return with_commas(bytes >> 20) + " MiB";
}

std::string time_text(std::uint64_t seconds) {
    if (seconds < 120) return std::to_string(seconds) + " s";
    if (seconds < 7'200) return std::to_string(seconds / 60) + " min";
    return std::to_string(seconds / 3'600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

std::string bar_of(std::uint64_t done, std::uint64_t all) {
    const std::size_t full = all == 0 ? bar_width : static_cast<std::size_t>(done * bar_width / all);
    std::string bar(1, '[');
    bar.append(full, '=');
    if (full < bar_width) bar.append(1, '>').append(bar_width - full - 1, ' ');
    return bar.append("]  ");
}

}  // namespace

ForwardProgress progress_of(std::span<const forward::PartitionPosition> positions, std::chrono::milliseconds elapsed) {
    ForwardProgress progress;
    for (const auto& position : positions) {
        progress.done_records += position.records_forwarded;
        progress.done_bytes += position.bytes_forwarded;
        progress.left_records += static_cast<std::uint64_t>(position.end.value - position.next.value);
    }
    progress.elapsed = elapsed;
    return progress;
}

std::string progress_line(const ForwardProgress& progress, bool bar) {
    const std::uint64_t all = progress.done_records + progress.left_records;
    std::string line = bar ? bar_of(progress.done_records, all) : "";
    line += std::to_string(all == 0 ? 100 : progress.done_records * 100 / all) + " %  " + with_commas(progress.done_records) + " of " +
            with_commas(all) + " records  " + size_text(progress.done_bytes);
    const auto milliseconds = static_cast<std::uint64_t>(progress.elapsed.count());
    if (milliseconds == 0 || progress.done_records == 0) return line;
    const std::uint64_t rate = progress.done_records * 1'000 / milliseconds;
    line += "  " + with_commas(rate) + "/s";
    if (rate > 0 && progress.left_records > 0) line += "  " + time_text(progress.left_records / rate + 1) + " left";
    return line;
}

std::string position_table(std::span<const forward::PartitionPosition> positions, std::span<const std::int64_t> kafka_offsets) {
    using Row = std::array<std::string, 5>;
    std::vector<Row> rows{{"source", "partition", "topic", "local offset", "Kafka offset"}};
    for (std::size_t i = 0; i < positions.size(); ++i) {
        const auto& at = positions[i];
        rows.push_back({at.source, std::to_string(at.partition), at.topic, std::to_string(at.next.value),
                        i < kafka_offsets.size() ? std::to_string(kafka_offsets[i]) : "?"});
    }
    std::array<std::size_t, 5> widths{};
    for (const auto& row : rows)
        for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    std::string table;
    for (const auto& row : rows) {
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string gap(widths[c] - row[c].size(), ' ');
            const bool is_name = c == 0 || c == 2;
            table += is_name ? row[c] + gap : gap + row[c];
            table += c + 1 < row.size() ? "  " : "\n";
        }
    }
    return table;
}

}  // namespace tenter::cli
