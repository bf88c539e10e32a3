#pragma once
// tenter/base/env_testing.hpp: two file systems for tests: one whose calls fail when told, one from which the plug can be pulled.
// They stack: FaultInjectingEnv over CrashSimulatingEnv is a disk that fails a sync, forgets the data and then loses power.
// Only tests link `tenter::base_testing`.
//
//   process            page cache             disk
//   pwrite  ------->   content    --sync-->   durable         kill(): processes end, the page cache stays
//                      unsynced sectors                       crash(): each is kept, dropped or torn; names likewise

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/env.hpp"
#include "tenter/base/random.hpp"

namespace tenter {

/// The calls that reach the disk. `File::size` is not one: it asks the kernel's memory.
enum class CallKind : std::uint8_t {
    open,
    preallocate,
    pread,
    pwrite,
    truncate,
    sync_data,
    sync_filesystem,
    rename,
    remove,
    create_directories,
    sync_directory,
    list,
    map,
    space,
    stamp,
    lock,
};

[[nodiscard]] std::string_view to_string(CallKind kind) noexcept;

enum class Fault : std::uint8_t {
    io_error,     ///< EIO: `unavailable`; nothing is done.
    no_space,     ///< ENOSPC: `overloaded`; nothing is done.
    short_write,  ///< Half of the bytes are written and reported. Matches `pwrite` only.
};

/// Which calls fail.
struct FaultPlan {
    Fault fault = Fault::io_error;
    std::uint64_t nth = 1;           ///< The nth matching call from now, from 1.
    bool from_then_on = false;       ///< And every matching one after it.
    std::optional<CallKind> kind{};  ///< Unset: any.
    std::string path_contains{};     ///< Empty: any. A rename matches by either path.
};

/// Passes calls to another Env and fails those that the plan names. A sweep runs once to learn `calls()`, then once for each number up to
/// it. Thread safe. `inner` and all files must be outlived: files by this object, this object by `inner`.
class FaultInjectingEnv final : public Env {
public:
    explicit FaultInjectingEnv(Env& inner);
    ~FaultInjectingEnv() override;

    void arm(FaultPlan plan);  ///< Replaces the plan before.
    void disarm();
    [[nodiscard]] std::uint64_t calls() const;   ///< All calls so far.
    [[nodiscard]] std::uint64_t faults() const;  ///< Calls that were made to fail (or to write short) so far.
    /// What `space` answers from now on; unset: what `inner` says.
    void set_space(std::optional<FileSystemSpace> space);
    /// Called with the path when a `sync_data` or `sync_filesystem` is failed: pass `CrashSimulatingEnv::mark_clean` to lose what it should
    /// have written, as Linux does. Set it before any call is made.
    void set_on_failed_sync(std::function<void(CallKind, const std::string&)> on_failed_sync);

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

private:
    friend class FaultInjectedFile;
    struct State;

    /// Counts the call; what it must suffer, if anything.
    [[nodiscard]] std::optional<Fault> count(CallKind kind, std::string_view path, std::string_view other_path = {}) const;
    [[nodiscard]] Result<void> check(CallKind kind, const std::string& path, std::string_view other_path = {}) const;

    Env& inner_;
    std::unique_ptr<State> state_;
};

/// A file system in memory that knows what a power cut would leave. Thread safe; files may outlive it.
///
/// Harsher than most disks: every 512-byte sector that was written and not synced is kept, dropped, left at an earlier version or torn at
/// any byte; the size is any of those since the last sync; a name made, replaced or removed since the last `sync_directory` of its folder
/// may be so or not. As log.md assumes (powersafe overwrite), bytes that no write changed are never damaged.
class CrashSimulatingEnv final : public Env {
public:
    CrashSimulatingEnv();
    ~CrashSimulatingEnv() override;

    /// Power cut: builds what the disk holds afterwards. Files, mappings and locks from before are dead: their calls fail as `unavailable`.
    void crash(Random& random);
    /// kill -9 of every process: all that was written stays, also for a later `crash`; files and locks from before are dead.
    void kill();

    /// From now on every call fails as `unavailable` until `crash` or `kill`: the process that is to die must not do anything more.
    void stop_the_world();
    /// Stops the world instead of making the nth counted call from now (from 1).
    void stop_before_call(std::uint64_t nth);
    /// Counted calls so far: those that change something or make it durable; not pread, list, space, stamp.
    [[nodiscard]] std::uint64_t calls() const;
    [[nodiscard]] bool stopped() const;
    /// Called before each counted call on the caller's thread, without a lock held: it may call `stop_the_world`, and then that call fails
    /// already. Set it while no other thread makes calls.
    void set_hook(std::function<void(CallKind, const std::string&)> hook);

    /// What a failed fdatasync does on Linux: unsynced pages of the file are taken for clean. Readers see the data, the disk does not have
    /// it, and later syncs report success without writing it.
    void mark_clean(const std::string& path);
    void mark_all_clean();  ///< The same for a failed syncfs.
    void set_space(FileSystemSpace space);
    /// Turns one stored byte over, on disk and in the cache: bit rot. False if there is no such byte.
    bool flip_byte(const std::string& path, std::uint64_t position);

    [[nodiscard]] Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    /// Plain memory, shared by those who map the same path; zeros after a crash.
    [[nodiscard]] Result<std::unique_ptr<MappedRegion>> map_shared(const std::string& path, std::size_t size) override;
    [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
    [[nodiscard]] Result<void> remove(const std::string& path) override;
    [[nodiscard]] Result<void> create_directories(const std::string& path) override;
    [[nodiscard]] Result<void> sync_directory(const std::string& path) override;
    [[nodiscard]] Result<std::vector<DirectoryEntry>> list(const std::string& path) const override;
    [[nodiscard]] Result<FileSystemSpace> space(const std::string& path) const override;
    [[nodiscard]] Result<FileStamp> stamp(const std::string& path) const override;
    [[nodiscard]] Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

private:
    std::shared_ptr<class SimulatedDisk> disk_;
};

}  // namespace tenter
