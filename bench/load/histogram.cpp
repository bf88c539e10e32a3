#include "bench/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace tenter::load {
namespace {

constexpr unsigned sub_bits = 7;
constexpr std::uint64_t sub_buckets = 1U << sub_bits;
constexpr unsigned max_bits = 40;  // 2^40 ns: 18 minutes
constexpr std::uint64_t max_value = (std::uint64_t{1} << max_bits) - 1;
constexpr std::size_t bucket_count = (max_bits - sub_bits + 1) * sub_buckets;

std::size_t bucket_of(std::uint64_t value) noexcept {
    if (value < sub_buckets) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - 1 - sub_bits;
    return shift * sub_buckets + (value >> shift);
}

std::uint64_t upper_end_of(std::size_t bucket) noexcept {
    if (bucket < sub_buckets) return bucket;
    const std::uint64_t shift = bucket / sub_buckets - 1;
    const std::uint64_t first = (bucket % sub_buckets + sub_buckets) << shift;
    return first + (std::uint64_t{1} << shift) - 1;
}

std::chrono::nanoseconds to_duration(std::uint64_t value) noexcept { return std::chrono::nanoseconds(static_cast<std::int64_t>(value)); }

}  // namespace

Histogram::Histogram() : buckets_(bucket_count) {}

void Histogram::record(std::chrono::nanoseconds duration) noexcept {
    const auto value = std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)), max_value);
    ++buckets_[bucket_of(value)];
    ++count_;
    sum_ += value;
    max_ = std::max(max_, value);
}

void Histogram::add(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
}

std::chrono::nanoseconds Histogram::quantile(double fraction) const noexcept {
    if (count_ == 0) return {};
    const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        seen += buckets_[i];
        if (seen >= wanted) return to_duration(std::min(upper_end_of(i), max_));
    }
    return max();
}

std::chrono::nanoseconds Histogram::mean() const noexcept { return to_duration(count_ == 0 ? 0 : sum_ / count_); }

}  // namespace tenter::load
