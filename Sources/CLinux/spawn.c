#define _GNU_SOURCE
#include "gopm_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The child runs in the supervisor's own memory (CLONE_VM) until it executes its program, on a stack of its own and side
// by side with the supervisor. Copying the page tables instead would cost each spawn about a millisecond with 500
// programs, and waiting as vfork(2) does would let a hanging network disk under a program's folder stop the supervisor.
//
// So nothing here may touch what the two share, errno and other thread-local data above all: every call of the child is
// a bare system call that returns -errno.
//
// The thread sanitizer can't follow this; under it, and on other processors, the child gets a copy.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define COPIES_MEMORY 1
#endif
#endif
#if defined(__x86_64__) && !defined(COPIES_MEMORY)
#define SHARES_MEMORY 1

__attribute__((no_stack_protector)) static inline long bare(long number, long a, long b, long c, long d) {
    long result;
    register long fourth __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
}

/// clone3 whose child calls `run(argument)` on the stack in `arguments` and never returns. Returns -errno.
static long clone_onto_stack(struct clone_args *arguments, void (*run)(void *), void *argument) {
    long result;
    register void (*function)(void *) __asm__("r12") = run;
    register void *first __asm__("r13") = argument;
    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "xor %%ebp, %%ebp\n\t"  // the end of the child's chain of frames
                     "mov %%r13, %%rdi\n\t"
                     "call *%%r12\n\t"
                     "hlt\n"
                     "1:"
                     : "=a"(result)
                     : "a"(SYS_clone3), "D"(arguments), "S"(sizeof *arguments), "r"(function), "r"(first)
                     : "rcx", "r11", "memory");
    return result;
}
#else
#define SHARES_MEMORY 0

// A child with memory of its own may use errno.
static inline long bare(long number, long a, long b, long c, long d) {
    long result = syscall(number, a, b, c, d);
    return result < 0 ? -errno : result;
}
#endif

__attribute__((no_stack_protector)) static _Noreturn void fail(int report, enum gopm_spawn_stage stage, long result) {
    struct gopm_spawn_failure failure = {.stage = stage, .error = (int32_t)-result};
    // The pipe is empty and the record is far below PIPE_BUF: the write is whole, or the reader is gone.
    bare(SYS_write, report, (long)&failure, sizeof failure, 0);
    for (;;) bare(SYS_exit_group, 127, 0, 0, 0);
}

__attribute__((no_stack_protector)) static void set_soft_limit(int resource, rlim_t value) {
    struct rlimit limit;
    if (bare(SYS_prlimit64, 0, resource, 0, (long)&limit) != 0) return;
    limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
    bare(SYS_prlimit64, 0, resource, (long)&limit, 0);
}

/// Handled signals go back to their default by exec; ignored ones only by this.
__attribute__((no_stack_protector)) static void reset_signals(void) {
    // The kernel's struct sigaction: handler, flags, restorer, mask. All zero is SIG_DFL.
    unsigned long standard[4] = {0, 0, 0, 0};
    for (int number = 1; number <= 64; number++) bare(SYS_rt_sigaction, number, (long)standard, 0, 8);
    unsigned long none = 0;
    bare(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, 8);
}

/// Puts the inherited read ends at the highest free numbers below the limit, out of the way of programs that count on
/// low ones. They are a second line of defence only: what fails here must not keep the program from starting.
__attribute__((no_stack_protector)) static void inherit_read_ends(const struct gopm_spawn_request *request) {
    int target = request->inherited_below;
    for (int index = 0; index < 2; index++) {
        int source = request->inherited[index];
        if (source < 0) continue;
        do { target--; } while (target == request->report || (index == 0 && target == request->inherited[1]));
        if (target < 3) return;
        if (source == target) {
            bare(SYS_fcntl, target, F_SETFD, 0, 0);
        } else {
            bare(SYS_dup3, source, target, 0, 0);
        }
    }
}

