#pragma once
#include <stdint.h>

// A terminal that was changed must be given back on every way out, a crash of ours included. What runs in a signal
// handler must not be Swift.

enum gopm_terminal_mode {
    /// Keys come at once and unseen; Ctrl-C and Ctrl-Z are still signals.
    GOPM_TERMINAL_KEYS = 1,
    /// Ctrl-C and the like are keys, too.
    GOPM_TERMINAL_RAW,
};

/// Changes the terminal `input` and writes `begin` to `output`. Until gopm_terminal_leave the text `end` (255 bytes at
/// most) will be written and the old mode be restored when the process ends by exit(3) or a signal of a crash.
///
/// Returns 0, or -1 with errno (ENOTTY: `input` is no terminal; then nothing was changed).
int gopm_terminal_enter(int input, int output, enum gopm_terminal_mode mode, const char *begin, const char *end);

/// Gives the terminal back as it was. Does nothing when it was not entered, so it may be called twice.
void gopm_terminal_leave(void);

/// From now on SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP and SIGWINCH are read from the descriptor that is returned
/// (signalfd(2), close-on-exec, non-blocking) instead of being delivered; -1 with errno.
int gopm_terminal_signals(void);

/// The next signal of gopm_terminal_signals, 0 if there is none.
int gopm_next_terminal_signal(int signals);

/// Ends the process by a signal as if it had never been handled: the shell sees 128 + `number`.
_Noreturn void gopm_end_by_signal(int number);

/// Stops the process as Ctrl-Z does, and returns when it is continued.
void gopm_stop_self(void);
