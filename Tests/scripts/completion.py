#!/usr/bin/env python3
"""Presses Tab in a real shell on a real terminal and looks at what becomes of the line, and at what is listed.

    completion.py bash|bash-completion|zsh|fish PROGRAMS FOLDER

PROGRAMS is a folder with the programs; a list with the processes of PROCESSES must be in GOPM_HOME. FOLDER is made and
used. `bash-completion` is bash with Debian's package of that name, which loads the script when it is needed; `bash` is
without. Ends with code 1 if an answer was wrong.
"""

import fcntl
import os
import pathlib
import pty
import re
import select
import struct
import sys
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEADLINE = 10 * float(os.environ.get("GOPM_TEST_TIMEOUT", "1"))
TAB, HOME_KEY = "\t", "\x01"

# What is typed before Tab, and the words of the line after it.
INSERTED = [
    ("gopm sto", "gopm stop"),
    ("gopm --json desc", "gopm --json describe"),
    ("gopm stop ap", "gopm stop api"),
    ("gopm stop api wor", "gopm stop api worker"),
    ("gopm stop --json ap", "gopm stop --json api"),
    ("gopm stop web:", "gopm stop web:1"),
    ("gopm stop w@x+", "gopm stop w@x+y"),
    ("gopm del nigh", "gopm del night.job"),
    ("gopm restart al", "gopm restart all"),
    ("gopm isrunning al", "gopm isrunning al"),
    ("gopm describe web", "gopm describe web:1"),
    ("gopm logs -n 5 ap", "gopm logs -n 5 api"),
    ("gopm-logs ap", "gopm-logs api"),
    ("gopm logs --foll", "gopm logs --follow"),
    ("gopm export api wor", "gopm export api worker"),
    ("gopm flush wor", "gopm flush worker"),
    ("gopm start nigh", "gopm start night.job"),
    ("gopm start ecosy", "gopm start ecosystem.json"),
    ("gopm start runn", "gopm start runner"),
    ("gopm start sub/in", "gopm start sub/inner.json"),
    ("gopm start only-n", "gopm start only-notes.txt"),
    ("gopm import only-n", "gopm import only-notes.txt"),
    ("gopm start runner --autorestart on", "gopm start runner --autorestart on-failure"),
    ("gopm start runner --kill-signal SIGUSR1", "gopm start runner --kill-signal SIGUSR1"),
    ("gopm start runner --kill-signal SIGWI", "gopm start runner --kill-signal SIGWINCH"),
    ("gopm start runner --exp", "gopm start runner --exp-backoff"),
    ("gopm start runner -- only-n", "gopm start runner -- only-notes.txt"),
    ("gopm --config ecosy", "gopm --config ecosystem.json"),
    ("gopm list --config=ecosy", "gopm list --config=ecosystem.json"),
    ("gopm help resur", "gopm help resurrect"),
    ("gopmd --log-l", "gopmd --log-level"),
    ("gopmd --log-level wa", "gopmd --log-level warn"),
]

# What is typed before Tab, what is listed then, and what is not.
LISTED = [
    ("gopm stop ", ["api", "worker", "web:1", "night.job", "all"], ["list", "ecosystem.json"]),
    ("gopm stop 1", ["10", "1st"], ["api"]),
    ("gopm describe ", ["api", "worker"], ["all"]),
    ("gopm re", ["restart", "resurrect", "reboot"], ["stop"]),
    ("gopm start runner --autorestart ", ["always", "on-failure", "never"], ["api"]),
    ("gopm start ", ["night.job", "ecosystem.json", "runner"], ["api", "worker"]),
    ("gopm logs --", ["--follow", "--since", "--grep", "--json"], ["--wait"]),
    ("gopm pid PID", ["PID"], []),
]

SETUP = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], f"bind 'set enable-bracketed-paste off'; . '{ROOT}/Completions/gopm.bash'"),
    "bash-completion": (
        ["bash", "--norc", "--noprofile", "-i"],
        "bind 'set enable-bracketed-paste off'; . /usr/share/bash-completion/bash_completion",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        f"fpath=('{ROOT}/Completions' $fpath); autoload -Uz compinit; compinit -u -d $HOME/dump; bindkey -e; LISTMAX=1000",
    ),
    "fish": (["fish", "-i"], "set -g fish_greeting"),
}