/// Takes a descriptor table of its own, with only what lies below the limit. Until then nothing may be opened, closed or
/// moved here: it would be done to the supervisor.
__attribute__((no_stack_protector)) static void part(struct gopm_spawn_request *request) {
    if (request->parts_below == 0) return;
    long result = bare(SYS_close_range, request->parts_below, ~0u, 2 /* CLOSE_RANGE_UNSHARE */, 0);
    // Kernels before 5.9 and some filters have no close_range; a whole copy does as well.
    if (result != 0) result = bare(SYS_unshare, CLONE_FILES, 0, 0, 0);
    if (result != 0) fail(request->report, GOPM_SPAWN_DESCRIPTORS, result);
    __atomic_store_n(&request->has_parted, 1, __ATOMIC_RELEASE);
    uint64_t one = 1;
    bare(SYS_write, request->parted_event, (long)&one, sizeof one, 0);
    bare(SYS_close_range, 3, request->own_first - 1, 0, 0);
    bare(SYS_close_range, request->own_last + 1, ~0u, 0, 0);
}

__attribute__((no_stack_protector)) static void run_child(void *argument) {
    struct gopm_spawn_request *request = argument;
    int report = request->report;
    long result;

    // The life id comes first: from here on this process and all that come of it can be found by it.
    struct rlimit locks;
    if ((result = bare(SYS_prlimit64, 0, RLIMIT_LOCKS, 0, (long)&locks)) != 0) fail(report, GOPM_SPAWN_LIMITS, result);
    locks.rlim_cur = request->life_id;
    if ((result = bare(SYS_prlimit64, 0, RLIMIT_LOCKS, (long)&locks, 0)) != 0) fail(report, GOPM_SPAWN_LIMITS, result);
    part(request);
    if ((result = bare(SYS_setsid, 0, 0, 0, 0)) < 0) fail(report, GOPM_SPAWN_SESSION, result);
    bare(SYS_umask, request->file_mask, 0, 0, 0);
    if ((result = bare(SYS_chdir, (long)request->directory, 0, 0, 0)) != 0) fail(report, GOPM_SPAWN_DIRECTORY, result);

    // All sources are above 2, so no target is overwritten before it was copied.
    for (int target = 0; target < 3; target++) {
        result = bare(SYS_dup3, request->standard[target], target, 0, 0);
        if (result < 0) fail(report, GOPM_SPAWN_DESCRIPTORS, result);
    }
    // Everything else closes at exec, the report pipe among it. Kernels before 5.11 lack the flag; there it is enough
    // that the supervisor opens all its descriptors close-on-exec.
    bare(SYS_close_range, 3, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */, 0);
    inherit_read_ends(request);
    if (request->open_files != 0) set_soft_limit(RLIMIT_NOFILE, request->open_files);

    reset_signals();
    result = bare(SYS_execve, (long)request->path, (long)request->argv, (long)request->envp, 0);
    fail(report, GOPM_SPAWN_EXEC, result);
}

static long make_child(struct gopm_spawn_request *request, int *pidfd) {
    struct clone_args arguments = {
        .flags = CLONE_PIDFD | (request->cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
        .cgroup = request->cgroup >= 0 ? (uint64_t)request->cgroup : 0,
    };
#if SHARES_MEMORY
    arguments.flags |= CLONE_VM | (request->parts_below != 0 ? CLONE_FILES : 0);
    arguments.stack = (uint64_t)(uintptr_t)request->stack;
    arguments.stack_size = request->stack_size;
    long pid = clone_onto_stack(&arguments, run_child, request);
#else
    long pid = bare(SYS_clone3, (long)&arguments, sizeof arguments, 0, 0);
    if (pid > 0) request->has_parted = 1;
#endif
    if (pid != -ENOSYS && pid != -EPERM) return pid;
    // clone3 is refused by an old kernel or a container's filter. A group can't be entered this way, and the child gets
    // a copy of the memory. (Arguments as on x86-64 and aarch64: flags, stack, parent_tid.)
    pid = bare(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, (long)pidfd, 0);
    // Both have their own table, and what the child notes in its memory is not seen here.
    if (pid > 0) request->has_parted = 1;
    return pid;
}

pid_t gopm_spawn(struct gopm_spawn_request *request, int *pidfd) {
    // A signal that reached the child before its dispositions are reset would run a handler of the supervisor.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    long pid = make_child(request, pidfd);
    if (pid == 0) run_child(request);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pid >= 0) return (pid_t)pid;
    errno = (int)-pid;
    return -1;
}
