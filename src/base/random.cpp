#include "tenter/base/random.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <sys/random.h>

#include "tenter/base/assert.hpp"

namespace tenter {
namespace {

void fill_from_kernel(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const ssize_t got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        TENTER_ASSERT(got > 0);  // getrandom fails only for bad arguments or a kernel before 3.17
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

struct KernelBytes {
    std::array<std::uint8_t, 4096> bytes{};
    std::size_t used = 4096;
};

}  // namespace

std::uint64_t Random::next_u64() {
    std::array<std::uint8_t, 8> bytes{};
    fill(bytes);
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
    thread_local KernelBytes buffer;
    if (out.size() > buffer.bytes.size()) return fill_from_kernel(out);
    if (buffer.bytes.size() - buffer.used < out.size()) {
        fill_from_kernel(buffer.bytes);
        buffer.used = 0;
    }
    const auto from = buffer.bytes.begin() + static_cast<std::ptrdiff_t>(buffer.used);
    std::copy_n(from, out.size(), out.begin());
    std::fill_n(from, out.size(), std::uint8_t{0});  // handed out once, kept nowhere
    buffer.used += out.size();
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const std::uint64_t value = engine_();
        const std::size_t count = std::min<std::size_t>(out.size(), sizeof value);
        std::memcpy(out.data(), &value, count);
        out = out.subspan(count);
    }
}

}  // namespace tenter
