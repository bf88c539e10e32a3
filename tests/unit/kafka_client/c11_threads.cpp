// For ThreadSanitizer only, which knows POSIX threads and not those of C11, which librdkafka uses: a thread that it has not seen begin
// crashes it, and locks that it does not see are none. These take the place of the C library's, whose types are those of POSIX under
// another name.
#if defined(__SANITIZE_THREAD__)

#include <cerrno>
#include <cstdint>
#include <memory>

#include <pthread.h>
#include <threads.h>

namespace {

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t) && sizeof(thrd_t) == sizeof(pthread_t));

pthread_mutex_t* posix(mtx_t* mutex) { return reinterpret_cast<pthread_mutex_t*>(mutex); }
pthread_cond_t* posix(cnd_t* condition) { return reinterpret_cast<pthread_cond_t*>(condition); }
int outcome(int error) { return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : error == EBUSY ? thrd_busy : thrd_error; }

struct Begin {
    thrd_start_t run;
    void* argument;
};
void* begin_thread(void* given) {
    const std::unique_ptr<Begin> begin(static_cast<Begin*>(given));
    return reinterpret_cast<void*>(static_cast<std::intptr_t>(begin->run(begin->argument)));
}

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t run, void* argument) {
    return outcome(pthread_create(thread, nullptr, begin_thread, new Begin{run, argument}));
}
int thrd_join(thrd_t thread, int* result) {
    void* found = nullptr;
    const int error = pthread_join(thread, &found);
    if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(found));
    return outcome(error);
}
int thrd_detach(thrd_t thread) { return outcome(pthread_detach(thread)); }

int mtx_init(mtx_t* mutex, int type) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, (type & mtx_recursive) != 0 ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL);
    const int error = pthread_mutex_init(posix(mutex), &attributes);
    pthread_mutexattr_destroy(&attributes);
    return outcome(error);
}
void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy(posix(mutex)); }
int mtx_lock(mtx_t* mutex) { return outcome(pthread_mutex_lock(posix(mutex))); }
int mtx_trylock(mtx_t* mutex) { return outcome(pthread_mutex_trylock(posix(mutex))); }
int mtx_unlock(mtx_t* mutex) { return outcome(pthread_mutex_unlock(posix(mutex))); }

int cnd_init(cnd_t* condition) { return outcome(pthread_cond_init(posix(condition), nullptr)); }
void cnd_destroy(cnd_t* condition) { pthread_cond_destroy(posix(condition)); }
int cnd_signal(cnd_t* condition) { return outcome(pthread_cond_signal(posix(condition))); }
int cnd_broadcast(cnd_t* condition) { return outcome(pthread_cond_broadcast(posix(condition))); }
int cnd_wait(cnd_t* condition, mtx_t* mutex) { return outcome(pthread_cond_wait(posix(condition), posix(mutex))); }
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
    return outcome(pthread_cond_timedwait(posix(condition), posix(mutex), until));
}

/// Its reference counts are atomics that the sanitizer does not see, so that what the library does among its own threads looks like races.
const char* __tsan_default_suppressions() { return "called_from_lib:librdkafka.so\nrace:librdkafka.so\n"; }

}  // extern "C"

#endif
