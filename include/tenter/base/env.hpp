#pragma once
// tenter/base/env.hpp: every touch of the disk goes through here, so that tests can make any of them fail, or pull the plug between two.
//
//   Env ---- PosixEnv             the machine
//        |-- FaultInjectingEnv    fails the Nth call with EIO, ENOSPC or a short write     (env_testing.hpp)
//        `-- CrashSimulatingEnv   keeps in memory; a crash drops, tears or reorders everything not yet synced  (env_testing.hpp)
//
// Errors: `unavailable` with `os_error` set, but ENOENT is `not_found` and ENOSPC/EDQUOT/EFBIG is `overloaded`. Messages name call and
// path. EINTR is never seen by callers.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter {

/// An open file. Closed by the destructor, which reports nothing: who needs the bytes calls `sync_data()` first.
/// `pread` and `pwrite` may be called from several threads at once; a file must outlive the calls.
class File {
public:
    File() = default;
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    virtual ~File() = default;

    /// Reads at most `out.size()` bytes at `position`; fewer only at the end of the file.
    [[nodiscard]] virtual Result<std::size_t> pread(std::span<char> out, std::uint64_t position) const = 0;
    /// Writes a prefix of `bytes` at `position` and says how long it was: at least 1 byte unless `bytes` is empty. See `write_all`.
    [[nodiscard]] virtual Result<std::size_t> pwrite(BytesView bytes, std::uint64_t position) = 0;
    [[nodiscard]] virtual Result<void> truncate(std::uint64_t size) = 0;
    /// Makes room for `size` bytes from 0 (fallocate): later writes below it do not meet ENOSPC. The size of the file becomes at least
    /// `size`.
    [[nodiscard]] virtual Result<void> preallocate(std::uint64_t size) = 0;
    /// fdatasync: content and size are on disk when this returns. After a failure never try again: the kernel may have marked the pages
    /// clean (`log.md`, Failure).
    [[nodiscard]] virtual Result<void> sync_data() = 0;
    /// syncfs on this descriptor's file system: everything written before is on disk; reports write errors since this file was opened
    /// (Linux >= 5.8).
    [[nodiscard]] virtual Result<void> sync_filesystem() = 0;
    [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
};

/// Memory shared with every process that maps the same file. Unmapped by the destructor.
class MappedRegion {
public:
    MappedRegion() = default;
    MappedRegion(const MappedRegion&) = delete;
    MappedRegion& operator=(const MappedRegion&) = delete;
    virtual ~MappedRegion() = default;
    [[nodiscard]] virtual std::span<std::byte> bytes() const noexcept = 0;
};

/// A lock held until destroyed.
class FileLock {
public:
    FileLock() = default;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;
    virtual ~FileLock() = default;
};

enum class OpenMode : std::uint8_t {
    read,        ///< Must exist.
    read_write,  ///< Must exist.
    create,      ///< Read and write; made with mode 0600 if missing.
    create_new,  ///< Read and write; must not exist.
};

struct DirectoryEntry {
    std::string name;
    bool is_directory = false;
};

struct FileSystemSpace {
    std::uint64_t total_bytes = 0;
    std::uint64_t available_bytes = 0;  ///< To unprivileged users.
};

/// Tells a file from another that has taken its place, and from itself after a change. An inode may be used again when its file is gone, so
/// who must not take the new file for the old one keeps the old one open.
struct FileStamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;
    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// The file system. Thread safe.
class Env {
public:
    Env() = default;
    Env(const Env&) = delete;
    Env& operator=(const Env&) = delete;
    virtual ~Env() = default;

    [[nodiscard]] virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
    /// Maps `size` bytes of the file, made (0600) and grown as needed; contents start as zeros.
    [[nodiscard]] virtual Result<std::unique_ptr<MappedRegion>> map_shared(const std::string& path, std::size_t size) = 0;
    /// Replaces `to`, atomically. Durable after `sync_directory` of the parent.
    [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    [[nodiscard]] virtual Result<void> remove(const std::string& path) = 0;
    /// Makes the directory with mode 0700, and its parents; fine if it exists.
    [[nodiscard]] virtual Result<void> create_directories(const std::string& path) = 0;
    /// fsync of a directory: names made, renamed or removed in it before are on disk.
    [[nodiscard]] virtual Result<void> sync_directory(const std::string& path) = 0;
    /// Without "." and "..", sorted by name.
    [[nodiscard]] virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) const = 0;
    [[nodiscard]] virtual Result<FileSystemSpace> space(const std::string& path) const = 0;
    /// Asks the kernel's memory (stat), so it is cheap enough to be asked several times a second.
    [[nodiscard]] virtual Result<FileStamp> stamp(const std::string& path) const = 0;
    /// Takes the exclusive lock (flock) on a file, made if missing, without waiting; `overloaded` if another process or object holds it.
    [[nodiscard]] virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

/// The machine's file system. Stateless.
class PosixEnv final : public Env {
public:
    [[nodiscard]] Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    [[nodiscard]] Result<std::unique_ptr<MappedRegion>> map_shared(const std::string& path, std::size_t size) override;
    [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
    [[nodiscard]] Result<void> remove(const std::string& path) override;
    [[nodiscard]] Result<void> create_directories(const std::string& path) override;
    [[nodiscard]] Result<void> sync_directory(const std::string& path) override;
    [[nodiscard]] Result<std::vector<DirectoryEntry>> list(const std::string& path) const override;
    [[nodiscard]] Result<FileSystemSpace> space(const std::string& path) const override;
    [[nodiscard]] Result<FileStamp> stamp(const std::string& path) const override;
    [[nodiscard]] Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
};

/// Writes all of `bytes`, going on after short writes.
[[nodiscard]] Result<void> write_all(File& file, BytesView bytes, std::uint64_t position);
/// Fills `out` or fails with `corrupt` if the file ends before.
[[nodiscard]] Result<void> read_exactly(const File& file, std::span<char> out, std::uint64_t position);
/// The whole file; `too_large` above `limit` bytes.
[[nodiscard]] Result<Bytes> read_file(Env& env, const std::string& path, std::size_t limit);
/// Replaces the file as a whole, durably: temporary file beside it, fdatasync, rename, directory fsync.
[[nodiscard]] Result<void> replace_file(Env& env, const std::string& path, BytesView content);

}  // namespace tenter
