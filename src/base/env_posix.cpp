#include <algorithm>
#include <cerrno>
#include <cstring>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tenter/base/env.hpp"

namespace tenter {
namespace {

constexpr mode_t file_mode = 0600;
constexpr mode_t folder_mode = 0700;

Errc code_of(int os_error) {
    switch (os_error) {
        case ENOENT:
        case ENOTDIR: return Errc::not_found;
        case ENOSPC:
        case EDQUOT:
        case EFBIG: return Errc::overloaded;
        default: return Errc::unavailable;
    }
}

/// For the system call that has just failed.
std::unexpected<Error> failed(std::string_view call, const std::string& path) {
    const int os_error = errno;
    return fail(code_of(os_error), path + ": " + std::string(call) + ": " + std::strerror(os_error), os_error);
}

template <class Call>
auto retried(Call call) {
    auto result = call();
    while (result < 0 && errno == EINTR) result = call();
    return result;
}

/// A descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int value) noexcept : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    [[nodiscard]] int get() const noexcept { return value_; }

private:
    int value_;
};

Result<Descriptor> open_descriptor(const std::string& path, int flags) {
    const int descriptor = retried([&] { return ::open(path.c_str(), flags | O_CLOEXEC, file_mode); });
    if (descriptor < 0) return failed("open", path);
    return Descriptor(descriptor);
}

int flags_of(OpenMode mode) {
    switch (mode) {
        case OpenMode::read: return O_RDONLY;
        case OpenMode::read_write: return O_RDWR;
        case OpenMode::create: return O_RDWR | O_CREAT;
        case OpenMode::create_new: return O_RDWR | O_CREAT | O_EXCL;
    }
    return O_RDONLY;
}

class PosixFile final : public File {
public:
    PosixFile(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

    [[nodiscard]] Result<std::size_t> pread(std::span<char> out, std::uint64_t position) const override {
        std::size_t total = 0;
        while (total < out.size()) {
            const ssize_t got = retried(
                [&] { return ::pread(descriptor_.get(), out.data() + total, out.size() - total, static_cast<off_t>(position + total)); });
            if (got < 0) return failed("pread", path_);
            if (got == 0) break;
            total += static_cast<std::size_t>(got);
        }
        return total;
    }
    [[nodiscard]] Result<std::size_t> pwrite(BytesView bytes, std::uint64_t position) override {
        if (bytes.empty()) return std::size_t{0};
        const ssize_t written =
            retried([&] { return ::pwrite(descriptor_.get(), bytes.data(), bytes.size(), static_cast<off_t>(position)); });
        if (written < 0) return failed("pwrite", path_);
        return static_cast<std::size_t>(written);
    }
    [[nodiscard]] Result<void> truncate(std::uint64_t size) override {
        return checked("ftruncate", retried([&] { return ::ftruncate(descriptor_.get(), static_cast<off_t>(size)); }));
    }
    [[nodiscard]] Result<void> preallocate(std::uint64_t size) override {
        if (size == 0) return {};
        const int result = retried([&] { return ::fallocate(descriptor_.get(), 0, 0, static_cast<off_t>(size)); });
        if (result == 0 || errno != EOPNOTSUPP) return checked("fallocate", result);
        const auto now = this->size();  // file systems without fallocate: only the size can be promised
        if (!now) return fail(now.error());
        return *now >= size ? Result<void>{} : truncate(size);
    }
    [[nodiscard]] Result<void> sync_data() override { return checked("fdatasync", ::fdatasync(descriptor_.get())); }
    [[nodiscard]] Result<void> sync_filesystem() override { return checked("syncfs", ::syncfs(descriptor_.get())); }
    [[nodiscard]] Result<std::uint64_t> size() const override {
        struct stat status{};
        if (::fstat(descriptor_.get(), &status) != 0) return failed("fstat", path_);
        return static_cast<std::uint64_t>(status.st_size);
    }

private:
    [[nodiscard]] Result<void> checked(std::string_view call, int result) const {
        if (result != 0) return failed(call, path_);
        return {};
    }

    Descriptor descriptor_;
    std::string path_;
};

class PosixMappedRegion final : public MappedRegion {
public:
    PosixMappedRegion(void* address, std::size_t size) noexcept : address_(address), size_(size) {}
    PosixMappedRegion(const PosixMappedRegion&) = delete;
    PosixMappedRegion& operator=(const PosixMappedRegion&) = delete;
    ~PosixMappedRegion() override { ::munmap(address_, size_); }
    [[nodiscard]] std::span<std::byte> bytes() const noexcept override { return {static_cast<std::byte*>(address_), size_}; }

private:
    void* address_;
    std::size_t size_;
};

/// flock goes with the open file description: closing the only descriptor of it lets go.
class PosixFileLock final : public FileLock {
public:
    explicit PosixFileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

private:
    Descriptor descriptor_;
};

}  // namespace

Result<std::unique_ptr<File>> PosixEnv::open(const std::string& path, OpenMode mode) {
    auto descriptor = open_descriptor(path, flags_of(mode));
    if (!descriptor) return fail(std::move(descriptor.error()));
    return std::make_unique<PosixFile>(std::move(*descriptor), path);
}

Result<std::unique_ptr<MappedRegion>> PosixEnv::map_shared(const std::string& path, std::size_t size) {
    const auto descriptor = open_descriptor(path, O_RDWR | O_CREAT);
    if (!descriptor) return fail(descriptor.error());
    struct stat status{};
    if (::fstat(descriptor->get(), &status) != 0) return failed("fstat", path);
    if (static_cast<std::uint64_t>(status.st_size) < size && ::ftruncate(descriptor->get(), static_cast<off_t>(size)) != 0)
        return failed("ftruncate", path);
    void* const address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor->get(), 0);
    if (address == MAP_FAILED) return failed("mmap", path);
    return std::make_unique<PosixMappedRegion>(address, size);
}

