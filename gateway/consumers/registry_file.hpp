#pragma once
// gateway/consumers/registry_file.hpp: the registry on the disk, `consumers.json` in the data folder. The gateway and `tenter consumer`,
// each in its own process, read and change it; whoever changes it replaces the file as a whole.
//
//   update:  flock consumers.lock -> read consumers.json -> change -> write consumers.json.new, fdatasync -> rename -> fsync the folder
//
// A crash at any place leaves the registry before or the one after.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/consumers/registry.hpp"
#include "tenter/base/env.hpp"

namespace tenter::consumers {

inline constexpr std::string_view registry_file_name = "consumers.json";
inline constexpr std::string_view registry_lock_name = "consumers.lock";

/// Belongs to one thread. `env` must outlive it.
class RegistryFile {
public:
    using Snapshot = std::shared_ptr<const Registry>;
    /// What becomes of a registry; an error changes nothing and comes out of `update` as it is. It may be called without its result being
    /// kept, so it changes nothing else.
    using Change = std::function<Result<Registry>(const Registry&)>;

    RegistryFile(Env& env, std::string data_folder);

    /// The registry as it is now; an empty one where there never was a file. Costs one stat as long as nobody has replaced the file, and
    /// then returns the same object as before: who keeps the pointer sees by comparing it whether anything has changed.
    /// `corrupt` (with path and place) where the file is not a registry, `unsupported` where it is a later version's, `unavailable` where
    /// it cannot be read, `not_found` where it was and is no more: an editor puts it away for a moment, and nobody means by that that all
    /// are to be forgotten. `last()` is what it was before.
    [[nodiscard]] Result<Snapshot> current();
    /// Whether there was a file when `current` or `update` looked.
    [[nodiscard]] bool is_there() const noexcept { return stamp_.has_value(); }
    /// What `current` or `update` returned last; never null: an empty registry at first.
    [[nodiscard]] const Snapshot& last() const noexcept { return last_; }

    /// Changes the registry, durably, while nobody else does; makes the data folder if it is missing. Waits at most `patience` for others
    /// to finish: `overloaded` if they do not. At 0 it tries once, for threads that must not wait. After any other failure the file holds
    /// the registry before, or, if only the last fsync failed, the one after; both whole. `current` tells.
    [[nodiscard]] Result<Snapshot> update(const Change& change, std::chrono::milliseconds patience = std::chrono::seconds(5));

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    [[nodiscard]] Result<std::unique_ptr<FileLock>> lock(std::chrono::milliseconds patience);
    [[nodiscard]] Result<void> make_folder();
    [[nodiscard]] Result<void> read();

    Env& env_;
    std::string folder_;
    std::string path_;
    std::optional<FileStamp> stamp_{};   // of what `last_` was read from
    std::unique_ptr<File> keeps_inode_;  // as long as it is open no file in its place can have the same inode: the stamp cannot repeat
    Snapshot last_;
};

}  // namespace tenter::consumers
