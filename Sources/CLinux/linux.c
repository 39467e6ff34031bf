#define _GNU_SOURCE
#include "linux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <link.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int gopm_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int gopm_pidfd_send_signal(int pidfd, int number) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, number, 0, 0);
}

int gopm_reap(int pidfd, int *code, int *status) {
    siginfo_t info = {0};
    int result;
    do { result = waitid(3 /* P_PIDFD */, (id_t)pidfd, &info, WEXITED | WNOHANG); } while (result < 0 && errno == EINTR);
    if (result < 0) return -1;
    if (info.si_pid == 0) return 0;
    *code = info.si_code;
    *status = info.si_status;
    return 1;
}

// linux/pidfd.h of kernel 6.15, which Debian 12's headers lack.
struct pidfd_info_v0 {
    uint64_t mask;
    uint64_t cgroup;
    uint32_t ids[11];
    int32_t exit_code;
};
enum { pidfd_info_exit = 1 << 3 };

int gopm_pidfd_exit_status(int pidfd, int *status) {
    struct pidfd_info_v0 info = {.mask = pidfd_info_exit};
    if (ioctl(pidfd, _IOWR(0xFF, 11, struct pidfd_info_v0), &info) != 0) return 0;
    if ((info.mask & pidfd_info_exit) == 0) return 0;
    *status = info.exit_code;
    return 1;
}

int gopm_life_of(pid_t pid, uint64_t *life) {
    struct rlimit limit;
    if (prlimit(pid, RLIMIT_LOCKS, 0, &limit) != 0) return -1;
    *life = limit.rlim_cur;
    return 0;
}

void gopm_clear_own_life(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_LOCKS, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_LOCKS, &limit);
}

uint64_t gopm_open_files_limit(uint64_t *hard) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    *hard = limit.rlim_max;
    return limit.rlim_cur;
}

int gopm_set_open_files_limit(uint64_t soft) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    limit.rlim_cur = soft;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

int gopm_keep_room(int file, off_t size) {
    return fallocate(file, FALLOC_FL_KEEP_SIZE, 0, size);
}

int64_t gopm_cpu_time_of(pid_t pid) {
    // What clock_getcpuclockid(3) makes of a pid; the library asks the kernel whether it exists, which reading does too.
    struct timespec time;
    if (clock_gettime((clockid_t)((~(unsigned)pid << 3) | 2), &time) != 0) return -1;
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int64_t gopm_clock(clockid_t clock) {
    struct timespec time = {0};
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Of the system's spawn.h, which our header of the same name hides.
int posix_spawn_file_actions_addclosefrom_np(void *actions, int first);

int gopm_spawn_close_from(void *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int gopm_peer_credentials(int socket, pid_t *pid, uid_t *uid) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *pid = credentials.pid;
    *uid = credentials.uid;
    return 0;
}

int gopm_unix_socket(const char *path, int listens, int flags) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = 0;
    while (path[length] != 0) length++;
    if (length >= sizeof address.sun_path) { errno = ENAMETOOLONG; return -1; }
    for (size_t index = 0; index < length; index++) address.sun_path[index] = path[index];
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (descriptor < 0) return -1;
    int result = listens ? bind(descriptor, (struct sockaddr *)&address, sizeof address)
                         : connect(descriptor, (struct sockaddr *)&address, sizeof address);
    if (result == 0 && listens) result = listen(descriptor, 4096);
    if (result != 0) {
        int error = errno;
        close(descriptor);
        errno = error;
        return -1;
    }
    return descriptor;
}

int gopm_connect_datagrams(const char *name) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = 0;
    while (name[length] != 0) length++;
    if (length == 0 || length >= sizeof address.sun_path) { errno = ENAMETOOLONG; return -1; }
    for (size_t index = 0; index < length; index++) address.sun_path[index] = name[index];
    if (name[0] == '@') address.sun_path[0] = 0;
    // An abstract address has no end but its length.
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (name[0] != '@'));
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -1;
    if (connect(descriptor, (struct sockaddr *)&address, size) == 0) return descriptor;
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

