#pragma once
// tenter/base/random.hpp: where unpredictable, or in tests repeatable, bytes come from.

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

namespace tenter {

/// Source of random bytes. `SystemRandom` is thread safe; `SeededRandom` belongs to one thread.
class Random {
public:
    Random() = default;
    Random(const Random&) = delete;
    Random& operator=(const Random&) = delete;
    virtual ~Random() = default;

    virtual void fill(std::span<std::uint8_t> out) = 0;

    /// Uniform over all 2^64 values.
    [[nodiscard]] std::uint64_t next_u64();
};

/// The kernel's generator (getrandom), fit for secrets. Buffers 4 KiB per thread, so that an identifier costs no system call.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override;
};

/// The same bytes for the same seed. For tests and load generators, never for secrets.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> out) override;

private:
    std::mt19937_64 engine_;
};

}  // namespace tenter