class Shell:
    """A shell on a terminal of 40 lines by 160 columns."""

    def __init__(self, name, environment):
        words, setup = SETUP[name]
        self.output = ""
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(environment["HOME"])
            os.execvpe(words[0], words, environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
        self.type(setup + "; printf 'rea%s\\n' dy\r")
        self.wait(r"\n\s*ready")

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait(self, expression):
        end = time.monotonic() + DEADLINE
        while not (found := re.search(expression, self.output)):
            ready = select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0]
            if not ready:
                raise SystemExit(f"no {expression!r} within {DEADLINE} s: {self.output!r}")
            raw = os.read(self.terminal, 65536).decode(errors="replace")
            raw = re.sub(r"\x1b\[[0-9;]*m|\x1b[=>()][A-Z0-9]?", "", raw)
            # Where the cursor is moved one thing ends and another begins.
            self.output += re.sub(r"\x1b(\[[0-9;?>=]*[a-zA-Z]|\][^\x07\x1b]*(\x07|\x1b\\))|\r", " ", raw)
        return found

    def press(self, line, keys):
        """Types a line and keys; returns the words that it has become, and all that was printed meanwhile."""
        self.output = ""
        self.type(line + keys)
        # What the line has become is told by the shell itself: the words go to printf instead of being run. Keys are
        # handled in their order, so there is nothing to wait for.
        self.type(HOME_KEY + "printf '<%s>' begin \x05 end; printf '\\n'\r")
        found = self.wait(r"<begin>(.*)<end>\s*\n")
        return re.findall(r"<([^>]*)>", found.group(1)), self.output[: found.start()]


def prepare(folder):
    (folder / "sub").mkdir(parents=True)
    for name in ["ecosystem.json", "sub/inner.json", "only-notes.txt", "runner"]:
        (folder / name).write_text("{}\n")
    (folder / "runner").chmod(0o755)
    completions = ROOT / "Completions"
    for place, names in [
        ("data/bash-completion/completions", {name: "gopm.bash" for name in ["gopm", "gopm-logs", "gopm-mcp", "gopm-pid", "gopm-pm2", "gopmd"]}),
        ("config/fish/completions", {f"{name}.fish": "gopm.fish" for name in ["gopm", "gopm-logs", "gopm-mcp", "gopm-pid", "gopm-pm2", "gopmd"]}),
    ]:
        (folder / ".xdg" / place).mkdir(parents=True)
        for name, target in names.items():
            (folder / ".xdg" / place / name).symlink_to(completions / target)


def main():
    name, programs, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    prepare(folder)
    environment = {
        "HOME": str(folder), "PATH": f"{programs}:{os.environ['PATH']}", "TERM": "xterm", "LANG": "C.UTF-8",
        "GOPM_HOME": os.environ["GOPM_HOME"], "XDG_DATA_HOME": f"{folder}/.xdg/data", "XDG_CONFIG_HOME": f"{folder}/.xdg/config",
    }
    shell = Shell(name, environment)
    wrong = 0

    def complain(text):
        nonlocal wrong
        wrong += 1
        print(f"{name}: {text}")

    for line, expected in INSERTED:
        words, _ = shell.press(line, TAB)
        if words != expected.split():
            complain(f"{line!r} became {words}, not {expected!r}")
    pid = str(os.getpid())
    for line, shown, hidden in LISTED:
        line, shown = line.replace("PID", pid[:-1]), [word.replace("PID", pid) for word in shown]
        # The PIDs that begin like this one's may be just this one.
        words, output = shell.press(line, TAB + TAB)
        listed = output + (" ".join(words) if "pid" in line else "")
        for word in shown:
            if not re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", listed):
                complain(f"{line!r} does not list {word}: {listed!r}")
        for word in hidden:
            if re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", listed):
                complain(f"{line!r} lists {word}: {listed!r}")
    print(f"{name}: {len(INSERTED) + len(LISTED)} lines, {wrong} wrong answers")
    raise SystemExit(1 if wrong else 0)


main()
