// The two file systems for tests must themselves be right: a crash test over a disk that forgets nothing would prove nothing.
#include "tenter/base/env_testing.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace tenter {
namespace {

class CrashSimulating : public ::testing::Test {
protected:
    [[nodiscard]] std::unique_ptr<File> open(const std::string& path, OpenMode mode = OpenMode::create) {
        auto file = env.open(path, mode);
        EXPECT_TRUE(file) << file.error().message;
        return file ? std::move(*file) : nullptr;
    }
    [[nodiscard]] std::string content(const std::string& path) {
        const auto bytes = read_file(env, path, 1 << 20);
        return bytes ? *bytes : "(" + bytes.error().message + ")";
    }
    /// A durable file "f" with that content.
    std::unique_ptr<File> make_durable(BytesView bytes) {
        auto file = open("/f");
        EXPECT_TRUE(write_all(*file, bytes, 0));
        EXPECT_TRUE(file->sync_data());
        EXPECT_TRUE(env.sync_directory("/"));
        return file;
    }

    CrashSimulatingEnv env;
};

TEST_F(CrashSimulating, keeps_what_was_synced_through_every_crash) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        SeededRandom random(seed);
        make_durable(std::string(2000, 'd') + std::to_string(seed));
        env.crash(random);
        ASSERT_EQ(content("/f"), std::string(2000, 'd') + std::to_string(seed));
    }
}

TEST_F(CrashSimulating, loses_keeps_and_tears_what_was_not_synced) {
    std::set<std::string> outcomes;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SeededRandom random(seed);
        const auto file = make_durable(std::string(1024, 'a'));
        ASSERT_TRUE(write_all(*file, std::string(1024, 'b'), 0));
        env.crash(random);
        const std::string left = content("/f");
        ASSERT_EQ(left.size(), 1024U);
        ASSERT_EQ(left.find_first_not_of("ab"), std::string::npos);
        outcomes.insert(left);
    }
    EXPECT_TRUE(outcomes.contains(std::string(1024, 'a')));
    EXPECT_TRUE(outcomes.contains(std::string(1024, 'b')));
    EXPECT_TRUE(outcomes.contains(std::string(512, 'a') + std::string(512, 'b'))) << "later sectors may come first";
    EXPECT_GT(outcomes.size(), 10U) << "sectors are torn at many places";
}

TEST_F(CrashSimulating, never_damages_bytes_that_no_write_changed) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SeededRandom random(seed);
        const auto file = make_durable(std::string(700, 'a'));
        ASSERT_TRUE(write_all(*file, "bbb", 700));
        ASSERT_TRUE(write_all(*file, std::string(188, 'a'), 512));  // the same old bytes again
        env.crash(random);
        const std::string left = content("/f");
        ASSERT_GE(left.size(), 700U);
        ASSERT_EQ(left.substr(0, 700), std::string(700, 'a')) << seed;
    }
}

TEST_F(CrashSimulating, may_have_any_size_since_the_last_sync) {
    std::set<std::size_t> sizes;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SeededRandom random(seed);
        const auto file = make_durable("12345");
        ASSERT_TRUE(file->truncate(5));
        ASSERT_TRUE(file->truncate(2));
        ASSERT_TRUE(file->preallocate(9));
        env.crash(random);
        sizes.insert(content("/f").size());
        ASSERT_TRUE(open("/f")->truncate(0));
    }
    EXPECT_EQ(sizes, (std::set<std::size_t>{2, 5, 9}));
}

TEST_F(CrashSimulating, may_lose_a_file_whose_name_was_not_synced_but_not_tear_a_rename) {
    int made = 0;
    int replaced = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        SeededRandom random(seed);
        make_durable("old");
        const auto fresh = open("/f.new");
        ASSERT_TRUE(write_all(*fresh, "new", 0));
        ASSERT_TRUE(fresh->sync_data());
        ASSERT_TRUE(env.sync_directory("/"));
        ASSERT_TRUE(open("/g")->sync_data());
        ASSERT_TRUE(env.rename("/f.new", "/f"));
        env.crash(random);
        const std::string left = content("/f");
        ASSERT_TRUE(left == "old" || left == "new") << left;
        ASSERT_EQ(env.open("/f.new", OpenMode::read).has_value(), left == "old");
        replaced += left == "new" ? 1 : 0;
        const bool there = env.open("/g", OpenMode::read).has_value();
        made += there ? 1 : 0;
        if (there) {
            ASSERT_TRUE(env.remove("/g"));
        }
        ASSERT_TRUE(env.sync_directory("/"));
    }
    EXPECT_GT(made, 20);
    EXPECT_LT(made, 80);
    EXPECT_GT(replaced, 20);
    EXPECT_LT(replaced, 80);
}

