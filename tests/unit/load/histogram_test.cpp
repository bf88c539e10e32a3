#include "bench/load/histogram.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

namespace tenter::load {
namespace {

using std::chrono::nanoseconds;

TEST(Histogram, knows_nothing_of_nothing) {
    const Histogram histogram;
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.quantile(0.99), nanoseconds{0});
    EXPECT_EQ(histogram.mean(), nanoseconds{0});
}

TEST(Histogram, is_exact_below_256_nanoseconds) {
    for (std::int64_t value = 0; value < 256; ++value) {
        Histogram histogram;
        histogram.record(nanoseconds(value));
        histogram.record(nanoseconds(100'000));
        EXPECT_EQ(histogram.quantile(0.5), nanoseconds(value));
    }
}

TEST(Histogram, is_never_low_and_less_than_one_percent_high) {
    for (std::int64_t value = 1; value < (std::int64_t{1} << 39); value = value * 21 / 20 + 1) {
        Histogram histogram;
        histogram.record(nanoseconds(value));
        histogram.record(nanoseconds(std::int64_t{1} << 39));
        const auto got = histogram.quantile(0.5).count();
        EXPECT_GE(got, value);
        EXPECT_LE(static_cast<double>(got), static_cast<double>(value) * 1.008) << value;
    }
}

TEST(Histogram, finds_quantiles_of_known_numbers) {
    Histogram histogram;
    for (int value = 100; value >= 1; --value) histogram.record(nanoseconds(value));
    EXPECT_EQ(histogram.quantile(0.5), nanoseconds(50));
    EXPECT_EQ(histogram.quantile(0.9), nanoseconds(90));
    EXPECT_EQ(histogram.quantile(0.99), nanoseconds(99));
    EXPECT_EQ(histogram.quantile(0.999), nanoseconds(100));
    EXPECT_EQ(histogram.max(), nanoseconds(100));
    EXPECT_EQ(histogram.mean(), nanoseconds(50));  // 50.5, rounded down
}

TEST(Histogram, says_no_more_than_the_greatest) {
    Histogram histogram;
    histogram.record(nanoseconds(1'000'001));
    EXPECT_EQ(histogram.quantile(1), nanoseconds(1'000'001));
}

TEST(Histogram, adds_up) {
    Histogram low;
    Histogram high;
    for (int i = 0; i < 9; ++i) low.record(nanoseconds(10));
    high.record(nanoseconds(200));
    low.add(high);
    EXPECT_EQ(low.count(), 10U);
    EXPECT_EQ(low.quantile(0.9), nanoseconds(10));
    EXPECT_EQ(low.quantile(0.91), nanoseconds(200));
    EXPECT_EQ(low.max(), nanoseconds(200));
    EXPECT_EQ(low.mean(), nanoseconds(29));
}

TEST(Histogram, counts_the_impossible_at_its_ends) {
    Histogram histogram;
    histogram.record(nanoseconds(-5));
    histogram.record(std::chrono::hours(100));
    EXPECT_EQ(histogram.count(), 2U);
    EXPECT_EQ(histogram.quantile(0.5), nanoseconds(0));
    EXPECT_EQ(histogram.max(), nanoseconds((std::int64_t{1} << 40) - 1));
}

}  // namespace
}  // namespace tenter::load
