// Goal: whatever happens while the registry is changed, the file is a whole registry, and it is the one before or the one after.
// Method: every call to the disk fails, once or from then on, on a disk that forgets what a failed sync should have written; the plug is
// pulled before every call, many times over.
#include "gateway/consumers/registry_file.hpp"

#include <gtest/gtest.h>

#include "tenter/base/env_testing.hpp"

namespace tenter::consumers {
namespace {

using namespace std::chrono_literals;

Consumer consumer(const std::string& name) {
    SeededRandom random(7);
    return {.name = name, .sources = {"demo"}, .secrets = {StoredSecret::of(Secret("secret"), random)}};
}

RegistryFile::Change add(const std::string& name) {
    return [name](const Registry& registry) { return registry.with(consumer(name)); };
}

std::vector<std::string> names(const Registry& registry) {
    std::vector<std::string> all;
    for (const auto& one : registry.all()) all.push_back(one.name);
    return all;
}

using Names = std::vector<std::string>;

class RegistryFiles : public ::testing::Test {
protected:
    CrashSimulatingEnv disk;
    RegistryFile file{disk, "/data"};
};

TEST_F(RegistryFiles, is_empty_where_there_is_no_file_and_makes_none) {
    const auto registry = file.current();
    ASSERT_TRUE(registry);
    EXPECT_TRUE((*registry)->all().empty());
    EXPECT_EQ(disk.stamp("/data").error().code, Errc::not_found);
}

TEST_F(RegistryFiles, holds_what_was_put_in_for_every_other_reader_and_after_a_crash) {
    ASSERT_TRUE(file.update(add("a")));
    ASSERT_TRUE(file.update(add("b")));
    RegistryFile other(disk, "/data/");
    const auto registry = other.current();
    ASSERT_TRUE(registry);
    EXPECT_EQ(names(**registry), (Names{"a", "b"}));
    SeededRandom random(1);
    disk.crash(random);
    RegistryFile later(disk, "/data");
    ASSERT_TRUE(later.current());
    EXPECT_EQ(names(*later.last()), (Names{"a", "b"}));
}

TEST_F(RegistryFiles, is_the_same_object_until_somebody_changes_something) {
    ASSERT_TRUE(file.update(add("a")));
    const auto before = file.current();
    ASSERT_TRUE(before);
    EXPECT_EQ(*file.current(), *before);
    RegistryFile other(disk, "/data");
    ASSERT_TRUE(other.update(add("b")));
    const auto after = file.current();
    ASSERT_TRUE(after);
    EXPECT_NE(*after, *before);
    EXPECT_EQ(names(**before), Names{"a"}) << "what was handed out never changes";
    EXPECT_EQ(names(**after), (Names{"a", "b"}));
}

TEST_F(RegistryFiles, is_not_empty_because_the_file_is_away_for_a_moment) {
    EXPECT_FALSE(file.is_there());
    ASSERT_TRUE(file.update(add("a")));
    EXPECT_TRUE(file.is_there());
    ASSERT_TRUE(disk.rename("/data/consumers.json", "/data/consumers.json~"));
    const auto registry = file.current();
    ASSERT_FALSE(registry);
    EXPECT_EQ(registry.error().code, Errc::not_found);
    EXPECT_EQ(registry.error().message, "/data/consumers.json is gone; it is never removed, also when it names nobody");
    EXPECT_FALSE(file.update(add("b"))) << "it would be the only one";
    EXPECT_EQ(names(*file.last()), Names{"a"});
    ASSERT_TRUE(disk.rename("/data/consumers.json~", "/data/consumers.json"));
    ASSERT_TRUE(file.update(add("b")));
    EXPECT_EQ(names(*file.last()), (Names{"a", "b"}));
}

TEST_F(RegistryFiles, changes_what_others_have_put_in_meanwhile) {
    RegistryFile other(disk, "/data");
    ASSERT_TRUE(file.update(add("a")));
    ASSERT_TRUE(other.update(add("b")));
    ASSERT_TRUE(file.update(add("c")));
    EXPECT_EQ(names(*file.last()), (Names{"a", "b", "c"}));
}

TEST_F(RegistryFiles, writes_nothing_when_nothing_changes_or_the_change_fails) {
    ASSERT_TRUE(file.update(add("a")));
    const auto stamp = disk.stamp(file.path());
    ASSERT_TRUE(file.update([](const Registry& registry) -> Result<Registry> { return registry; }));
    const auto refused = file.update([](const Registry&) -> Result<Registry> { return fail(Errc::not_found, "no such consumer"); });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "no such consumer");
    EXPECT_EQ(*disk.stamp(file.path()), *stamp);
}

TEST_F(RegistryFiles, never_takes_a_damaged_file_for_an_empty_one_nor_writes_over_it) {
    ASSERT_TRUE(file.update(add("a")));
    ASSERT_TRUE(replace_file(disk, "/data/consumers.json", "{\"version\": 1, \"consumers\": [{}]}"));
    const auto registry = file.current();
    ASSERT_FALSE(registry);
    EXPECT_EQ(registry.error().code, Errc::corrupt);
    EXPECT_EQ(registry.error().message, "/data/consumers.json: consumers[0]: \"name\" is missing");
    EXPECT_EQ(names(*file.last()), Names{"a"}) << "what was known before is still known";
    EXPECT_EQ(file.update(add("b")).error().code, Errc::corrupt);
    const auto content = read_file(disk, "/data/consumers.json", 1000);
    EXPECT_EQ(*content, "{\"version\": 1, \"consumers\": [{}]}");
}

TEST_F(RegistryFiles, waits_for_others_to_finish_only_so_long) {
    ASSERT_TRUE(file.update(add("a")));
    auto held = disk.lock("/data/consumers.lock");
    ASSERT_TRUE(held);
    EXPECT_EQ(file.update(add("b"), 0ms).error().code, Errc::overloaded);
    EXPECT_EQ(file.update(add("b"), 20ms).error().code, Errc::overloaded);
    held->reset();
    EXPECT_TRUE(file.update(add("b"), 0ms));
}

/// How a change fails, and what comes then.
struct Failure {
    Fault fault = Fault::io_error;
    bool from_then_on = false;
    bool has_file = false;   ///< Before the change; else not even the folder is there.
    bool goes_on = false;    ///< The process makes another change on a disk that works again.
    bool power_cut = false;  ///< At the end, instead of a kill.
};

std::string to_string(const Failure& failure, std::uint64_t nth) {
    return "call " + std::to_string(nth) +
           (failure.fault == Fault::io_error   ? " (EIO)"
            : failure.fault == Fault::no_space ? " (ENOSPC)"
                                               : " (short)") +
           (failure.from_then_on ? " and all after it" : "") + (failure.has_file ? "" : ", the first change") +
           (failure.goes_on ? ", goes on" : "") + (failure.power_cut ? ", power cut" : ", kill");
}

/// Whether a call was failed: there are so many.
bool fails_at(const Failure& failure, std::uint64_t nth) {
    CrashSimulatingEnv disk;
    RegistryFile first(disk, "/data");
    if (failure.has_file) {
        EXPECT_TRUE(first.update(add("a")));
    }
    FaultInjectingEnv failing(disk);
    failing.set_on_failed_sync([&](CallKind, const std::string& path) { disk.mark_clean(path); });
    RegistryFile changing(failing, "/data");
    failing.arm({.fault = failure.fault, .nth = nth, .from_then_on = failure.from_then_on});
    const bool is_acknowledged = changing.update(add("b")).has_value();
    const bool has_failed = failing.faults() > 0;
    failing.disarm();

    const Names before = failure.has_file ? Names{"a"} : Names{};
    Names after = before;
    after.emplace_back("b");
    EXPECT_TRUE(changing.current());
    Names told = names(*changing.last());
    EXPECT_TRUE(told == before || told == after);
    if (failure.goes_on) {
        EXPECT_TRUE(changing.update(add("c")));
        told.emplace_back("c");
    }
    SeededRandom random(nth);
    if (failure.power_cut) {
        disk.crash(random);
    } else {
        disk.kill();
    }
    RegistryFile reopened(disk, "/data");
    EXPECT_TRUE(reopened.current()) << reopened.current().error().message;
    const Names found = names(*reopened.last());
    if (failure.goes_on || !failure.power_cut) {
        EXPECT_EQ(found, told);
    } else {
        EXPECT_TRUE(found == before || found == after);
        if (is_acknowledged) {
            EXPECT_EQ(found, after);
        }
    }
    EXPECT_EQ(is_acknowledged, !has_failed || failure.fault == Fault::short_write);
    return has_failed;
}

TEST(RegistryFileOnAFailingDisk, is_the_one_before_or_the_one_after_whichever_call_fails) {
    for (int bits = 0; bits < 16; ++bits) {
        for (const Fault fault : {Fault::io_error, Fault::no_space, Fault::short_write}) {
            const Failure failure{fault, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
            std::uint64_t nth = 1;
            for (bool failed = true; failed; ++nth) {
                SCOPED_TRACE(to_string(failure, nth));
                failed = fails_at(failure, nth);
                ASSERT_FALSE(::testing::Test::HasFailure());
            }
            EXPECT_GT(nth, fault == Fault::short_write ? 2U : 8U) << "lock, stat, open, read, and then write, sync, rename, sync";
        }
    }
}

TEST_F(RegistryFiles, is_the_one_before_or_the_one_after_whenever_the_plug_is_pulled) {
    bool saw_before = false;
    bool saw_after = false;
    for (std::uint64_t nth = 1, done = 0; done == 0; ++nth) {
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            CrashSimulatingEnv fresh;
            RegistryFile before(fresh, "/data");
            ASSERT_TRUE(before.update(add("a")));
            fresh.stop_before_call(nth);
            const auto updated = before.update(add("b"));
            if (updated) done = nth;
            SeededRandom random(seed);
            fresh.crash(random);
            RegistryFile after(fresh, "/data");
            ASSERT_TRUE(after.current()) << "call " << nth << ", seed " << seed << ": " << after.current().error().message;
            const bool has_new = names(*after.last()) == (Names{"a", "b"});
            if (!has_new) {
                EXPECT_EQ(names(*after.last()), Names{"a"});
            }
            if (updated) {
                EXPECT_TRUE(has_new) << "what was said to be done is done";
            }
            (has_new ? saw_after : saw_before) = true;
        }
    }
    EXPECT_TRUE(saw_before);
    EXPECT_TRUE(saw_after);
}

}  // namespace
}  // namespace tenter::consumers
