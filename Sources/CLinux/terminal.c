#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGSYS};

static struct {
    volatile sig_atomic_t is_entered;
    int input, output;
    struct termios before;
    char end[256];
    size_t end_size;
} terminal;

// Only calls that are safe in a signal handler (signal-safety(7)).
void gopm_terminal_leave(void) {
    if (!terminal.is_entered) return;
    terminal.is_entered = 0;
    ssize_t written = write(terminal.output, terminal.end, terminal.end_size);
    (void)written;
    // Keys and mouse reports that nobody has read are not for the shell.
    tcsetattr(terminal.input, TCSAFLUSH, &terminal.before);
}

static void crashed(int number) {
    gopm_terminal_leave();
    // SA_RESETHAND: now it does what it would have done.
    raise(number);
}

static void set_mode(struct termios *mode, enum gopm_terminal_mode wanted) {
    mode->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
    mode->c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IXON);
    if (wanted == GOPM_TERMINAL_RAW) mode->c_lflag &= ~(tcflag_t)ISIG;
    mode->c_cc[VMIN] = 1;
    mode->c_cc[VTIME] = 0;
}

int gopm_terminal_enter(int input, int output, enum gopm_terminal_mode mode, const char *begin, const char *end) {
    if (tcgetattr(input, &terminal.before) != 0) return -1;
    terminal.input = input;
    terminal.output = output;
    terminal.end_size = strlen(end);
    if (terminal.end_size > sizeof terminal.end) {
        errno = EINVAL;
        return -1;
    }
    memcpy(terminal.end, end, terminal.end_size);

    static int is_prepared;
    if (!is_prepared) {
        is_prepared = 1;
        atexit(gopm_terminal_leave);
        struct sigaction action = {.sa_handler = crashed, .sa_flags = SA_RESETHAND | SA_NODEFER};
        for (size_t index = 0; index < sizeof crashes / sizeof *crashes; index++) {
            sigaction(crashes[index], &action, NULL);
        }
    }
    terminal.is_entered = 1;
    struct termios changed = terminal.before;
    set_mode(&changed, mode);
    if (tcsetattr(input, TCSADRAIN, &changed) != 0) {
        terminal.is_entered = 0;
        return -1;
    }
    ssize_t written = write(output, begin, strlen(begin));
    (void)written;
    return 0;
}

int gopm_terminal_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGTSTP);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int gopm_next_terminal_signal(int signals) {
    struct signalfd_siginfo info;
    ssize_t size;
    do { size = read(signals, &info, sizeof info); } while (size < 0 && errno == EINTR);
    return size == sizeof info ? (int)info.ssi_signo : 0;
}

void gopm_end_by_signal(int number) {
    gopm_terminal_leave();
    signal(number, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    // Only a signal that does not end a process comes here.
    _exit(128 + number);
}

void gopm_stop_self(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    raise(SIGTSTP);
    // Stopped here; the kernel lets it pass where no shell could continue us (an orphaned process group).
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    sigprocmask(SIG_BLOCK, &set, NULL);
}
