#pragma once
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// What the keeper and gopmd need to hand descriptors to each other and to start each other. The control message macros
// are not for Swift, and what runs between fork and exec must not be Swift.

/// The most descriptors that one message carries.
#define GOPM_KEEPER_DESCRIPTORS 8

/// Sends one packet with descriptors, without waiting. Returns 0, or -1 with errno.
static inline int gopm_keeper_send(int socket, const void *bytes, size_t size, const int *descriptors, int count) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(GOPM_KEEPER_DESCRIPTORS * sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > GOPM_KEEPER_DESCRIPTORS) {
        errno = EINVAL;
        return -1;
    }
    if (count > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
    }
    ssize_t sent;
    do { sent = sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL); } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -1 : 0;
}

/// Takes one packet and its descriptors, close-on-exec, without waiting. Returns its size, 0 at the end, or -1 with
/// errno. `truncated` tells that bytes or descriptors did not fit or, with no descriptor free, could not be made; those
/// that could are stored nevertheless and are the caller's.
static inline ssize_t gopm_keeper_receive(
    int socket, void *bytes, size_t size, int descriptors[GOPM_KEEPER_DESCRIPTORS], int *count, int *truncated
) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(GOPM_KEEPER_DESCRIPTORS * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
    };
    *count = 0;
    *truncated = 0;
    ssize_t received;
    do { received = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC); } while (received < 0 && errno == EINTR);
    if (received < 0) return -1;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        *count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(descriptors, CMSG_DATA(header), *count * sizeof(int));
    }
    *truncated = (message.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) != 0;
    return received;
}

/// A timer descriptor, close-on-exec and non-blocking (timerfd_create(2)).
static inline int gopm_retry_timer(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK); }

/// Has it fire once.
static inline int gopm_arm_retry_timer(int timer, long nanoseconds) {
    struct itimerspec delay = {.it_value.tv_nsec = nanoseconds};
    return timerfd_settime(timer, 0, &delay, NULL);
}

/// A process that shall outlive the one that starts it.
struct gopm_detached {
    const char *path;
    char *const *argv;
    /// Becomes descriptor 3; -1 for none. Besides it there are 0, 1, 2 on /dev/null and no others.
    int passed;
    /// Fork twice, so that it is nobody's child.
    int forks_twice;
    /// Soft RLIMIT_NOFILE; 0 leaves it alone.
    uint64_t open_files;
    /// -1 leaves it alone.
    int file_mask;
    /// Text for /proc/self/oom_score_adj; NULL leaves it alone.
    const char *oom_score;
};

static inline void gopm_keeper_send_error(int report, int error) {
    ssize_t written = write(report, &error, sizeof error);
    (void)written;
}

static inline void gopm_keeper_set_soft_limit(int resource, int is_highest, rlim_t soft) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0) return;
    limit.rlim_cur = is_highest || soft > limit.rlim_max ? limit.rlim_max : soft;
    setrlimit(resource, &limit);
}

static inline _Noreturn void gopm_keeper_run_detached(const struct gopm_detached *start, int report) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number <= 64; number++) sigaction(number, &standard, NULL);
    // No life of a program: see RLIMIT_LOCKS in DESIGN.
    gopm_keeper_set_soft_limit(RLIMIT_LOCKS, 1, 0);
    if (start->file_mask >= 0) umask((mode_t)start->file_mask);
    if (start->oom_score) {
        int file = open("/proc/self/oom_score_adj", O_WRONLY);
        if (file >= 0) {
            ssize_t written = write(file, start->oom_score, strlen(start->oom_score));
            (void)written;
            close(file);
        }
    }

    // First out of the way of 0 to 4, then into place.
    int null = open("/dev/null", O_RDWR);
    int high_null = fcntl(null, F_DUPFD, 10);
    int high_passed = start->passed < 0 ? -1 : fcntl(start->passed, F_DUPFD, 10);
    int high_report = fcntl(report, F_DUPFD, 10);
    if (high_null >= 0 && high_report >= 0 && (start->passed < 0 || high_passed >= 0)) {
        for (int number = 0; number < 3; number++) dup2(high_null, number);
        if (high_passed < 0) close(3); else dup2(high_passed, 3);
        report = dup2(high_report, 4);
        fcntl(report, F_SETFD, FD_CLOEXEC);
        if (syscall(SYS_close_range, 5U, ~0U, 0U) != 0) {  // before Linux 5.9
            for (long number = sysconf(_SC_OPEN_MAX); number >= 5; number--) close((int)number);
        }
        // Only now: we may have had more open than the limit allows.
        if (start->open_files != 0) gopm_keeper_set_soft_limit(RLIMIT_NOFILE, 0, start->open_files);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execv(start->path, start->argv);
    }
    gopm_keeper_send_error(report, errno);
    _exit(127);
}

/// Starts it in a session of its own, with default signals, and returns when it has been executed: its pid, 0 if it
/// forked twice, or -1 with the errno of fork or exec.
///
/// The child makes only calls that are safe after fork in a threaded process (signal-safety(7)).
static inline pid_t gopm_start_detached(const struct gopm_detached *start) {
    int report[2];
    if (pipe(report) != 0) return -1;
    fcntl(report[0], F_SETFD, FD_CLOEXEC);
    fcntl(report[1], F_SETFD, FD_CLOEXEC);

    // No handler of ours may run in the child.
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        pid_t second = start->forks_twice ? fork() : 0;
        if (second == 0) gopm_keeper_run_detached(start, report[1]);
        if (second < 0) gopm_keeper_send_error(report[1], errno);
        _exit(0);
    }
    int error = pid < 0 ? errno : 0;
    sigprocmask(SIG_SETMASK, &before, NULL);

    close(report[1]);
    if (pid > 0) {
        if (start->forks_twice) {
            while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
            pid = 0;
        }
        ssize_t size;
        do { size = read(report[0], &error, sizeof error); } while (size < 0 && errno == EINTR);
        if (size != sizeof error) error = 0;
    }
    close(report[0]);
    if (error == 0) return pid;
    errno = error;
    return -1;
}
