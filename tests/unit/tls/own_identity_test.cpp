// Goal: whatever happens while the gateway makes its certificates (a crash, a failing disk, two processes at once), there is in the end one
// authority, and nobody who has seen its certificate sees another one later.

#include <thread>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tenter/base/env_testing.hpp"
#include "tls_testing.hpp"

namespace tenter::tls {
namespace {

using std::chrono::days;
using testing::HasSubstr;

const UnixMillis today{std::chrono::sys_days{std::chrono::year{2026} / 11 / 25}};
const std::vector<std::string> names{"localhost", "127.0.0.1"};

Identity ensured(Env& env, const Clock& clock, const std::vector<std::string>& wanted = names) {
    auto identity = ensure_identity(env, clock, "/data", wanted);
    EXPECT_TRUE(identity) << identity.error().message;
    return identity ? *identity : Identity{};
}

/// As clients judge it: the authority is its own, the server's certificate is signed by it, and the key is the certificate's.
void expect_whole(const Identity& identity) {
    const auto authority = read_certificates(identity.authority);
    const auto server = read_certificates(identity.certificates);
    const auto key = read_key(identity.key.reveal());
    ASSERT_TRUE(authority && server && key);
    EXPECT_EQ(X509_verify(authority->front().get(), X509_get0_pubkey(authority->front().get())), 1);
    EXPECT_EQ(X509_verify(server->front().get(), X509_get0_pubkey(authority->front().get())), 1);
    EXPECT_EQ(X509_check_private_key(server->front().get(), key->get()), 1);
}

TEST(OwnIdentity, is_made_once_and_then_the_same) {
    CrashSimulatingEnv env;
    const SimulatedClock clock(today);
    const Identity first = ensured(env, clock);
    expect_whole(first);
    EXPECT_EQ(ensured(env, clock), first);
    EXPECT_EQ(*ensure_authority(env, clock, "/data"), first.authority);
}

TEST(OwnIdentity, takes_the_authority_that_a_command_has_made_before) {
    CrashSimulatingEnv env;
    const SimulatedClock clock(today);
    const auto authority = ensure_authority(env, clock, "/data");
    ASSERT_TRUE(authority);
    EXPECT_EQ(ensured(env, clock).authority, *authority);
}

TEST(OwnIdentity, is_renewed_when_less_than_a_third_of_its_year_is_left) {
    CrashSimulatingEnv env;
    SimulatedClock clock(today);
    const Identity first = ensured(env, clock);
    clock.advance(days(243));  // of 365: 122 are left, a third is 121.67
    EXPECT_EQ(ensured(env, clock), first);
    clock.advance(days(1));
    const Identity second = ensured(env, clock);
    EXPECT_NE(second.certificates, first.certificates);
    EXPECT_NE(second.key, first.key);
    EXPECT_EQ(second.authority, first.authority);
    expect_whole(second);
    EXPECT_EQ(*expiry_of(second) - clock.now(), days(365));
}

TEST(OwnIdentity, is_renewed_when_a_name_is_missing_and_not_when_there_is_one_too_many) {
    CrashSimulatingEnv env;
    const SimulatedClock clock(today);
    const Identity both = ensured(env, clock, {"localhost", "127.0.0.1", "tenter.example"});
    EXPECT_EQ(ensured(env, clock, {"localhost"}), both);
    const Identity other = ensured(env, clock, {"localhost", "10.0.0.7"});
    EXPECT_NE(other.certificates, both.certificates);
    EXPECT_TRUE(covers(*read_certificates(other.certificates)->front(), "10.0.0.7"));
    EXPECT_FALSE(covers(*read_certificates(other.certificates)->front(), "tenter.example"));
}

TEST(OwnIdentity, is_renewed_when_the_clock_was_ahead_as_it_was_made) {
    CrashSimulatingEnv env;
    SimulatedClock clock(today);
    const Identity early = ensured(env, clock);
    clock.set(today - days(400));
    EXPECT_NE(ensured(env, clock).certificates, early.certificates);
}

TEST(OwnIdentity, is_renewed_when_its_file_is_damaged_and_when_another_authority_signed_it) {
    CrashSimulatingEnv env;
    const SimulatedClock clock(today);
    const Identity first = ensured(env, clock);
    ASSERT_TRUE(replace_file(env, "/data/tls/server.pem", "nonsense"));
    expect_whole(ensured(env, clock));

    ASSERT_TRUE(env.remove("/data/tls/ca.pem"));
    const Identity second = ensured(env, clock);
    EXPECT_NE(second.authority, first.authority);
    expect_whole(second);
}

TEST(OwnIdentity, lasts_through_twenty_years_of_renewals) {
    CrashSimulatingEnv env;
    SimulatedClock clock(today);
    const Identity first = ensured(env, clock);
    for (int year = 0; year < 20; ++year) {
        clock.advance(days(365));
        const Identity now = ensured(env, clock);
        EXPECT_EQ(now.authority, first.authority);
        EXPECT_GT(*expiry_of(now), clock.now());
    }
    EXPECT_GT(validity_of(*read_certificates(first.authority)->front())->ends, clock.now() + server_life);
}

TEST(OwnIdentity, says_what_to_do_when_the_authority_has_lost_its_key) {
    CrashSimulatingEnv env;
    const SimulatedClock clock(today);
    static_cast<void>(ensured(env, clock));
    ASSERT_TRUE(env.remove("/data/tls/ca.key"));
    const auto lost = ensure_identity(env, clock, "/data", names);
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, Errc::corrupt);
    EXPECT_THAT(lost.error().message, HasSubstr("/data/tls/ca.key: missing; put the file back"));

