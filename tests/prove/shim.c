/* Preloaded under a proof: counts the calls that reach files, and lets one of them kill the process or fail. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

static long count, victim;
static int fate; /* 0 = be killed, else the error to fail with */

void shim_arm(long at, int error) { count = 0; victim = at; fate = error; }
long shim_count(void) { return count; }

static int struck(void) {
    if (!victim || ++count != victim) return 0;
    if (!fate) kill(getpid(), SIGKILL);
    errno = fate;
    return 1;
}

#define WRAP(type, name, parameters, ...) \
    type name parameters { \
        static type (*real) parameters; \
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name); \
        return struck() ? -1 : real(__VA_ARGS__); \
    }
#define WRAP_OPEN(name) \
    int name(const char *path, int flags, ...) { \
        static int (*real)(const char *, int, ...); \
        va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest); \
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name); \
        return struck() ? -1 : real(path, flags, mode); \
    }
#define WRAP_OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        static int (*real)(int, const char *, int, ...); \
        va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest); \
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name); \
        return struck() ? -1 : real(folder, path, flags, mode); \
    }

WRAP_OPEN(open)
WRAP_OPEN(open64)
WRAP_OPENAT(openat)
WRAP_OPENAT(openat64)
WRAP(ssize_t, read, (int fd, void *to, size_t n), fd, to, n)
WRAP(ssize_t, pread, (int fd, void *to, size_t n, off_t at), fd, to, n, at)
WRAP(ssize_t, pread64, (int fd, void *to, size_t n, off_t at), fd, to, n, at)
WRAP(ssize_t, write, (int fd, const void *from, size_t n), fd, from, n)
WRAP(ssize_t, pwrite, (int fd, const void *from, size_t n, off_t at), fd, from, n, at)
WRAP(ssize_t, pwrite64, (int fd, const void *from, size_t n, off_t at), fd, from, n, at)
WRAP(int, fsync, (int fd), fd)
WRAP(int, fdatasync, (int fd), fd)
WRAP(int, ftruncate, (int fd, off_t n), fd, n)
WRAP(int, ftruncate64, (int fd, off_t n), fd, n)
WRAP(int, flock, (int fd, int how), fd, how)
WRAP(int, rename, (const char *from, const char *to), from, to)
WRAP(int, renameat, (int a, const char *from, int b, const char *to), a, from, b, to)
WRAP(int, link, (const char *from, const char *to), from, to)
WRAP(int, linkat, (int a, const char *from, int b, const char *to, int how), a, from, b, to, how)
WRAP(int, unlink, (const char *path), path)
WRAP(int, unlinkat, (int a, const char *path, int how), a, path, how)

DIR *opendir(const char *path) {
    static DIR *(*real)(const char *);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "opendir");
    return struck() ? NULL : real(path);
}
