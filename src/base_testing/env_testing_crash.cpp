#include "src/base_testing/simulated_disk.hpp"
#include "tenter/base/env_testing.hpp"

namespace tenter {
namespace {

class CrashSimulatedFile final : public File {
public:
    CrashSimulatedFile(std::shared_ptr<SimulatedDisk> disk, SimulatedDisk::Handle handle)
        : disk_(std::move(disk)), handle_(std::move(handle)) {}

    [[nodiscard]] Result<std::size_t> pread(std::span<char> out, std::uint64_t position) const override {
        return disk_->read(handle_, out, position);
    }
    [[nodiscard]] Result<std::size_t> pwrite(BytesView bytes, std::uint64_t position) override {
        auto written = disk_->change(handle_, CallKind::pwrite, [&](SimulatedFile& file) { file.write(bytes, position); });
        if (!written) return fail(std::move(written.error()));
        return bytes.size();
    }
    [[nodiscard]] Result<void> truncate(std::uint64_t size) override {
        return disk_->change(handle_, CallKind::truncate, [&](SimulatedFile& file) { file.resize(size); });
    }
    [[nodiscard]] Result<void> preallocate(std::uint64_t size) override {
        return disk_->change(handle_, CallKind::preallocate, [&](SimulatedFile& file) {
            if (file.content().size() < size) file.resize(size);
        });
    }
    [[nodiscard]] Result<void> sync_data() override {
        return disk_->change(handle_, CallKind::sync_data, [](SimulatedFile& file) { file.sync(); });
    }
    [[nodiscard]] Result<void> sync_filesystem() override { return disk_->sync_everything(handle_); }
    [[nodiscard]] Result<std::uint64_t> size() const override { return disk_->size(handle_); }

private:
    std::shared_ptr<SimulatedDisk> disk_;
    SimulatedDisk::Handle handle_;
};

class SharedMemory final : public MappedRegion {
public:
    explicit SharedMemory(SimulatedDisk::Memory memory) : memory_(std::move(memory)) {}
    [[nodiscard]] std::span<std::byte> bytes() const noexcept override { return *memory_; }

private:
    SimulatedDisk::Memory memory_;
};

class SimulatedLock final : public FileLock {
public:
    SimulatedLock(std::shared_ptr<SimulatedDisk> disk, std::string path, SimulatedDisk::Generation generation)
        : disk_(std::move(disk)), path_(std::move(path)), generation_(generation) {}
    SimulatedLock(const SimulatedLock&) = delete;
    SimulatedLock& operator=(const SimulatedLock&) = delete;
    ~SimulatedLock() override { disk_->unlock(path_, generation_); }

private:
    std::shared_ptr<SimulatedDisk> disk_;
    std::string path_;
    SimulatedDisk::Generation generation_;
};

}  // namespace

CrashSimulatingEnv::CrashSimulatingEnv() : disk_(std::make_shared<SimulatedDisk>()) {}
CrashSimulatingEnv::~CrashSimulatingEnv() = default;

void CrashSimulatingEnv::crash(Random& random) { disk_->crash(random); }
void CrashSimulatingEnv::kill() { disk_->kill(); }
void CrashSimulatingEnv::stop_the_world() { disk_->stop(); }
void CrashSimulatingEnv::stop_before_call(std::uint64_t nth) { disk_->stop_before_call(nth); }
std::uint64_t CrashSimulatingEnv::calls() const { return disk_->calls(); }
bool CrashSimulatingEnv::stopped() const { return disk_->stopped(); }
void CrashSimulatingEnv::set_hook(std::function<void(CallKind, const std::string&)> hook) { disk_->set_hook(std::move(hook)); }
void CrashSimulatingEnv::mark_clean(const std::string& path) { disk_->mark_clean(path); }
void CrashSimulatingEnv::mark_all_clean() { disk_->mark_all_clean(); }
void CrashSimulatingEnv::set_space(FileSystemSpace space) { disk_->set_space(space); }
bool CrashSimulatingEnv::flip_byte(const std::string& path, std::uint64_t position) { return disk_->flip_byte(path, position); }

Result<std::unique_ptr<File>> CrashSimulatingEnv::open(const std::string& path, OpenMode mode) {
    auto handle = disk_->open(path, mode);
    if (!handle) return fail(std::move(handle.error()));
    return std::make_unique<CrashSimulatedFile>(disk_, std::move(*handle));
}

Result<std::unique_ptr<MappedRegion>> CrashSimulatingEnv::map_shared(const std::string& path, std::size_t size) {
    auto memory = disk_->map(path, size);
    if (!memory) return fail(std::move(memory.error()));
    return std::make_unique<SharedMemory>(std::move(*memory));
}

Result<void> CrashSimulatingEnv::rename(const std::string& from, const std::string& to) { return disk_->rename(from, to); }
Result<void> CrashSimulatingEnv::remove(const std::string& path) { return disk_->remove(path); }
Result<void> CrashSimulatingEnv::create_directories(const std::string& path) { return disk_->create_directories(path); }
Result<void> CrashSimulatingEnv::sync_directory(const std::string& path) { return disk_->sync_directory(path); }
Result<std::vector<DirectoryEntry>> CrashSimulatingEnv::list(const std::string& path) const { return disk_->list(path); }
Result<FileSystemSpace> CrashSimulatingEnv::space(const std::string&) const { return disk_->space(); }
Result<FileStamp> CrashSimulatingEnv::stamp(const std::string& path) const { return disk_->stamp(path); }

Result<std::unique_ptr<FileLock>> CrashSimulatingEnv::lock(const std::string& path) {
    const auto generation = disk_->lock(path);
    if (!generation) return fail(generation.error());
    return std::make_unique<SimulatedLock>(disk_, path, *generation);
}

}  // namespace tenter
