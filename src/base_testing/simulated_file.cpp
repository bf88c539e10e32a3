#include "src/base_testing/simulated_file.hpp"

#include <algorithm>

namespace tenter {
namespace {

/// Of a sector that is written over and over without a sync, so many versions are remembered.
constexpr std::size_t max_versions = 8;

std::size_t pick(Random& random, std::size_t count) { return static_cast<std::size_t>(random.next_u64() % count); }

/// What a power cut does to a whole file; without the first two, a file of many sectors would never be lost or kept as one.
enum class CrashStyle : std::uint8_t { lose_all, keep_all, each_sector_its_own };

}  // namespace

std::size_t SimulatedFile::read(std::span<char> out, std::uint64_t position) const noexcept {
    if (position >= content_.size()) return 0;
    return content_.copy(out.data(), out.size(), static_cast<std::size_t>(position));
}

void SimulatedFile::write(BytesView bytes, std::uint64_t position) {
    const auto end = static_cast<std::size_t>(position + bytes.size());
    if (end > content_.size()) {
        content_.resize(end, '\0');
        sizes_.push_back(end);
    }
    content_.replace(static_cast<std::size_t>(position), bytes.size(), bytes);
    note_versions(position, bytes.size());
}

void SimulatedFile::resize(std::uint64_t size) {
    const std::uint64_t before = content_.size();
    if (size == before) return;
    content_.resize(static_cast<std::size_t>(size), '\0');
    sizes_.push_back(size);
    if (size < before) note_versions(size, before - size);  // should the file grow again, it reads zeros there
}

void SimulatedFile::sync() {
    std::uint64_t size = durable_.size();
    if (!sizes_.empty()) {
        size = content_.size();
    } else if (!dirty_.empty()) {  // a size that mark_clean forgot: writing the data back sets it
        size = std::max<std::uint64_t>(size, std::min<std::uint64_t>(content_.size(), (dirty_.rbegin()->first + 1) * sector_size));
    }
    for (const auto& [number, versions] : dirty_) put_sector(durable_, number, versions.back());
    durable_.resize(static_cast<std::size_t>(size), '\0');
    mark_clean();
}

void SimulatedFile::mark_clean() noexcept {
    dirty_.clear();
    sizes_.clear();
}

void SimulatedFile::crash(Random& random) {
    const auto style = static_cast<CrashStyle>(std::min<std::size_t>(pick(random, 4), 2));
    if (style == CrashStyle::keep_all) sync();
    if (style == CrashStyle::each_sector_its_own) {
        std::uint64_t size = durable_.size();
        if (!sizes_.empty() && pick(random, 3) != 0) size = sizes_[pick(random, sizes_.size())];
        for (const auto& [number, versions] : dirty_) {
            const Sector old = sector_of(durable_, number);
            const auto any = [&]() -> const Sector& {
                const std::size_t chosen = pick(random, versions.size() + 1);
                return chosen == 0 ? old : versions[chosen - 1];
            };
            Sector after = any();
            if (pick(random, 3) == 0) {  // torn: from some byte on, what another version had
                const Sector& other = any();
                const std::size_t from = pick(random, sector_size);
                std::copy(other.begin() + static_cast<std::ptrdiff_t>(from), other.end(),
                          after.begin() + static_cast<std::ptrdiff_t>(from));
            }
            put_sector(durable_, number, after);
        }
        durable_.resize(static_cast<std::size_t>(size), '\0');
    }
    mark_clean();
    content_ = durable_;
}

bool SimulatedFile::flip_byte(std::uint64_t position) {
    const auto at = static_cast<std::size_t>(position);
    if (at >= content_.size() || at >= durable_.size()) return false;
    content_[at] = static_cast<char>(content_[at] ^ 0x20);
    durable_[at] = static_cast<char>(durable_[at] ^ 0x20);
    return true;
}

void SimulatedFile::note_versions(std::uint64_t position, std::uint64_t size) {
    if (size == 0) return;
    for (std::uint64_t number = position / sector_size; number <= (position + size - 1) / sector_size; ++number) {
        auto& versions = dirty_[number];
        if (versions.size() == max_versions) versions.erase(versions.begin());
        versions.push_back(sector_of(content_, number));
    }
}

SimulatedFile::Sector SimulatedFile::sector_of(const Bytes& bytes, std::uint64_t number) noexcept {
    Sector sector{};
    const std::uint64_t begin = number * sector_size;
    if (begin < bytes.size()) bytes.copy(sector.data(), sector_size, static_cast<std::size_t>(begin));
    return sector;
}

void SimulatedFile::put_sector(Bytes& bytes, std::uint64_t number, const Sector& sector) {
    const auto begin = static_cast<std::size_t>(number * sector_size);
    if (bytes.size() < begin + sector_size) bytes.resize(begin + sector_size, '\0');
    std::copy(sector.begin(), sector.end(), bytes.begin() + static_cast<std::ptrdiff_t>(begin));
}

}  // namespace tenter
