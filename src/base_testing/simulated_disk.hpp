#pragma once
// src/base_testing/simulated_disk.hpp: the names of the crash-simulating Env, and the files that they stand for.
//
//   names (what processes see)  --sync_directory-->  durable names
//                 changes, in order: a crash keeps or drops each of them

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "src/base_testing/simulated_file.hpp"
#include "tenter/base/env_testing.hpp"

namespace tenter {

/// Shared by the Env and its files. Every member locks by itself; a handle is valid only in the life (generation) in which it was made.
class SimulatedDisk {
public:
    using Generation = std::uint64_t;
    using FilePointer = std::shared_ptr<SimulatedFile>;
    using Memory = std::shared_ptr<std::vector<std::byte>>;

    struct Handle {
        FilePointer file;
        Generation generation = 0;
        std::string path;
    };

    void crash(Random& random);
    void kill();
    void stop();
    void stop_before_call(std::uint64_t nth);
    [[nodiscard]] std::uint64_t calls() const;
    [[nodiscard]] bool stopped() const;
    void set_hook(std::function<void(CallKind, const std::string&)> hook);
    void mark_clean(const std::string& path);
    void mark_all_clean();
    void set_space(FileSystemSpace space);
    bool flip_byte(const std::string& path, std::uint64_t position);

    [[nodiscard]] Result<Handle> open(const std::string& path, OpenMode mode);
    [[nodiscard]] Result<Memory> map(const std::string& path, std::size_t size);
    [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to);
    [[nodiscard]] Result<void> remove(const std::string& path);
    [[nodiscard]] Result<void> create_directories(const std::string& path);
    [[nodiscard]] Result<void> sync_directory(const std::string& path);
    [[nodiscard]] Result<std::vector<DirectoryEntry>> list(const std::string& path) const;
    [[nodiscard]] Result<FileSystemSpace> space() const;
    /// Instead of a time of change, the hash of the content.
    [[nodiscard]] Result<FileStamp> stamp(const std::string& path) const;
    [[nodiscard]] Result<Generation> lock(const std::string& path);
    void unlock(const std::string& path, Generation generation);

    [[nodiscard]] Result<std::size_t> read(const Handle& handle, std::span<char> out, std::uint64_t position) const;
    [[nodiscard]] Result<std::uint64_t> size(const Handle& handle) const;
    /// Does `change` to the file as one counted call.
    [[nodiscard]] Result<void> change(const Handle& handle, CallKind kind, const std::function<void(SimulatedFile&)>& change);
    [[nodiscard]] Result<void> sync_everything(const Handle& handle);

private:
    struct Node {
        FilePointer file;  // null: a directory
    };
    using Names = std::map<std::string, Node>;
    struct Change {
        std::string removed;  // empty: nothing
        std::string made;     // empty: nothing
        Node node;            // what `made` stands for
    };

    [[nodiscard]] Result<void> begin(CallKind kind, const std::string& path);  // counts; the mutex must not be held
    [[nodiscard]] Result<void> alive(const std::string& path) const;
    [[nodiscard]] Result<void> alive(const Handle& handle) const;
    [[nodiscard]] bool is_directory(const Names& names, const std::string& path) const;
    void apply(Change change);
    static void apply_to(Names& names, const Change& change);
    void drop_orphans(Names& names) const;
    void end_lives();

    mutable std::mutex mutex_;
    Names names_;
    Names durable_names_;
    std::vector<Change> changes_;  // since they were last synced
    std::map<std::string, Generation> locks_;
    std::map<std::string, Memory> mapped_;
    Generation generation_ = 1;
    bool stopped_ = false;
    std::uint64_t calls_ = 0;
    std::uint64_t stop_at_ = 0;  // 0: never
    FileSystemSpace space_{std::uint64_t{1} << 40, std::uint64_t{1} << 39};
    std::function<void(CallKind, const std::string&)> hook_;
};

}  // namespace tenter
