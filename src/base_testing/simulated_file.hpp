#pragma once
// src/base_testing/simulated_file.hpp: one file of the crash-simulating Env: what processes see, what the disk has, and what lies between.

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/random.hpp"

namespace tenter {

inline constexpr std::size_t sector_size = 512;

/// Belongs to whoever holds the disk's mutex.
class SimulatedFile {
public:
    [[nodiscard]] const Bytes& content() const noexcept { return content_; }
    [[nodiscard]] std::size_t read(std::span<char> out, std::uint64_t position) const noexcept;
    void write(BytesView bytes, std::uint64_t position);
    void resize(std::uint64_t size);
    /// Brings every dirty sector and the size to the disk.
    void sync();
    /// Forgets what is dirty without bringing it to the disk.
    void mark_clean() noexcept;
    /// Content becomes what a power cut leaves of it; all of it is durable then.
    void crash(Random& random);
    bool flip_byte(std::uint64_t position);

private:
    using Sector = std::array<char, sector_size>;

    void note_versions(std::uint64_t position, std::uint64_t size);
    [[nodiscard]] static Sector sector_of(const Bytes& bytes, std::uint64_t number) noexcept;
    static void put_sector(Bytes& bytes, std::uint64_t number, const Sector& sector);

    Bytes content_;
    Bytes durable_;
    std::map<std::uint64_t, std::vector<Sector>> dirty_;  // by sector number: what it held after each write since the last sync
    std::vector<std::uint64_t> sizes_;                    // after each change since the last sync
};

}  // namespace tenter
