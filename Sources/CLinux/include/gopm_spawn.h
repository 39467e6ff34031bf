#pragma once
#include <stdint.h>
#include <sys/types.h>

/// Where a child failed between clone and exec.
enum gopm_spawn_stage {
    GOPM_SPAWN_CLONE = 1,
    GOPM_SPAWN_LIMITS,
    GOPM_SPAWN_SESSION,
    GOPM_SPAWN_DIRECTORY,
    GOPM_SPAWN_DESCRIPTORS,
    GOPM_SPAWN_EXEC,
};

/// What the child writes into the report pipe when it can't execute the program. A report pipe that reaches its end
/// without one of these says that the program was executed.
struct gopm_spawn_failure {
    int32_t stage;
    int32_t error;
};

struct gopm_spawn_request {
    const char *path;
    char *const *argv;
    char *const *envp;
    const char *directory;
    /// Descriptors that become 0, 1 and 2. They must be above 2.
    int standard[3];
    /// Read ends of the child's own FIFOs, inherited so that a write finds a reader whatever happens to the
    /// supervisor; -1 for none. They land just below `inherited_below`.
    int inherited[2];
    int inherited_below;
    /// Write end of the report pipe, close-on-exec.
    int report;
    /// Directory descriptor of a cgroup v2 group, or -1.
    int cgroup;
    /// Soft value of RLIMIT_LOCKS.
    uint64_t life_id;
    /// Soft RLIMIT_NOFILE for the child; 0 leaves it alone.
    uint64_t open_files;
    mode_t file_mask;
    /// The child's stack until exec; it calls no deeper than two small functions.
    void *stack;
    uint64_t stack_size;
    /// If not 0, all descriptors named here are below it, and the child takes no others along: it begins with the
    /// supervisor's own table and parts with it, instead of copying and closing thousands. The supervisor must leave
    /// the descriptors as they are until `has_parted`.
    int parts_below;
    /// The descriptors named here are exactly these, the first and the last included; what else is below `parts_below`
    /// belongs to other children, and a report that another child holds open has no end.
    int own_first, own_last;
    /// An eventfd below `parts_below` that the child writes to when it has parted.
    int parted_event;
    /// Set by the child; read it with gopm_spawn_has_parted.
    int has_parted;
};

static inline int gopm_spawn_has_parted(const struct gopm_spawn_request *request) {
    return __atomic_load_n(&request->has_parted, __ATOMIC_ACQUIRE);
}

/// Makes a child that executes the program in a session of its own.
///
/// The child has default signal dispositions, an empty signal mask and no descriptors but 0, 1, 2 and the inherited
/// ones.
///
/// The child may still be on its way to exec when this returns. Until the report pipe has reached its end or brought a
/// failure, the request, everything it points to, and the stack must stay as they are; the descriptors only if they are
/// shared (`parts_below`).
///
/// Returns the child's pid and stores a pidfd, close-on-exec, in `pidfd`; or returns -1 with errno set.
pid_t gopm_spawn(struct gopm_spawn_request *request, int *pidfd);
