// The machine's own file system, in a folder that is removed at the end.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "tenter/base/env.hpp"

namespace tenter {
namespace {

class PosixEnvTest : public ::testing::Test {
protected:
    PosixEnvTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tenter-env-XXXXXX").string();
        folder = ::mkdtemp(pattern.data()) == nullptr ? "" : pattern;
    }
    ~PosixEnvTest() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    [[nodiscard]] std::string in(const std::string& name) const { return folder + "/" + name; }
    [[nodiscard]] std::unique_ptr<File> open(const std::string& name, OpenMode mode = OpenMode::create) {
        auto file = env.open(in(name), mode);
        EXPECT_TRUE(file) << file.error().message;
        return file ? std::move(*file) : nullptr;
    }
    [[nodiscard]] static unsigned mode_of(const std::string& path) {
        struct stat status{};
        EXPECT_EQ(::stat(path.c_str(), &status), 0);
        return status.st_mode & 0777U;
    }

    PosixEnv env;
    std::string folder;
};

TEST_F(PosixEnvTest, reads_back_what_it_wrote_and_less_at_the_end) {
    const auto file = open("a");
    ASSERT_TRUE(write_all(*file, "hello world", 3));
    EXPECT_EQ(file->size(), 14U);
    Bytes out(20, 'x');
    const auto got = file->pread(out, 3);
    ASSERT_TRUE(got);
    EXPECT_EQ(out.substr(0, *got), "hello world");
    EXPECT_EQ(file->pread(out, 14), 0U);
    EXPECT_TRUE(file->sync_data());
    EXPECT_TRUE(file->sync_filesystem());
}

TEST_F(PosixEnvTest, fails_as_corrupt_when_a_file_ends_too_soon) {
    const auto file = open("a");
    ASSERT_TRUE(write_all(*file, "abc", 0));
    Bytes out(4, '\0');
    const auto read = read_exactly(*file, out, 0);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::corrupt);
}

TEST_F(PosixEnvTest, truncates_and_preallocates_zeros) {
    const auto file = open("a");
    ASSERT_TRUE(write_all(*file, "abcdef", 0));
    ASSERT_TRUE(file->truncate(3));
    ASSERT_TRUE(file->preallocate(8));
    EXPECT_EQ(read_file(env, in("a"), 100), std::string("abc\0\0\0\0\0", 8));
    ASSERT_TRUE(file->preallocate(2));
    EXPECT_EQ(file->size(), 8U);
}

TEST_F(PosixEnvTest, says_not_found_for_what_is_missing) {
    for (const auto mode : {OpenMode::read, OpenMode::read_write}) {
        const auto file = env.open(in("missing"), mode);
        ASSERT_FALSE(file);
        EXPECT_EQ(file.error().code, Errc::not_found);
        EXPECT_EQ(file.error().os_error, ENOENT);
        EXPECT_NE(file.error().message.find(in("missing")), std::string::npos);
        EXPECT_NE(file.error().message.find("open"), std::string::npos);
    }
    EXPECT_EQ(env.list(in("missing")).error().code, Errc::not_found);
    EXPECT_EQ(env.remove(in("missing")).error().code, Errc::not_found);
}

TEST_F(PosixEnvTest, makes_a_new_file_only_where_there_is_none) {
    EXPECT_TRUE(env.open(in("a"), OpenMode::create_new));
    const auto again = env.open(in("a"), OpenMode::create_new);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().os_error, EEXIST);
}

TEST_F(PosixEnvTest, refuses_to_write_through_a_file_opened_for_reading) {
    ASSERT_TRUE(open("a"));
    const auto file = open("a", OpenMode::read);
    const auto written = file->pwrite("x", 0);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Errc::unavailable);
    EXPECT_EQ(written.error().os_error, EBADF);
}

TEST_F(PosixEnvTest, keeps_files_and_folders_to_their_owner) {
    ASSERT_TRUE(env.create_directories(in("x/y/z")));
    ASSERT_TRUE(env.create_directories(in("x/y/z")));
    ASSERT_TRUE(open("x/y/z/f"));
    EXPECT_EQ(mode_of(in("x")), 0700U);
    EXPECT_EQ(mode_of(in("x/y/z")), 0700U);
    EXPECT_EQ(mode_of(in("x/y/z/f")), 0600U);
}

TEST_F(PosixEnvTest, lists_sorted_and_tells_folders) {
    ASSERT_TRUE(open("b"));
    ASSERT_TRUE(open("a"));
    ASSERT_TRUE(env.create_directories(in("c")));
    const auto entries = env.list(folder);
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 3U);
    EXPECT_EQ((*entries)[0].name, "a");
    EXPECT_EQ((*entries)[1].name, "b");
    EXPECT_FALSE((*entries)[1].is_directory);
    EXPECT_EQ((*entries)[2].name, "c");
    EXPECT_TRUE((*entries)[2].is_directory);
}

TEST_F(PosixEnvTest, replaces_a_file_as_a_whole_and_leaves_nothing_beside_it) {
    ASSERT_TRUE(replace_file(env, in("a"), "a long first content"));
    ASSERT_TRUE(replace_file(env, in("a"), "short"));
    EXPECT_EQ(read_file(env, in("a"), 100), "short");
    EXPECT_EQ(env.list(folder)->size(), 1U);
    const auto big = read_file(env, in("a"), 4);
    ASSERT_FALSE(big);
    EXPECT_EQ(big.error().code, Errc::too_large);
}

TEST_F(PosixEnvTest, holds_a_lock_once_also_within_one_process) {
    {
        const auto held = env.lock(in("LOCK"));
        ASSERT_TRUE(held) << held.error().message;
        const auto second = env.lock(in("LOCK"));
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, Errc::overloaded);
    }
    EXPECT_TRUE(env.lock(in("LOCK")));
}

TEST_F(PosixEnvTest, maps_zeros_that_all_who_map_them_share) {
    const auto one = env.map_shared(in("m"), 8192);
    const auto two = env.map_shared(in("m"), 8192);
    ASSERT_TRUE(one && two);
    EXPECT_EQ((*one)->bytes()[8191], std::byte{0});
    (*one)->bytes()[5000] = std::byte{7};
    EXPECT_EQ((*two)->bytes()[5000], std::byte{7});
    EXPECT_EQ(std::filesystem::file_size(in("m")), 8192U);
}

TEST_F(PosixEnvTest, knows_how_much_space_there_is) {
    const auto space = env.space(folder);
    ASSERT_TRUE(space);
    EXPECT_GT(space->total_bytes, 0U);
    EXPECT_LE(space->available_bytes, space->total_bytes);
    EXPECT_EQ(env.space(in("missing")).error().code, Errc::not_found);
}

TEST_F(PosixEnvTest, stamps_tell_a_file_from_its_successor_and_from_itself_after_a_change) {
    EXPECT_EQ(env.stamp(in("a")).error().code, Errc::not_found);
    const auto file = open("a");
    ASSERT_TRUE(write_all(*file, "abc", 0));
    const auto before = env.stamp(in("a"));
    ASSERT_TRUE(before);
    EXPECT_EQ(before->size, 3U);
    EXPECT_EQ(env.stamp(in("a")), *before);
    ASSERT_TRUE(replace_file(env, in("a"), "abc"));
    const auto replaced = env.stamp(in("a"));
    ASSERT_TRUE(replaced);
    EXPECT_NE(replaced->inode, before->inode) << "the old file is still open";
    ASSERT_TRUE(write_all(*open("a"), "d", 3));
    EXPECT_NE(env.stamp(in("a")), *replaced);
}

}  // namespace
}  // namespace tenter
