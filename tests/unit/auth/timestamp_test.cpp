// Timestamps as they are signed: their units, and how far from now they may be.

#include "src/auth/signed_timestamp.hpp"

#include "tests/unit/auth/auth_testing.hpp"
#include "tests/unit/auth/openssl_vectors.hpp"

namespace tenter::auth::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const auto signed_at = at_seconds(1531420618);

/// Slack's vector: signed in whole seconds, five minutes' tolerance.
Result<Verified> verify_at(UnixMillis now) {
    const TestRequest request{
        .body = vector_of("body"),
        .headers = {{"X-Slack-Signature", "v0=" + vector_of("slack_hex")}, {"X-Slack-Request-Timestamp", std::to_string(vector_time)}}};
    const auto verifier = named_verifier("slack", {vector_of("secret")});
    auto verified = request.verify_with(*verifier, now);
    if (!verified) return verified;
    return Verified{};
}

TEST(Tolerance, holds_up_to_and_including_its_last_millisecond_both_ways) {
    const auto at = at_seconds(vector_time);
    for (const auto distance : {milliseconds(0), milliseconds(299'999), milliseconds(300'000)}) {
        EXPECT_TRUE(verify_at(at + distance).has_value()) << distance.count();
        EXPECT_TRUE(verify_at(at - distance).has_value()) << distance.count();
    }
    for (const auto distance : {milliseconds(300'001), milliseconds(3'600'000)}) {
        EXPECT_THAT(verify_at(at + distance).error().message, ::testing::HasSubstr("too old"));
        EXPECT_THAT(verify_at(at - distance).error().message, ::testing::HasSubstr("too new"));
        EXPECT_EQ(verify_at(at + distance).error().code, Errc::unauthenticated);
    }
}

TEST(Tolerance, left_out_means_that_a_timestamp_is_signed_but_may_be_of_any_age) {
    auto scheme = *find_scheme("slack");
    scheme.tolerance.reset();
    const TestRequest request{
        .body = vector_of("body"),
        .headers = {{"X-Slack-Signature", "v0=" + vector_of("slack_hex")}, {"X-Slack-Request-Timestamp", std::to_string(vector_time)}}};
    expect_accepted(*verifier_of(scheme, {vector_of("secret")}), request, UnixMillis{});
}

TEST(Tolerance, does_not_overflow_at_the_ends_of_time) {
    EXPECT_FALSE(check_tolerance(UnixMillis(milliseconds(999'999'999'999'999'000)), UnixMillis{}, minutes(5)).has_value());
    EXPECT_FALSE(check_tolerance(UnixMillis{}, UnixMillis(milliseconds(999'999'999'999'999'000)), minutes(5)).has_value());
}

TEST(SignedTimestamp, is_read_in_its_unit) {
    EXPECT_EQ(parse_signed_timestamp("1531420618", TimestampUnit::seconds).value(), signed_at);
    EXPECT_EQ(parse_signed_timestamp("1531420618123", TimestampUnit::milliseconds).value(), signed_at + milliseconds(123));
    EXPECT_EQ(parse_signed_timestamp("2018-07-12T18:36:58.123Z", TimestampUnit::rfc3339).value(), signed_at + milliseconds(123));
    EXPECT_EQ(parse_signed_timestamp("999999999999999", TimestampUnit::seconds).value().time_since_epoch().count(),
              999'999'999'999'999'000);
}

TEST(SignedTimestamp, is_nothing_but_digits_where_it_is_a_number) {
    for (const auto unit : {TimestampUnit::seconds, TimestampUnit::milliseconds}) {
        for (const auto* text :
             {"", " 1", "1 ", "-1", "+1", "1.0", "1e3", "0x1", "1531420618s", "1000000000000000", "99999999999999999999"}) {
            const auto time = parse_signed_timestamp(text, unit);
            ASSERT_FALSE(time.has_value()) << text;
            EXPECT_EQ(time.error().code, Errc::unauthenticated);
        }
    }
    EXPECT_FALSE(parse_signed_timestamp("1531420618", TimestampUnit::rfc3339).has_value());
}

TEST(SignedTimestamp, is_written_in_its_unit) {
    EXPECT_EQ(format_signed_timestamp(signed_at + milliseconds(999), TimestampUnit::seconds), "1531420618");
    EXPECT_EQ(format_signed_timestamp(signed_at + milliseconds(999), TimestampUnit::milliseconds), "1531420618999");
    EXPECT_EQ(format_signed_timestamp(signed_at, TimestampUnit::rfc3339), "2018-07-12T18:36:58.000Z");
}

TEST(SignedTimestamp, in_milliseconds_is_held_against_the_clock_in_milliseconds) {
    SignatureScheme scheme;
    scheme.signature_header = "X-Signature";
    scheme.signed_template = "{timestamp}.{body}";
    scheme.timestamp_header = "X-Time";
    scheme.timestamp_unit = TimestampUnit::milliseconds;
    scheme.tolerance = seconds(1);
    const TestRequest request{.body = vector_of("body"),
                              .headers = {{"X-Signature", vector_of("milliseconds_hex")}, {"X-Time", "1700000000123"}}};
    const auto verifier = verifier_of(scheme, {vector_of("secret")});
    const auto at = at_seconds(vector_time) + milliseconds(123);
    expect_accepted(*verifier, request, at + seconds(1));
    expect_accepted(*verifier, request, at - seconds(1));
    expect_refused(*verifier, request, at + milliseconds(1'001), "too old");
    expect_refused(*verifier, request, at - milliseconds(1'001), "too new");
}

}  // namespace
}  // namespace tenter::auth::testing