int gopm_connect_udp(const char *host, uint16_t port, int looks_up, int *loopback) {
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = looks_up ? 0 : AI_NUMERICHOST}, *first;
    if (getaddrinfo(host, NULL, &hints, &first) != 0) { errno = ENXIO; return -1; }
    int descriptor = -1, error = ENXIO;
    for (struct addrinfo *next = first; next && descriptor < 0; next = next->ai_next) {
        if (next->ai_family == AF_INET) {
            struct sockaddr_in *four = (struct sockaddr_in *)next->ai_addr;
            four->sin_port = htons(port);
            *loopback = ntohl(four->sin_addr.s_addr) >> 24 == 127;
        } else if (next->ai_family == AF_INET6) {
            struct sockaddr_in6 *six = (struct sockaddr_in6 *)next->ai_addr;
            six->sin6_port = htons(port);
            *loopback = IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
        } else {
            continue;
        }
        descriptor = socket(next->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (descriptor >= 0 && connect(descriptor, next->ai_addr, next->ai_addrlen) == 0) break;
        error = errno;
        if (descriptor >= 0) close(descriptor);
        descriptor = -1;
    }
    freeaddrinfo(first);
    if (descriptor < 0) errno = error;
    return descriptor;
}

int gopm_set_pipe_size(int descriptor, int bytes) {
    int size = fcntl(descriptor, F_SETPIPE_SZ, bytes);
    return size >= 0 ? size : fcntl(descriptor, F_GETPIPE_SZ);
}

int gopm_replace(int number, int source) { return dup3(source, number, O_CLOEXEC); }

int gopm_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC | O_NONBLOCK); }

int gopm_accept(int listener) { return accept4(listener, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK); }

void gopm_keep_heap_small(void) {
    mallopt(M_ARENA_MAX, 1);
    // Fixed, or it grows with the blocks that are freed, and large ones are then kept instead of given back.
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 256 << 10);
}

/// The parts of a program or library that were never written: unmapped pages come back from the file.
static int drop_code(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size, (void)context;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[index];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W)) continue;
        uintptr_t start = (object->dlpi_addr + part->p_vaddr) & ~(page - 1);
        madvise((void *)start, object->dlpi_addr + part->p_vaddr + part->p_memsz - start, MADV_DONTNEED);
    }
    return 0;
}

void gopm_settle_memory(void) {
    malloc_trim(0);
    dl_iterate_phdr(drop_code, NULL);
}

int gopm_file_kind(int folder, const char *path, uint32_t *mode, uint32_t *links) {
    struct statx info;
    if (statx(folder, path, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MODE | STATX_NLINK, &info) != 0) return -1;
    *mode = info.stx_mode;
    *links = info.stx_nlink;
    return 0;
}

/// Reads the pairs out of one packet of answers. Returns 1 if more packets follow, 0 at the end, -1 with errno.
static int take_pairs(const char *packet, size_t size, struct gopm_socket_pair *pairs, int room, int *count) {
    size_t left = size;
    for (const struct nlmsghdr *header = (const struct nlmsghdr *)packet; NLMSG_OK(header, left);
         header = NLMSG_NEXT(header, left)) {
        if (header->nlmsg_type == NLMSG_DONE) return 0;
        if (header->nlmsg_type == NLMSG_ERROR) {
            errno = EOPNOTSUPP;
            return -1;
        }
        if (header->nlmsg_len < NLMSG_LENGTH(sizeof(struct unix_diag_msg))) continue;
        const struct unix_diag_msg *message = NLMSG_DATA(header);
        size_t rest = header->nlmsg_len - NLMSG_LENGTH(sizeof *message);
        for (const struct rtattr *part = (const struct rtattr *)(message + 1); RTA_OK(part, rest);
             part = RTA_NEXT(part, rest)) {
            if (part->rta_type != UNIX_DIAG_PEER || RTA_PAYLOAD(part) < sizeof(uint32_t) || *count == room) continue;
            pairs[*count].inode = message->udiag_ino;
            memcpy(&pairs[*count].peer, RTA_DATA(part), sizeof(uint32_t));
            ++*count;
        }
    }
    return 1;
}

int gopm_unix_pairs(struct gopm_socket_pair *pairs, int room) {
    struct {
        struct nlmsghdr header;
        struct unix_diag_req request;
    } question = {
        .header = {.nlmsg_len = sizeof question, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .request = {.sdiag_family = AF_UNIX, .udiag_states = ~0u, .udiag_show = UDIAG_SHOW_PEER},
    };
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (netlink < 0) return -1;
    // The kernel answers within the call; the deadline is for one that does not.
    struct timeval deadline = {.tv_sec = 1};
    setsockopt(netlink, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    int count = 0, more = send(netlink, &question, sizeof question, 0) < 0 ? -1 : 1;
    while (more > 0) {
        _Alignas(struct nlmsghdr) char packet[32768];
        ssize_t size = recv(netlink, packet, sizeof packet, 0);
        if (size < 0 && errno == EINTR) continue;
        more = size <= 0 ? -1 : take_pairs(packet, (size_t)size, pairs, room, &count);
    }
    int error = errno;
    close(netlink);
    errno = error;
    return more < 0 ? -1 : count;
}