TEST_F(CrashSimulating, loses_what_lies_in_a_folder_whose_name_was_lost) {
    int kept = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        CrashSimulatingEnv fresh;
        SeededRandom random(seed);
        ASSERT_TRUE(fresh.create_directories("/a/b"));
        ASSERT_TRUE(fresh.open("/a/b/f", OpenMode::create));
        ASSERT_TRUE(fresh.sync_directory("/a/b"));
        ASSERT_TRUE(fresh.sync_directory("/a"));
        fresh.crash(random);
        const bool there = fresh.list("/a").has_value();
        EXPECT_EQ(fresh.open("/a/b/f", OpenMode::read).has_value(), there);
        kept += there ? 1 : 0;
    }
    EXPECT_GT(kept, 10);
    EXPECT_LT(kept, 50);
}

TEST_F(CrashSimulating, keeps_everything_through_a_kill_but_no_handle_and_no_lock) {
    const auto file = open("/f");
    ASSERT_TRUE(write_all(*file, "written", 0));
    const auto lock = env.lock("/LOCK");
    ASSERT_TRUE(lock);
    EXPECT_EQ(env.lock("/LOCK").error().code, Errc::overloaded);
    env.kill();
    EXPECT_EQ(file->pwrite("x", 0).error().code, Errc::unavailable);
    EXPECT_EQ(file->sync_data().error().code, Errc::unavailable);
    EXPECT_EQ(content("/f"), "written");
    EXPECT_TRUE(env.lock("/LOCK"));
    SeededRandom random(1);
    bool lost = false;
    for (int i = 0; i < 50 && !lost; ++i) {  // a kill syncs nothing
        CrashSimulatingEnv other;
        {
            ASSERT_TRUE(write_all(**other.open("/f", OpenMode::create), "x", 0));
        }
        other.kill();
        other.crash(random);
        lost = !other.open("/f", OpenMode::read);
    }
    EXPECT_TRUE(lost);
}

TEST_F(CrashSimulating, lets_go_of_a_lock_when_its_holder_does) {
    {
        ASSERT_TRUE(env.lock("/LOCK"));
    }
    EXPECT_TRUE(env.lock("/LOCK"));
}

TEST_F(CrashSimulating, forgets_after_a_failed_sync_though_readers_see_the_data_and_later_syncs_succeed) {
    FaultInjectingEnv faults(env);
    faults.set_on_failed_sync([this](CallKind, const std::string& path) { env.mark_clean(path); });
    make_durable("old");
    auto file = faults.open("/f", OpenMode::read_write);
    ASSERT_TRUE(file);
    ASSERT_TRUE(write_all(**file, "new", 0));
    faults.arm({.kind = CallKind::sync_data});
    EXPECT_EQ((*file)->sync_data().error().os_error, EIO);
    EXPECT_TRUE((*file)->sync_data()) << "the kernel reports an error once";
    EXPECT_EQ(content("/f"), "new");
    SeededRandom random(3);
    env.crash(random);
    EXPECT_EQ(content("/f"), "old");
}

TEST_F(CrashSimulating, writes_back_the_size_with_data_that_comes_after_a_forgotten_size) {
    const auto file = make_durable("");
    ASSERT_TRUE(write_all(*file, std::string(600, 'a'), 0));
    env.mark_all_clean();
    ASSERT_TRUE(write_all(*file, "b", 599));
    ASSERT_TRUE(file->sync_data());
    SeededRandom random(3);
    env.crash(random);
    EXPECT_EQ(content("/f"), std::string(512, '\0') + std::string(87, 'a') + "b");
}

TEST_F(CrashSimulating, makes_all_durable_by_one_sync_of_the_file_system) {
    ASSERT_TRUE(env.create_directories("/a/b"));
    const auto one = open("/a/b/one");
    const auto two = open("/two");
    ASSERT_TRUE(write_all(*one, "1", 0));
    ASSERT_TRUE(write_all(*two, "2", 0));
    ASSERT_TRUE(two->sync_filesystem());
    SeededRandom random(0);
    env.crash(random);
    EXPECT_EQ(content("/a/b/one"), "1");
    EXPECT_EQ(content("/two"), "2");
}

TEST_F(CrashSimulating, stops_the_world_at_the_call_that_was_named) {
    const auto file = open("/f");
    env.stop_before_call(2);
    EXPECT_TRUE(file->pwrite("a", 0));
    EXPECT_FALSE(env.stopped());
    EXPECT_EQ(file->pwrite("b", 0).error().code, Errc::unavailable);
    EXPECT_TRUE(env.stopped());
    EXPECT_FALSE(file->size());
    EXPECT_FALSE(env.list("/"));
    env.kill();
    EXPECT_EQ(content("/f"), "a");
}

TEST_F(CrashSimulating, asks_the_hook_before_each_call_and_lets_it_stop_the_world) {
    std::vector<std::string> seen;
    env.set_hook([&](CallKind kind, const std::string& path) {
        seen.push_back(std::string(to_string(kind)) + " " + path);
        if (kind == CallKind::rename) env.stop_the_world();
    });
    EXPECT_FALSE(replace_file(env, "/f", "x"));
    EXPECT_EQ(seen, (std::vector<std::string>{"open /f.new", "truncate /f.new", "pwrite /f.new", "sync_data /f.new", "rename /f.new"}));
    EXPECT_EQ(env.calls(), 5U);
    env.set_hook(nullptr);
    env.kill();
    EXPECT_FALSE(env.open("/f", OpenMode::read));
}