Result<void> PosixEnv::rename(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename", from);
    return {};
}

Result<void> PosixEnv::remove(const std::string& path) {
    if (::remove(path.c_str()) != 0) return failed("remove", path);
    return {};
}

Result<void> PosixEnv::create_directories(const std::string& path) {
    for (std::size_t end = 0; end != std::string::npos;) {
        end = path.find('/', end + 1);
        const std::string prefix = path.substr(0, end);
        if (::mkdir(prefix.c_str(), folder_mode) != 0 && errno != EEXIST) return failed("mkdir", prefix);
    }
    return {};
}

Result<void> PosixEnv::sync_directory(const std::string& path) {
    const auto descriptor = open_descriptor(path, O_RDONLY | O_DIRECTORY);
    if (!descriptor) return fail(descriptor.error());
    if (::fsync(descriptor->get()) != 0) return failed("fsync", path);
    return {};
}

Result<std::vector<DirectoryEntry>> PosixEnv::list(const std::string& path) const {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
    if (!directory) return failed("opendir", path);
    std::vector<DirectoryEntry> entries;
    errno = 0;
    while (const dirent* entry = ::readdir(directory.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        bool is_directory = entry->d_type == DT_DIR;
        if (entry->d_type == DT_UNKNOWN) {
            struct stat status{};
            is_directory = ::lstat((path + "/" + std::string(name)).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
        }
        entries.push_back({std::string(name), is_directory});
        errno = 0;
    }
    if (errno != 0) return failed("readdir", path);
    std::ranges::sort(entries, {}, &DirectoryEntry::name);
    return entries;
}

Result<FileSystemSpace> PosixEnv::space(const std::string& path) const {
    struct statvfs status{};
    if (retried([&] { return ::statvfs(path.c_str(), &status); }) != 0) return failed("statvfs", path);
    return FileSystemSpace{static_cast<std::uint64_t>(status.f_blocks) * status.f_frsize,
                           static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize};
}

Result<FileStamp> PosixEnv::stamp(const std::string& path) const {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return failed("stat", path);
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    return FileStamp{.device = status.st_dev,
                     .inode = status.st_ino,
                     .size = static_cast<std::uint64_t>(status.st_size),
                     .modified_ns = status.st_mtim.tv_sec * ns_per_s + status.st_mtim.tv_nsec};
}

Result<std::unique_ptr<FileLock>> PosixEnv::lock(const std::string& path) {
    auto descriptor = open_descriptor(path, O_RDWR | O_CREAT);
    if (!descriptor) return fail(std::move(descriptor.error()));
    if (retried([&] { return ::flock(descriptor->get(), LOCK_EX | LOCK_NB); }) != 0) {
        if (errno == EWOULDBLOCK) return fail(Errc::overloaded, path + ": held by another process", EWOULDBLOCK);
        return failed("flock", path);
    }
    return std::make_unique<PosixFileLock>(std::move(*descriptor));
}

}  // namespace tenter
