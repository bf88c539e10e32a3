#include <algorithm>
#include <cerrno>

#include "tenter/base/env_testing.hpp"

namespace tenter {

struct FaultInjectingEnv::State {
    mutable std::mutex mutex;
    std::optional<FaultPlan> plan;
    std::uint64_t matched = 0;
    std::uint64_t calls = 0;
    std::uint64_t faults = 0;
    std::optional<FileSystemSpace> space;
    std::function<void(CallKind, const std::string&)> on_failed_sync;
};

namespace {

bool matches(const FaultPlan& plan, CallKind kind, std::string_view path, std::string_view other_path) {
    if (plan.fault == Fault::short_write && kind != CallKind::pwrite) return false;
    if (plan.kind && *plan.kind != kind) return false;
    return path.find(plan.path_contains) != std::string_view::npos || other_path.find(plan.path_contains) != std::string_view::npos;
}

std::unexpected<Error> injected(Fault fault, CallKind kind, const std::string& path) {
    const bool full = fault == Fault::no_space;
    return fail(full ? Errc::overloaded : Errc::unavailable,
                path + ": " + std::string(to_string(kind)) + ": injected " + (full ? "ENOSPC" : "EIO"), full ? ENOSPC : EIO);
}

}  // namespace

/// A file of the Env below, whose calls are counted.
class FaultInjectedFile final : public File {
public:
    FaultInjectedFile(const FaultInjectingEnv& env, std::unique_ptr<File> inner, std::string path)
        : env_(env), inner_(std::move(inner)), path_(std::move(path)) {}

    [[nodiscard]] Result<std::size_t> pread(std::span<char> out, std::uint64_t position) const override {
        if (auto fine = env_.check(CallKind::pread, path_); !fine) return fail(std::move(fine.error()));
        return inner_->pread(out, position);
    }
    [[nodiscard]] Result<std::size_t> pwrite(BytesView bytes, std::uint64_t position) override {
        const auto fault = env_.count(CallKind::pwrite, path_);
        if (fault && *fault != Fault::short_write) return injected(*fault, CallKind::pwrite, path_);
        return inner_->pwrite(fault ? bytes.substr(0, (bytes.size() + 1) / 2) : bytes, position);
    }
    [[nodiscard]] Result<void> truncate(std::uint64_t size) override {
        if (auto fine = env_.check(CallKind::truncate, path_); !fine) return fine;
        return inner_->truncate(size);
    }
    [[nodiscard]] Result<void> preallocate(std::uint64_t size) override {
        if (auto fine = env_.check(CallKind::preallocate, path_); !fine) return fine;
        return inner_->preallocate(size);
    }
    [[nodiscard]] Result<void> sync_data() override { return sync(CallKind::sync_data); }
    [[nodiscard]] Result<void> sync_filesystem() override { return sync(CallKind::sync_filesystem); }
    [[nodiscard]] Result<std::uint64_t> size() const override { return inner_->size(); }

private:
    [[nodiscard]] Result<void> sync(CallKind kind) {
        if (auto fine = env_.check(kind, path_); !fine) {
            if (env_.state_->on_failed_sync) env_.state_->on_failed_sync(kind, path_);
            return fine;
        }
        return kind == CallKind::sync_data ? inner_->sync_data() : inner_->sync_filesystem();
    }

