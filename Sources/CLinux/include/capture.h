#pragma once
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// What GopmCapture needs and Swift's Glibc module does not import. Without _GNU_SOURCE, for which reason some calls are
// made by number: with it fd_set differs from the one in Swift's Glibc module, and a test target that imports both (by
// way of Testing) does not compile.

// MARK: records

/// One side of a record: what is known of the log file at one moment.
struct capture_snapshot {
    uint64_t device;
    uint64_t inode;
    int64_t size;  // bytes
    int64_t line;  // LinePosition, encoded
};

/// One stream's slot in the record file. The layout is the file's format: change it with RecordTable.version.
struct capture_slot {
    int64_t process;
    uint64_t generation;
    uint32_t kind;  // 0: the slot is free
    uint32_t mark;  // of which the kernel writes the first byte: see capture_take
    uint64_t state;   // phase in the low byte, then the valid side, whether the mark counts, what it was before
    uint64_t extent;  // of the open block: program bytes in the low half, file bytes in the high
    struct capture_snapshot sides[2];
    uint64_t lost;  // program bytes not yet told of in the low 48 bits, the reason (errno) above
    uint64_t written;  // bytes of the log since the last reset
    uint64_t rotations;  // since the last reset
};
_Static_assert(sizeof(struct capture_slot) == 128, "the record file's format");

static inline struct capture_snapshot *capture_side(struct capture_slot *slot, int side) { return &slot->sides[side]; }

static inline uint8_t *capture_mark(struct capture_slot *slot) { return (uint8_t *)&slot->mark; }

/// Loads and stores of a record's words. A kill must find them in program order, so neither compiler nor processor may
/// move another access across them.
static inline uint64_t capture_load(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }
static inline void capture_store(uint64_t *word, uint64_t value) { __atomic_store_n(word, value, __ATOMIC_SEQ_CST); }
static inline void capture_store_kind(struct capture_slot *slot, uint32_t kind) {
    __atomic_store_n(&slot->kind, kind, __ATOMIC_SEQ_CST);
}
static inline void capture_add(uint64_t *word, uint64_t value) { __atomic_fetch_add(word, value, __ATOMIC_RELAXED); }

// MARK: pipes

enum { capture_nonblock = 2 /* SPLICE_F_NONBLOCK */ };

static inline ssize_t capture_tee(int from, int to, size_t bytes) {
    return syscall(SYS_tee, from, to, bytes, capture_nonblock);
}

static inline ssize_t capture_splice(int from, int to, size_t bytes) {
    return syscall(SYS_splice, from, 0, to, 0, bytes, capture_nonblock);
}

/// Takes `count` bytes out of a FIFO that are known to be there: all but the last into `nowhere` again and again, the
/// last one into `mark`. The kernel does both in one call that a kill does not divide, so whoever finds the mark changed
/// knows that the bytes were taken. `count` is at most 63 times `size`.
static inline ssize_t capture_take(int fd, size_t count, void *nowhere, size_t size, uint8_t *mark) {
    struct iovec parts[64];
    int number = 0;
    for (size_t left = count - 1; left > 0 && number < 63; number++) {
        parts[number].iov_base = nowhere;
        parts[number].iov_len = left < size ? left : size;
        left -= parts[number].iov_len;
    }
    parts[number].iov_base = mark;
    parts[number].iov_len = 1;
    return readv(fd, parts, number + 1);
}

/// Bytes that can be read at this moment; 0 if that can't be told.
static inline int capture_unread(int fd) {
    int bytes = 0;
    return ioctl(fd, FIONREAD, &bytes) == 0 ? bytes : 0;
}

// MARK: epoll and eventfd

static inline int capture_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline void capture_eventfd_signal(int fd) { eventfd_write(fd, 1); }

static inline void capture_eventfd_clear(int fd) {
    eventfd_t count;
    eventfd_read(fd, &count);
}

static inline int capture_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

/// Watches a descriptor for input, edge-triggered (level-triggered, a FIFO without writers spins the loop).
static inline int capture_watch(int epoll, int fd, uint64_t key) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = key};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static inline int capture_unwatch(int epoll, int fd) { return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, 0); }

/// Waits for up to 64 events and writes their keys. Returns their number, 0 after a signal too.
static inline int capture_wait(int epoll, uint64_t keys[64], int milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, 64, milliseconds);
    for (int index = 0; index < count; index++) keys[index] = events[index].data.u64;
    return count < 0 ? 0 : count;
}

// MARK: threads

/// Starts a detached thread that takes no signals: those are the control thread's. Returns 0 or an error number.
static inline int capture_thread(void *(*body)(void *), void *argument) {
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t every, before;
    sigfillset(&every);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    int error = pthread_create(&thread, &attributes, body, argument);
    pthread_sigmask(SIG_SETMASK, &before, 0);
    pthread_attr_destroy(&attributes);
    return error;
}

/// Names the calling thread (15 bytes), for `top -H` and the like.
static inline void capture_thread_name(const char *name) { prctl(PR_SET_NAME, name); }
