#include "gateway/log_segment/watermarks.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace tenter::log {
namespace {

constexpr std::uint64_t magic = 0x31304D57'524E5454;  // "TTNRWM01" on a little-endian machine
constexpr std::size_t magic_at = 0;
constexpr std::size_t generation_at = 8;
constexpr std::size_t count_at = 16;
constexpr std::size_t moves_at = 24;
constexpr std::size_t header_size = 64;

constexpr std::size_t slot_size = 288;
constexpr std::size_t next_offset_at = 0;
constexpr std::size_t log_start_at = 8;
constexpr std::size_t partition_at = 16;
constexpr std::size_t name_size_at = 20;
constexpr std::size_t name_at = 24;
constexpr std::size_t first_capacity = 64;

template <class T>
std::atomic_ref<T> shared(std::byte* at) noexcept {
    return std::atomic_ref<T>(*reinterpret_cast<T*>(at));
}

std::size_t slots_in(const MappedRegion& region) noexcept { return (region.bytes().size() - header_size) / slot_size; }

std::byte* slot_address(const MappedRegion& region, std::size_t index) noexcept {
    return region.bytes().data() + header_size + index * slot_size;
}

}  // namespace

void WatermarkSlot::set(std::int64_t log_start, std::int64_t next_offset) const noexcept {
    if (at_ == nullptr) return;
    shared<std::int64_t>(at_ + log_start_at).store(log_start, std::memory_order_relaxed);
    shared<std::int64_t>(at_ + next_offset_at).store(next_offset, std::memory_order_release);
}

void WatermarkSlot::set_next_offset(std::int64_t next_offset) const noexcept {
    if (at_ != nullptr) shared<std::int64_t>(at_ + next_offset_at).store(next_offset, std::memory_order_release);
}

void WatermarkSlot::raise_log_start(std::int64_t log_start) const noexcept {
    if (at_ == nullptr) return;
    const auto published = shared<std::int64_t>(at_ + log_start_at);
    for (std::int64_t now = published.load(std::memory_order_relaxed); now < log_start;) {
        if (published.compare_exchange_weak(now, log_start, std::memory_order_acq_rel)) return;
    }
}

std::int64_t WatermarkSlot::log_start() const noexcept { return shared<std::int64_t>(at_ + log_start_at).load(std::memory_order_acquire); }
std::int64_t WatermarkSlot::next_offset() const noexcept {
    return shared<std::int64_t>(at_ + next_offset_at).load(std::memory_order_acquire);
}

Result<std::unique_ptr<WatermarkWriter>> WatermarkWriter::open(Env& env, const Layout& layout) {
    std::unique_ptr<WatermarkWriter> writer(new WatermarkWriter(env, layout));
    if (auto grown = writer->grow(first_capacity); !grown) return fail(std::move(grown.error()));
    std::byte* const header = writer->regions_.front()->bytes().data();
    writer->header_ = header;
    shared<std::uint64_t>(header + generation_at).store(0);
    shared<std::uint64_t>(header + count_at).store(0);
    shared<std::uint64_t>(header + magic_at).store(magic);
    return writer;
}

Result<void> WatermarkWriter::grow(std::size_t slots) {
    const std::size_t size = header_size + slots * slot_size;
    {
        // Room is made first: a write into a hole of a mapped file on a full disk would end the process with SIGBUS.
        auto file = env_.open(path_, OpenMode::create);
        if (!file) return fail(std::move(file.error()));
        if (auto made = (*file)->preallocate(size); !made) return made;
    }
    auto region = env_.map_shared(path_, size);
    if (!region) return fail(std::move(region.error()));
    regions_.push_back(std::move(*region));
    capacity_ = slots;
    return {};
}

Result<WatermarkSlot> WatermarkWriter::add(std::string_view topic, std::int32_t partition, std::int64_t log_start,
                                           std::int64_t next_offset) {
    if (count_ == capacity_) {
        if (auto grown = grow(capacity_ * 2); !grown) return fail(std::move(grown.error()));
    }
    std::byte* const at = slot_address(*regions_.back(), count_);
    const auto name_size = static_cast<std::uint32_t>(std::min(topic.size(), slot_size - name_at));
    std::memset(at + name_at, 0, slot_size - name_at);
    std::memcpy(at + name_at, topic.data(), name_size);
    std::memcpy(at + name_size_at, &name_size, sizeof name_size);
    std::memcpy(at + partition_at, &partition, sizeof partition);
    const WatermarkSlot slot(at);
    slot.set(log_start, next_offset);
    ++count_;
    shared<std::uint64_t>(header_ + count_at).store(count_, std::memory_order_release);
    return slot;
}

void WatermarkWriter::publish(std::uint64_t generation) noexcept {
    shared<std::uint64_t>(header_ + generation_at).store(generation);
    moved();
}

void WatermarkWriter::moved() noexcept { shared<std::uint64_t>(header_ + moves_at).fetch_add(1, std::memory_order_release); }

Result<std::unique_ptr<WatermarkReader>> WatermarkReader::open(Env& env, const Layout& layout) {
    std::uint64_t size = 0;
    {
        const auto file = env.open(layout.watermarks(), OpenMode::read);
        if (!file) return fail(file.error());
        const auto file_size = (*file)->size();
        if (!file_size) return fail(file_size.error());
        size = *file_size;
    }
    if (size < header_size) return fail(Errc::unavailable, layout.watermarks() + ": not made yet");
    auto region = env.map_shared(layout.watermarks(), static_cast<std::size_t>(size));
    if (!region) return fail(std::move(region.error()));
    std::unique_ptr<WatermarkReader> reader(new WatermarkReader(std::move(*region)));
    if (shared<std::uint64_t>(reader->region_->bytes().data() + magic_at).load() != magic) {
        return fail(Errc::unsupported, layout.watermarks() + ": written by another version of tenter");
    }
    return reader;
}

std::uint64_t WatermarkReader::generation() const noexcept {
    return shared<std::uint64_t>(region_->bytes().data() + generation_at).load(std::memory_order_seq_cst);
}
std::uint64_t WatermarkReader::moves() const noexcept {
    return shared<std::uint64_t>(region_->bytes().data() + moves_at).load(std::memory_order_acquire);
}
std::size_t WatermarkReader::count() const noexcept {
    return static_cast<std::size_t>(shared<std::uint64_t>(region_->bytes().data() + count_at).load(std::memory_order_acquire));
}
std::size_t WatermarkReader::visible() const noexcept { return slots_in(*region_); }

std::optional<PublishedPartition> WatermarkReader::at(std::size_t index) const noexcept {
    std::byte* const slot = slot_address(*region_, index);
    std::uint32_t name_size = 0;
    PublishedPartition found;
    std::memcpy(&name_size, slot + name_size_at, sizeof name_size);
    std::memcpy(&found.partition, slot + partition_at, sizeof found.partition);
    if (name_size > slot_size - name_at) return std::nullopt;
    found.topic = std::string_view(reinterpret_cast<const char*>(slot + name_at), name_size);
    found.slot = WatermarkSlot(slot);
    return found;
}

}  // namespace tenter::log
