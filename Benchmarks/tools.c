// The small programs that benchmarks need where Python would be measured instead:  cc -O2 -o tools tools.c
//
//   tools write BYTES LINE          writes that many bytes in lines of LINE bytes, as fast as they are taken
//   tools wait                      stays until a signal
//   tools spawn COUNT [FOLDER]      starts "tools wait" so often with posix_spawn, with a folder after making two FIFOs
//                                   and two files there for each; prints the milliseconds
//   tools loop COUNT FILE MS        runs "tools stamp FILE MS" so often, the next as soon as one has ended
//   tools stamp FILE MILLISECONDS   appends its start and, after so long, its end (CLOCK_MONOTONIC, ns) to FILE
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int write_lines(size_t bytes, size_t line) {
    static char block[1 << 16];
    if (line < 2 || line > sizeof block) return 64;
    size_t size = sizeof block / line * line;
    memset(block, 'x', size);
    for (size_t end = line; end <= size; end += line) block[end - 1] = '\n';
    bytes = bytes / line * line;
    for (size_t done = 0; done < bytes;) {
        // Goes on in the middle of a line after a short write.
        size_t offset = done % size, rest = size - offset;
        ssize_t written = write(1, block + offset, bytes - done < rest ? bytes - done : rest);
        if (written < 0) return 1;
        done += (size_t)written;
    }
    return 0;
}

static void make_files(const char *folder, int index) {
    char path[4096];
    for (int kind = 0; kind < 4; kind++) {
        snprintf(path, sizeof path, "%s/%d.%d", folder, index, kind);
        if (kind < 2) mkfifo(path, 0600); else close(open(path, O_WRONLY | O_CREAT, 0600));
    }
}

static int spawn(int count, const char *folder) {
    pid_t *pids = calloc((size_t)count, sizeof *pids);
    char program[] = "/proc/self/exe", wait[] = "wait", *words[] = {program, wait, 0};
    int64_t before = now();
    for (int index = 0; index < count; index++) {
        if (folder) make_files(folder, index);
        if (posix_spawn(&pids[index], program, 0, 0, words, environ) != 0) return 1;
    }
    printf("%.3f\n", (double)(now() - before) / 1e6);
    for (int index = 0; index < count; index++) kill(pids[index], 9);
    for (int index = 0; index < count; index++) waitpid(pids[index], 0, 0);
    return 0;
}

static int stamp(const char *path, long milliseconds) {
    int64_t start = now();
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&pause, 0);
    dprintf(file, "%ld %ld\n", (long)start, (long)now());
    return 0;
}

static int loop(int count, char *file, char *milliseconds) {
    char program[] = "/proc/self/exe", stamp[] = "stamp", *words[] = {program, stamp, file, milliseconds, 0};
    for (int index = 0; index < count; index++) {
        pid_t pid;
        if (posix_spawn(&pid, program, 0, 0, words, environ) != 0) return 1;
        waitpid(pid, 0, 0);
    }
    return 0;
}

int main(int count, char **words) {
    if (count == 4 && strcmp(words[1], "write") == 0) return write_lines(strtoul(words[2], 0, 10), strtoul(words[3], 0, 10));
    if (count == 2 && strcmp(words[1], "wait") == 0) return pause();
    if ((count == 3 || count == 4) && strcmp(words[1], "spawn") == 0) return spawn(atoi(words[2]), words[3]);
    if (count == 5 && strcmp(words[1], "loop") == 0) return loop(atoi(words[2]), words[3], words[4]);
    if (count == 4 && strcmp(words[1], "stamp") == 0) return stamp(words[2], atol(words[3]));
    fprintf(stderr, "tools write|wait|spawn|loop|stamp …: see the file's first lines\n");
    return 64;
}