TEST_F(CrashSimulating, behaves_as_a_file_system_where_nothing_crashes) {
    EXPECT_EQ(env.open("/none/f", OpenMode::create).error().code, Errc::not_found);
    EXPECT_EQ(env.open("/f", OpenMode::read).error().code, Errc::not_found);
    ASSERT_TRUE(env.create_directories("/d/e/"));
    ASSERT_TRUE(open("/d/f"));
    EXPECT_EQ(env.open("/d/f", OpenMode::create_new).error().os_error, EEXIST);
    EXPECT_EQ(env.open("/d", OpenMode::create).error().os_error, EISDIR);
    const auto entries = env.list("/d");
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 2U);
    EXPECT_TRUE((*entries)[0].is_directory);
    EXPECT_EQ((*entries)[1].name, "f");
    EXPECT_EQ(env.remove("/d").error().os_error, ENOTEMPTY);
    EXPECT_TRUE(env.remove("/d/e"));
    env.set_space({100, 50});
    EXPECT_EQ(env.space("/d")->available_bytes, 50U);
    const auto one = env.map_shared("/m", 64);
    const auto two = env.map_shared("/m", 64);
    ASSERT_TRUE(one && two);
    (*one)->bytes()[3] = std::byte{9};
    EXPECT_EQ((*two)->bytes()[3], std::byte{9});
}

TEST_F(CrashSimulating, turns_over_a_stored_byte) {
    make_durable("abc");
    EXPECT_TRUE(env.flip_byte("/f", 1));
    EXPECT_EQ(content("/f"), "aBc");
    EXPECT_FALSE(env.flip_byte("/f", 3));
}

class FaultInjecting : public ::testing::Test {
protected:
    CrashSimulatingEnv memory;
    FaultInjectingEnv env{memory};
};

TEST_F(FaultInjecting, sweeps_over_every_call_of_a_replacement_which_is_old_or_new_each_time) {
    ASSERT_TRUE(replace_file(env, "/f", "old"));
    const std::uint64_t before = env.calls();
    ASSERT_TRUE(replace_file(env, "/f", "old"));
    const std::uint64_t calls = env.calls() - before;
    EXPECT_EQ(calls, 6U);  // open, truncate, pwrite, sync_data, rename, sync_directory
    for (const Fault fault : {Fault::io_error, Fault::no_space}) {
        for (std::uint64_t nth = 1; nth <= calls; ++nth) {
            ASSERT_TRUE(replace_file(env, "/f", "old"));
            env.arm({.fault = fault, .nth = nth});
            const auto replaced = replace_file(env, "/f", "new");
            ASSERT_FALSE(replaced) << nth;
            EXPECT_EQ(replaced.error().code, fault == Fault::no_space ? Errc::overloaded : Errc::unavailable);
            EXPECT_EQ(replaced.error().os_error, fault == Fault::no_space ? ENOSPC : EIO);
            env.disarm();
            EXPECT_EQ(read_file(env, "/f", 10), nth < calls ? "old" : "new") << nth;
        }
    }
    EXPECT_EQ(env.faults(), 2 * calls);
}

TEST_F(FaultInjecting, writes_short_and_write_all_goes_on) {
    env.arm({.fault = Fault::short_write, .from_then_on = true});
    ASSERT_TRUE(replace_file(env, "/f", "0123456789"));
    EXPECT_EQ(env.faults(), 4U);  // 5, 3, 1 and 1 bytes
    EXPECT_EQ(read_file(env, "/f", 10), "0123456789");
}

TEST_F(FaultInjecting, fails_only_the_calls_that_the_plan_names) {
    env.arm({.nth = 2, .from_then_on = true, .kind = CallKind::open, .path_contains = "b"});
    EXPECT_TRUE(env.open("/a", OpenMode::create));
    EXPECT_TRUE(env.open("/b", OpenMode::create));
    EXPECT_TRUE(env.open("/a", OpenMode::create));
    EXPECT_FALSE(env.open("/b", OpenMode::create));
    EXPECT_TRUE(env.rename("/b", "/c"));
    EXPECT_FALSE(env.open("/b2", OpenMode::create));
    env.disarm();
    EXPECT_TRUE(env.open("/b2", OpenMode::create));
    EXPECT_EQ(env.faults(), 2U);
}

TEST_F(FaultInjecting, answers_the_space_that_it_was_told) {
    env.set_space(FileSystemSpace{10, 1});
    EXPECT_EQ(env.space("/")->available_bytes, 1U);
    env.set_space(std::nullopt);
    EXPECT_GT(env.space("/")->available_bytes, 1U);
}

}  // namespace
}  // namespace tenter
