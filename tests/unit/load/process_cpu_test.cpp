#include "bench/load/process_cpu.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace tenter::load {
namespace {

using std::chrono::milliseconds;

TEST(ProcessCpu, reads_fields_14_and_15_of_stat) {
    const std::string line = "4321 (tenter) S 1 4321 4321 0 -1 4194304 95 0 0 0 250 75 11 12 20 0 4 0 12345 1 2 3";
    const CpuTime used = parse_stat(line, 100);
    EXPECT_EQ(used.user, milliseconds(2500));
    EXPECT_EQ(used.system, milliseconds(750));
    EXPECT_EQ(used.total(), milliseconds(3250));
}

TEST(ProcessCpu, is_not_led_astray_by_a_name) {
    const CpuTime used = parse_stat("1 (a) S 9 9 (b c) S 1 4321 4321 0 -1 4194304 95 0 0 0 7 8 0 0", 1000);
    EXPECT_EQ(used.user, milliseconds(7));
    EXPECT_EQ(used.system, milliseconds(8));
}

TEST(ProcessCpu, is_zero_for_a_line_cut_anywhere_before_its_fields) {
    const std::string line = "4321 (tenter) S 1 4321 4321 0 -1 4194304 95 0 0 0 ";
    for (std::size_t length = 0; length <= line.size(); ++length)
        EXPECT_EQ(parse_stat(std::string_view(line).substr(0, length), 100).total(), milliseconds(0)) << length;
}

TEST(ProcessCpu, finds_this_thread) {
    const ProcessCpu cpu = read_cpu(::getpid());
    EXPECT_NE(std::ranges::find(cpu.threads, ::getpid(), &ThreadCpu::id), cpu.threads.end());
}

TEST(ProcessCpu, is_empty_for_a_process_that_is_not_there) {
    const ProcessCpu cpu = read_cpu(-1);
    EXPECT_TRUE(cpu.threads.empty());
    EXPECT_EQ(cpu.used.total(), milliseconds(0));
}

}  // namespace
}  // namespace tenter::load
