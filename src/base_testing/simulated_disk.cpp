#include "src/base_testing/simulated_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <set>

namespace tenter {
namespace {

std::string without_end_slash(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::unexpected<Error> missing(const std::string& path) { return fail(Errc::not_found, path + ": no such file or directory", ENOENT); }

}  // namespace

void SimulatedDisk::crash(Random& random) {
    const std::scoped_lock hold(mutex_);
    for (const auto& change : changes_)
        if (random.next_u64() % 2 == 0) apply_to(durable_names_, change);
    drop_orphans(durable_names_);
    std::set<SimulatedFile*> files;
    for (const auto& [path, node] : durable_names_)
        if (node.file && files.insert(node.file.get()).second) node.file->crash(random);
    names_ = durable_names_;
    mapped_.clear();
    changes_.clear();
    end_lives();
}

void SimulatedDisk::kill() {
    const std::scoped_lock hold(mutex_);
    end_lives();
}

void SimulatedDisk::end_lives() {
    ++generation_;
    locks_.clear();
    stopped_ = false;
    stop_at_ = 0;
}

void SimulatedDisk::stop() {
    const std::scoped_lock hold(mutex_);
    stopped_ = true;
}

void SimulatedDisk::stop_before_call(std::uint64_t nth) {
    const std::scoped_lock hold(mutex_);
    stop_at_ = calls_ + nth;
}

std::uint64_t SimulatedDisk::calls() const {
    const std::scoped_lock hold(mutex_);
    return calls_;
}

bool SimulatedDisk::stopped() const {
    const std::scoped_lock hold(mutex_);
    return stopped_;
}

void SimulatedDisk::set_hook(std::function<void(CallKind, const std::string&)> hook) { hook_ = std::move(hook); }

void SimulatedDisk::mark_clean(const std::string& path) {
    const std::scoped_lock hold(mutex_);
    const auto found = names_.find(path);
    if (found != names_.end() && found->second.file) found->second.file->mark_clean();
}

void SimulatedDisk::mark_all_clean() {
    const std::scoped_lock hold(mutex_);
    for (const auto& [path, node] : names_)
        if (node.file) node.file->mark_clean();
}

void SimulatedDisk::set_space(FileSystemSpace space) {
    const std::scoped_lock hold(mutex_);
    space_ = space;
}

bool SimulatedDisk::flip_byte(const std::string& path, std::uint64_t position) {
    const std::scoped_lock hold(mutex_);
    const auto found = names_.find(path);
    return found != names_.end() && found->second.file && found->second.file->flip_byte(position);
}

Result<SimulatedDisk::Handle> SimulatedDisk::open(const std::string& path, OpenMode mode) {
    const bool may_create = mode == OpenMode::create || mode == OpenMode::create_new;
    if (may_create)
        if (auto begun = begin(CallKind::open, path); !begun) return fail(std::move(begun.error()));
    const std::scoped_lock hold(mutex_);
    if (auto live = alive(path); !live) return fail(std::move(live.error()));
    const auto found = names_.find(path);
    if (found != names_.end()) {
        if (!found->second.file) return fail(Errc::unavailable, path + ": is a directory", EISDIR);
        if (mode == OpenMode::create_new) return fail(Errc::unavailable, path + ": exists", EEXIST);
        return Handle{found->second.file, generation_, path};
    }
    if (!may_create || !is_directory(names_, parent_of(path))) return missing(path);
    const auto file = std::make_shared<SimulatedFile>();
    apply({{}, path, {file}});
    return Handle{file, generation_, path};
}

Result<SimulatedDisk::Memory> SimulatedDisk::map(const std::string& path, std::size_t size) {
    auto file = open(path, OpenMode::create);
    if (!file) return fail(std::move(file.error()));
    const std::scoped_lock hold(mutex_);
    if (file->file->content().size() < size) file->file->resize(size);
    auto& memory = mapped_[path];
    // A larger mapping would have to move the smaller one under its users; nobody maps one file in two sizes.
    if (!memory || memory->size() < size) memory = std::make_shared<std::vector<std::byte>>(size);
    return memory;
}

Result<void> SimulatedDisk::rename(const std::string& from, const std::string& to) {
    if (auto begun = begin(CallKind::rename, from); !begun) return begun;
    const std::scoped_lock hold(mutex_);
    if (auto live = alive(from); !live) return live;
    const auto found = names_.find(from);
    if (found == names_.end() || !is_directory(names_, parent_of(to))) return missing(from);
    if (!found->second.file) return fail(Errc::unsupported, from + ": the simulated disk renames no directories");
    if (from != to) apply({from, to, found->second});
    return {};
}

Result<void> SimulatedDisk::remove(const std::string& path) {
    if (auto begun = begin(CallKind::remove, path); !begun) return begun;
    const std::scoped_lock hold(mutex_);
    if (auto live = alive(path); !live) return live;
    const std::string name = without_end_slash(path);
    if (!names_.contains(name)) return missing(path);
    const auto child = names_.lower_bound(name + "/");
    if (child != names_.end() && child->first.starts_with(name + "/")) return fail(Errc::unavailable, path + ": not empty", ENOTEMPTY);
    apply({name, {}, {}});
    return {};
}

Result<void> SimulatedDisk::create_directories(const std::string& path) {
    if (auto begun = begin(CallKind::create_directories, path); !begun) return begun;
    const std::scoped_lock hold(mutex_);
    if (auto live = alive(path); !live) return live;
    const std::string whole = without_end_slash(path);
    for (std::size_t end = 0; end != std::string::npos;) {
        end = whole.find('/', end + 1);
        const std::string prefix = whole.substr(0, end);
        if (is_directory(names_, prefix)) continue;
        if (names_.contains(prefix)) return fail(Errc::unavailable, prefix + ": is a file", EEXIST);
        apply({{}, prefix, {}});
    }
    return {};
}

Result<void> SimulatedDisk::sync_directory(const std::string& path) {
    if (auto begun = begin(CallKind::sync_directory, path); !begun) return begun;
    const std::scoped_lock hold(mutex_);
    if (auto live = alive(path); !live) return live;
    const std::string directory = without_end_slash(path);
    if (!is_directory(names_, directory)) return missing(path);
    const auto is_here = [&](const std::string& name) { return !name.empty() && parent_of(name) == directory; };
    std::erase_if(changes_, [&](const Change& change) {
        if (!is_here(change.made) && !is_here(change.removed)) return false;
        apply_to(durable_names_, change);
        return true;
    });
    return {};
}

Result<std::vector<DirectoryEntry>> SimulatedDisk::list(const std::string& path) const {
    const std::scoped_lock hold(mutex_);
    if (auto live = alive(path); !live) return fail(std::move(live.error()));
    const std::string directory = without_end_slash(path);
    if (!is_directory(names_, directory)) return missing(path);
    const std::string prefix = directory == "/" ? directory : directory + "/";
    std::vector<DirectoryEntry> entries;
    for (auto at = names_.lower_bound(prefix); at != names_.end() && at->first.starts_with(prefix); ++at) {
        std::string name = at->first.substr(prefix.size());
        if (name.find('/') == std::string::npos) entries.push_back({std::move(name), at->second.file == nullptr});
    }
    std::ranges::sort(entries, {}, &DirectoryEntry::name);
    return entries;
}

Result<FileSystemSpace> SimulatedDisk::space() const {
    const std::scoped_lock hold(mutex_);
    if (auto live = alive("/"); !live) return fail(std::move(live.error()));
    return space_;
}

Result<FileStamp> SimulatedDisk::stamp(const std::string& path) const {
    const std::scoped_lock hold(mutex_);
    if (auto live = alive(path); !live) return fail(std::move(live.error()));
    const auto found = names_.find(without_end_slash(path));
    if (found == names_.end()) return missing(path);
    const auto* const file = found->second.file.get();
    if (file == nullptr) return FileStamp{};
    return FileStamp{.device = 1,
                     .inode = reinterpret_cast<std::uintptr_t>(file),
                     .size = file->content().size(),
                     .modified_ns = static_cast<std::int64_t>(std::hash<std::string_view>{}(file->content()))};
}

Result<SimulatedDisk::Generation> SimulatedDisk::lock(const std::string& path) {
    const auto file = open(path, OpenMode::create);
    if (!file) return fail(file.error());
    const std::scoped_lock hold(mutex_);
    if (!locks_.emplace(path, generation_).second) return fail(Errc::overloaded, path + ": held by another process", EWOULDBLOCK);
    return generation_;
}

void SimulatedDisk::unlock(const std::string& path, Generation generation) {
    const std::scoped_lock hold(mutex_);
    const auto found = locks_.find(path);
    if (found != locks_.end() && found->second == generation) locks_.erase(found);
}

Result<std::size_t> SimulatedDisk::read(const Handle& handle, std::span<char> out, std::uint64_t position) const {
    const std::scoped_lock hold(mutex_);
    if (auto live = alive(handle); !live) return fail(std::move(live.error()));
    return handle.file->read(out, position);
}

Result<std::uint64_t> SimulatedDisk::size(const Handle& handle) const {
    const std::scoped_lock hold(mutex_);
    if (auto live = alive(handle); !live) return fail(std::move(live.error()));
    return handle.file->content().size();
}

Result<void> SimulatedDisk::change(const Handle& handle, CallKind kind, const std::function<void(SimulatedFile&)>& change) {
    if (auto begun = begin(kind, handle.path); !begun) return begun;
    const std::scoped_lock hold(mutex_);
    if (auto live = alive(handle); !live) return live;
    change(*handle.file);
    return {};
}

Result<void> SimulatedDisk::sync_everything(const Handle& handle) {
    if (auto begun = begin(CallKind::sync_filesystem, handle.path); !begun) return begun;
    const std::scoped_lock hold(mutex_);
    if (auto live = alive(handle); !live) return live;
    for (const auto& [path, node] : names_)
        if (node.file) node.file->sync();
    durable_names_ = names_;
    changes_.clear();
    return {};
}

Result<void> SimulatedDisk::begin(CallKind kind, const std::string& path) {
    if (hook_) hook_(kind, path);
    const std::scoped_lock hold(mutex_);
    ++calls_;
    if (calls_ == stop_at_) stopped_ = true;
    return alive(path);
}

Result<void> SimulatedDisk::alive(const std::string& path) const {
    if (stopped_) return fail(Errc::unavailable, path + ": crashed", EIO);
    return {};
}

Result<void> SimulatedDisk::alive(const Handle& handle) const {
    if (handle.generation != generation_) return fail(Errc::unavailable, handle.path + ": opened before the crash", EIO);
    return alive(handle.path);
}

bool SimulatedDisk::is_directory(const Names& names, const std::string& path) const {
    if (path == "/" || path == ".") return true;
    const auto found = names.find(path);
    return found != names.end() && !found->second.file;
}

void SimulatedDisk::apply(Change change) {
    apply_to(names_, change);
    changes_.push_back(std::move(change));
}

void SimulatedDisk::apply_to(Names& names, const Change& change) {
    if (!change.removed.empty()) names.erase(change.removed);
    if (!change.made.empty()) names.insert_or_assign(change.made, change.node);
}

void SimulatedDisk::drop_orphans(Names& names) const {
    // In order of names a parent comes before its children, so one pass is enough.
    std::erase_if(names, [&](const auto& entry) { return !is_directory(names, parent_of(entry.first)); });
}

}  // namespace tenter
