#pragma once
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/types.h>
#include <time.h>

// Calls and macros that Swift's Glibc module does not import, most of them because they need _GNU_SOURCE, which must not
// be defined in a header that Swift reads. Each returns what the call returns, errno included.

int gopm_pidfd_open(pid_t pid);

int gopm_pidfd_send_signal(int pidfd, int number);

/// Reaps the child behind a pidfd without waiting. Returns 1 and fills `code` (CLD_*) and `status` if it has ended, 0
/// if it has not, -1 with errno (ECHILD: not a child).
int gopm_reap(int pidfd, int *code, int *status);

/// The wait status of a process that has been reaped by whomever, from PIDFD_GET_INFO (Linux 6.15). Returns 1 and fills
/// `status`; 0 if it is not known (not reaped, an older kernel).
int gopm_pidfd_exit_status(int pidfd, int *status);

/// The soft RLIMIT_LOCKS of a process, which is its life id. Returns 0, or -1 with errno.
int gopm_life_of(pid_t pid, uint64_t *life);

void gopm_clear_own_life(void);

uint64_t gopm_open_files_limit(uint64_t *hard);

int gopm_set_open_files_limit(uint64_t soft);

/// Gives a file its blocks up to a size, which it does not take on (fallocate(2)).
int gopm_keep_room(int file, off_t size);

/// CPU time of a process in nanoseconds, -1 if it is gone. The clock id of another process is made of its pid
/// (clock_getcpuclockid(3)); reading it costs a tenth of reading /proc.
int64_t gopm_cpu_time_of(pid_t pid);

int64_t gopm_clock(clockid_t clock);

/// Has a program start with no descriptor from `first` on (glibc 2.34). `actions` is a posix_spawn_file_actions_t.
int gopm_spawn_close_from(void *actions, int first);

/// Credentials of the peer of a Unix socket. Returns 0, or -1 with errno.
int gopm_peer_credentials(int socket, pid_t *pid, uid_t *uid);

/// Binds (`listens` != 0) or connects a Unix stream socket. Returns the descriptor, close-on-exec and non-blocking if
/// `flags` holds SOCK_NONBLOCK, or -1 with errno (ENAMETOOLONG: over 107 bytes).
int gopm_unix_socket(const char *path, int listens, int flags);

/// A Unix datagram socket that sends to an address, which is a path or, with `@` for its first byte, abstract (unix(7)).
/// Returns the descriptor, close-on-exec and non-blocking, or -1 with errno.
int gopm_connect_datagrams(const char *address);

/// A UDP socket that sends to a host, an address or with `looks_up` a name; `loopback` is set if that is this machine.
/// Returns the descriptor, close-on-exec and non-blocking, or -1 with errno (ENXIO: no such host).
int gopm_connect_udp(const char *host, uint16_t port, int looks_up, int *loopback);

/// Accepts a connection, close-on-exec and non-blocking.
int gopm_accept(int listener);

/// Asks for a pipe of that size. Returns the size it has afterwards, or -1 with errno.
int gopm_set_pipe_size(int descriptor, int bytes);

/// Makes `number` another descriptor of what `source` is, close-on-exec; closes what it was (dup3(2)).
int gopm_replace(int number, int source);

/// A pipe whose both ends are close-on-exec and non-blocking.
int gopm_pipe(int ends[2]);

/// One heap for all threads, and large blocks that go back to the kernel when they are freed: glibc would else keep up
/// to 32 MiB of each thread's largest buffers (mallopt(3)). To be called before any thread is made.
void gopm_keep_heap_small(void);

/// Gives back to the kernel what only a start or a burst of work needed: free memory of the heap (malloc_trim(3)) and code
/// of this program and its libraries (madvise(2), MADV_DONTNEED); what is still needed is mapped again from the page cache
/// when it is used, in some 0.1 ms all together. A program with text relocations must not call it.
void gopm_settle_memory(void);

/// What a path leads to, without asking a file server (statx(2), AT_STATX_DONT_SYNC). Returns 0 and fills `mode` (type
/// and permissions) and `links` (0: the file was deleted), or -1 with errno.
int gopm_file_kind(int folder, const char *path, uint32_t *mode, uint32_t *links);

/// Two ends of a Unix socket pair, by inode.
struct gopm_socket_pair {
    uint32_t inode;
    uint32_t peer;
};

/// The connected Unix sockets of this network namespace (sock_diag(7)), at most `room`. Returns how many were filled,
/// or -1 with errno.
int gopm_unix_pairs(struct gopm_socket_pair *pairs, int room);