    const FaultInjectingEnv& env_;
    std::unique_ptr<File> inner_;
    std::string path_;
};

std::string_view to_string(CallKind kind) noexcept {
    switch (kind) {
        case CallKind::open: return "open";
        case CallKind::preallocate: return "preallocate";
        case CallKind::pread: return "pread";
        case CallKind::pwrite: return "pwrite";
        case CallKind::truncate: return "truncate";
        case CallKind::sync_data: return "sync_data";
        case CallKind::sync_filesystem: return "sync_filesystem";
        case CallKind::rename: return "rename";
        case CallKind::remove: return "remove";
        case CallKind::create_directories: return "create_directories";
        case CallKind::sync_directory: return "sync_directory";
        case CallKind::list: return "list";
        case CallKind::map: return "map";
        case CallKind::space: return "space";
        case CallKind::stamp: return "stamp";
        case CallKind::lock: return "lock";
    }
    return "unknown";
}

FaultInjectingEnv::FaultInjectingEnv(Env& inner) : inner_(inner), state_(std::make_unique<State>()) {}
FaultInjectingEnv::~FaultInjectingEnv() = default;

void FaultInjectingEnv::arm(FaultPlan plan) {
    const std::scoped_lock hold(state_->mutex);
    state_->plan = std::move(plan);
    state_->matched = 0;
}

void FaultInjectingEnv::disarm() {
    const std::scoped_lock hold(state_->mutex);
    state_->plan.reset();
}

std::uint64_t FaultInjectingEnv::calls() const {
    const std::scoped_lock hold(state_->mutex);
    return state_->calls;
}

std::uint64_t FaultInjectingEnv::faults() const {
    const std::scoped_lock hold(state_->mutex);
    return state_->faults;
}

void FaultInjectingEnv::set_space(std::optional<FileSystemSpace> space) {
    const std::scoped_lock hold(state_->mutex);
    state_->space = space;
}

void FaultInjectingEnv::set_on_failed_sync(std::function<void(CallKind, const std::string&)> on_failed_sync) {
    state_->on_failed_sync = std::move(on_failed_sync);
}

std::optional<Fault> FaultInjectingEnv::count(CallKind kind, std::string_view path, std::string_view other_path) const {
    const std::scoped_lock hold(state_->mutex);
    ++state_->calls;
    const auto& plan = state_->plan;
    if (!plan || !matches(*plan, kind, path, other_path)) return std::nullopt;
    ++state_->matched;
    if (state_->matched < plan->nth || (state_->matched > plan->nth && !plan->from_then_on)) return std::nullopt;
    ++state_->faults;
    return plan->fault;
}

Result<void> FaultInjectingEnv::check(CallKind kind, const std::string& path, std::string_view other_path) const {
    if (const auto fault = count(kind, path, other_path)) return injected(*fault, kind, path);
    return {};
}

Result<std::unique_ptr<File>> FaultInjectingEnv::open(const std::string& path, OpenMode mode) {
    if (auto fine = check(CallKind::open, path); !fine) return fail(std::move(fine.error()));
    auto file = inner_.open(path, mode);
    if (!file) return file;
    return std::make_unique<FaultInjectedFile>(*this, std::move(*file), path);
}

Result<std::unique_ptr<MappedRegion>> FaultInjectingEnv::map_shared(const std::string& path, std::size_t size) {
    if (auto fine = check(CallKind::map, path); !fine) return fail(std::move(fine.error()));
    return inner_.map_shared(path, size);
}

Result<void> FaultInjectingEnv::rename(const std::string& from, const std::string& to) {
    if (auto fine = check(CallKind::rename, from, to); !fine) return fine;
    return inner_.rename(from, to);
}

Result<void> FaultInjectingEnv::remove(const std::string& path) {
    if (auto fine = check(CallKind::remove, path); !fine) return fine;
    return inner_.remove(path);
}

Result<void> FaultInjectingEnv::create_directories(const std::string& path) {
    if (auto fine = check(CallKind::create_directories, path); !fine) return fine;
    return inner_.create_directories(path);
}

Result<void> FaultInjectingEnv::sync_directory(const std::string& path) {
    if (auto fine = check(CallKind::sync_directory, path); !fine) return fine;
    return inner_.sync_directory(path);
}

Result<std::vector<DirectoryEntry>> FaultInjectingEnv::list(const std::string& path) const {
    if (auto fine = check(CallKind::list, path); !fine) return fail(std::move(fine.error()));
    return inner_.list(path);
}

Result<FileSystemSpace> FaultInjectingEnv::space(const std::string& path) const {
    if (auto fine = check(CallKind::space, path); !fine) return fail(std::move(fine.error()));
    {
        const std::scoped_lock hold(state_->mutex);
        if (state_->space) return *state_->space;
    }
    return inner_.space(path);
}

Result<FileStamp> FaultInjectingEnv::stamp(const std::string& path) const {
    if (auto fine = check(CallKind::stamp, path); !fine) return fail(std::move(fine.error()));
    return inner_.stamp(path);
}

Result<std::unique_ptr<FileLock>> FaultInjectingEnv::lock(const std::string& path) {
    if (auto fine = check(CallKind::lock, path); !fine) return fail(std::move(fine.error()));
    return inner_.lock(path);
}

}  // namespace tenter
