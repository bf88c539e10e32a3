#include "bench/load/process_cpu.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace tenter::load {
namespace {

namespace fs = std::filesystem;

/// Fields after the name, counted as proc(5) counts them.
constexpr int first_field_after_name = 3;
constexpr int user_field = 14;
constexpr int system_field = 15;

std::string read_text(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::chrono::microseconds to_time(std::string_view ticks, long ticks_per_second) {
    std::int64_t value = 0;
    std::from_chars(ticks.data(), ticks.data() + ticks.size(), value);
    return std::chrono::microseconds(value * 1'000'000 / ticks_per_second);
}

}  // namespace

CpuTime parse_stat(std::string_view line, long ticks_per_second) {
    const auto name_end = line.rfind(") ");
    if (name_end == std::string_view::npos) return {};
    line.remove_prefix(name_end + 2);
    CpuTime used;
    for (int field = first_field_after_name; field <= system_field && !line.empty(); ++field) {
        const auto value = line.substr(0, line.find(' '));
        if (field == user_field) used.user = to_time(value, ticks_per_second);
        if (field == system_field) used.system = to_time(value, ticks_per_second);
        line.remove_prefix(value.size() < line.size() ? value.size() + 1 : line.size());
    }
    return used;
}

ProcessCpu read_cpu(pid_t process) {
    const long ticks = ::sysconf(_SC_CLK_TCK);
    const fs::path folder = fs::path("/proc") / std::to_string(process);
    ProcessCpu cpu{parse_stat(read_text(folder / "stat"), ticks), {}};
    std::error_code ended;
    for (fs::directory_iterator entry(folder / "task", ended), end; !ended && entry != end; entry.increment(ended)) {
        const fs::path thread = entry->path();
        auto name = read_text(thread / "comm");
        if (name.ends_with('\n')) name.pop_back();
        pid_t id = 0;
        const auto digits = thread.filename().string();
        std::from_chars(digits.data(), digits.data() + digits.size(), id);
        cpu.threads.push_back({id, std::move(name), parse_stat(read_text(thread / "stat"), ticks)});
    }
    return cpu;
}

}  // namespace tenter::load