    ASSERT_TRUE(replace_file(env, "/data/tls/ca.key", "nonsense"));
    EXPECT_THAT(ensure_authority(env, clock, "/data").error().message, HasSubstr("holds no private key"));
}

TEST(OwnIdentity, refuses_what_is_no_name) {
    CrashSimulatingEnv env;
    const SimulatedClock clock(today);
    for (const char* const name : {"a,b", "tenter.example:9092", "", "*.example", "a b"}) {
        const auto refused = ensure_identity(env, clock, "/data", {name});
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().code, Errc::invalid_input);
    }
}

TEST(OwnIdentity, survives_a_power_cut_before_each_call_and_keeps_an_authority_that_was_seen) {
    const SimulatedClock clock(today);
    CrashSimulatingEnv counted;
    static_cast<void>(ensured(counted, clock));
    const std::uint64_t calls = counted.calls();
    ASSERT_GT(calls, 10U);
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        SeededRandom random(seed);
        for (std::uint64_t nth = 1; nth <= calls; ++nth) {
            CrashSimulatingEnv env;
            env.stop_before_call(nth);
            EXPECT_FALSE(ensure_identity(env, clock, "/data", names));
            env.crash(random);
            const auto seen = read_file(env, "/data/tls/ca.pem", 10'000);
            const Identity after = ensured(env, clock);
            expect_whole(after);
            if (seen) {
                EXPECT_EQ(after.authority, *seen) << "seed " << seed << ", call " << nth;
            }
        }
    }
}

TEST(OwnIdentity, hands_out_nothing_that_a_power_cut_could_take_back) {
    const SimulatedClock clock(today);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SeededRandom random(seed);
        CrashSimulatingEnv env;
        ASSERT_TRUE(env.create_directories("/data"));
        ASSERT_TRUE(env.sync_directory("/"));  // the data folder's own name is the log's to make durable
        const auto authority = ensure_authority(env, clock, "/data");
        ASSERT_TRUE(authority);
        env.crash(random);
        EXPECT_EQ(*ensure_authority(env, clock, "/data"), *authority) << "seed " << seed;
    }
}

TEST(OwnIdentity, fails_with_each_call_that_fails_and_works_when_it_is_over) {
    const SimulatedClock clock(today);
    CrashSimulatingEnv first;
    FaultInjectingEnv counted(first);
    static_cast<void>(ensured(counted, clock));
    for (const Fault fault : {Fault::io_error, Fault::no_space}) {
        for (std::uint64_t nth = 1; nth <= counted.calls(); ++nth) {
            CrashSimulatingEnv disk;
            FaultInjectingEnv env(disk);
            env.arm({.fault = fault, .nth = nth});
            EXPECT_FALSE(ensure_identity(env, clock, "/data", names)) << "call " << nth;
            env.disarm();
            expect_whole(ensured(env, clock));
        }
    }
}

TEST(OwnIdentity, is_one_and_the_same_for_all_who_ask_at_once) {
    const TemporaryFolder folder;
    const SystemClock clock;
    std::vector<std::string> seen(8);
    {
        std::vector<std::jthread> askers;
        for (std::size_t i = 0; i < seen.size(); ++i) {
            askers.emplace_back([&, i] {
                PosixEnv env;
                if (i % 2 == 0) {
                    if (auto authority = ensure_authority(env, clock, folder.file("data"))) seen[i] = *authority;
                } else if (auto identity = ensure_identity(env, clock, folder.file("data"), names)) {
                    seen[i] = identity->authority;
                }
            });
        }
    }
    EXPECT_THAT(seen[0], HasSubstr("BEGIN CERTIFICATE"));
    EXPECT_THAT(seen, testing::Each(seen[0]));
}

TEST(OwnIdentity, is_readable_by_its_user_only) {
    const TemporaryFolder folder;
    const SystemClock clock;
    PosixEnv env;
    ASSERT_TRUE(ensure_identity(env, clock, folder.file("data"), names));
    for (const char* const name : {"data/tls/ca.key", "data/tls/ca.pem", "data/tls/server.pem", "data/tls/lock"}) {
        struct stat status{};
        ASSERT_EQ(::stat(folder.file(name).c_str(), &status), 0) << name;
        EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
    }
    EXPECT_EQ(env.list(folder.file("data/tls"))->size(), 4U) << "no temporary file is left";
}

}  // namespace
}  // namespace tenter::tls
