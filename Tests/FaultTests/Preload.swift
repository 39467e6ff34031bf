import GopmTestSupport

/// A library in front of libc, for what cannot be done to the real machine or kernel.
private let source = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <stdarg.h>
    #include <stdlib.h>
    #include <string.h>
    #include <stdio.h>
    #include <sys/ioctl.h>
    #include <sys/mman.h>
    #include <sys/uio.h>
    #include <time.h>
    #include <unistd.h>

    static const volatile long *offset;
    static const char *slow;
    static int old;

    __attribute__((constructor)) static void begin(void) {
        slow = getenv("SLOW_FILE");
        old = getenv("WITHOUT_PIDFD_INFO") != 0;
        const char *path = getenv("CLOCK_OFFSET_FILE");
        int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        void *map = file < 0 ? MAP_FAILED : mmap(0, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
        if (map != MAP_FAILED) offset = map;
    }

    int clock_gettime(clockid_t clock, struct timespec *now) {
        static int (*real)(clockid_t, struct timespec *);
        if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
        int result = real(clock, now);
        if (result == 0 && clock == CLOCK_REALTIME && offset) now->tv_sec += *offset;
        return result;
    }

    static void wait_if_slow(int file) {
        if (!slow) return;
        char link[40], path[4096];
        snprintf(link, sizeof link, "/proc/self/fd/%d", file);
        ssize_t length = readlink(link, path, sizeof path - 1);
        if (length <= 0) return;
        path[length] = 0;
        if (!strcmp(path, slow)) sleep(2); // the slow disk itself
    }

    ssize_t write(int file, const void *bytes, size_t count) {
        static ssize_t (*real)(int, const void *, size_t);
        if (!real) real = dlsym(RTLD_NEXT, "write");
        wait_if_slow(file);
        return real(file, bytes, count);
    }

    ssize_t writev(int file, const struct iovec *parts, int count) {
        static ssize_t (*real)(int, const struct iovec *, int);
        if (!real) real = dlsym(RTLD_NEXT, "writev");
        wait_if_slow(file);
        return real(file, parts, count);
    }

    int ioctl(int file, unsigned long request, ...) {
        static int (*real)(int, unsigned long, void *);
        if (!real) real = dlsym(RTLD_NEXT, "ioctl");
        va_list rest;
        va_start(rest, request);
        void *argument = va_arg(rest, void *);
        va_end(rest);
        if (old && _IOC_TYPE(request) == 0xFF && _IOC_NR(request) == 11) {
            errno = ENOTTY;
            return -1;
        }
        return real(file, request, argument);
    }
    """

extension DaemonFixture {
    /// From now on gopm and gopmd run with that library, told by variables.
    ///
    /// - `CLOCK_OFFSET_FILE`: a file of 8 bytes, the seconds by which CLOCK_REALTIME is off.
    /// - `SLOW_FILE`: each write to it takes two seconds.
    /// - `WITHOUT_PIDFD_INFO`: ioctl(2) knows no PIDFD_GET_INFO, as before Linux 6.15.
    func preload(_ variables: [String: String]) throws {
        let built = "\(folder)/preload.so"
        // Swift on Linux needs and brings a C compiler.
        try RunningCommand(
            "/usr/bin/env",
            ["clang", "-shared", "-fPIC", "-o", built, try write(source, to: "preload.c")],
            environment: ["PATH": environment["PATH"] ?? ""],
            folder: folder
        ).finish().check()
        environment.merge(variables) { $1 }
        environment["LD_PRELOAD"] = built
    }
}
