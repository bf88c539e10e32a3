// Preloaded into the program by failing_disk_test.py: fdatasync fails with EIO as soon as the file named by $TENTER_FAIL_FDATASYNC exists.
#include <cerrno>
#include <cstdlib>

#include <sys/syscall.h>
#include <unistd.h>

extern "C" int fdatasync(int descriptor) {
    const char* const sign = std::getenv("TENTER_FAIL_FDATASYNC");
    if (sign != nullptr && ::access(sign, F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}
