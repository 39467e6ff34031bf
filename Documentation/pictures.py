#!/usr/bin/env python3
"""Makes the README's pictures of a terminal from what gopm really prints.

    PATH="$PWD/bin:$PATH" Documentation/pictures.py

It starts a few programs in a home of its own, runs the commands below on terminals of these widths, and draws what they
print.
Lines of tables are drawn as lines, so that they meet in every font; text is drawn as text.
"""

import fcntl
import html
import json
import math
import os
import pty
import random
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import termios
import threading
import time

# File, columns of the terminal, commands; {api} is the PID of the program api. A command in a tuple fills the screen: the
# command, the rows of its terminal, the keys that are pressed (tmux's names).
PICTURES = [
    ("list.svg", 100, ["gopm list", "gopm logs api -n 5"]),
    ("gui.svg", 100, [("gopm gui", 20, ["Down", "Down", "Down"])]),
    ("stats.svg", 100, ["gopm stats --hours 4"]),
    ("logs.svg", 80, ["gopm logs all -n 9"]),
    ("logs-wide.svg", 160, ["gopm logs all -n 9"]),
    ("pid.svg", 80, ["gopm pid {api} --tree --fds --net"]),
    ("pid-wide.svg", 160, ["gopm pid {api} --tree --fds --net"]),
]

# Width and height of a character cell, size of the letters, distance to the border; in pixels.
CELL, LINE, LETTERS, BORDER = 8.4, 18, 14, 14

FOREGROUND, BACKGROUND = "#d4d4d4", "#1e1e1e"
COLOURS = {31: "#f48771", 32: "#6cc37e", 33: "#e0c56e", 34: "#6ca9e8", 35: "#c792ea", 36: "#5fc9d0", 2: "#8a8a8a"}

# Which sides of its cell a line character joins: left, right, up, down.
BOX = {
    "─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu",
    "├": "rud", "┤": "lud", "┬": "lrd", "┴": "lru", "┼": "lrud",
}

# What is drawn instead of written.
LINES = "".join(BOX) + "\u2800-\u28ff"

API = """
import os, socket, sys, time
print("connected to the database", flush=True)
time.sleep(0.1)
server = socket.create_server(("127.0.0.1", 8080))
print("listening on port 8080", flush=True)
time.sleep(0.1)
print("GET /orders 200 3 ms", flush=True)
time.sleep(0.1)
print("GET /orders/17 404 1 ms", file=sys.stderr, flush=True)
time.sleep(0.1)
print("GET /orders/12 200 2 ms", flush=True)
client = socket.create_connection(server.getsockname())
connection = server.accept()[0]
if os.fork() == 0:
    server.close()
    connection.close()
while True: time.sleep(3600)
"""


class MadeUpHistory:
    """Answers `stats` in a home of its own: hours of history can't be waited for. The charts are what gopm makes of it."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="gopm-picture.", dir="/tmp")
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(self.home + "/gopm.sock")
        self.server.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection = self.server.accept()[0]
            for line in connection.makefile():
                reply = {"id": json.loads(line).get("id"), "success": True, "data": self.history()}
                connection.sendall(json.dumps(reply).encode() + b"\n")

    def history(self):
        chance = random.Random(4)
        now = int(time.time())
        history = {name: [] for name in ("api", "worker", "mailer")}
        for minute in range(240):
            load = 1 + math.sin(minute / 38) + 0.25 * chance.random()
            numbers = {
                "api": (9 + 12 * load, 118 + 9 * load + minute / 8, 0, minute),
                "worker": (55 + 30 * chance.random() if minute % 60 < 14 else 2, 64 + minute % 75, minute // 75, minute % 75),
                "mailer": (1.5 + chance.random(), 31, 0, minute),
            }
            for name, (cpu, memory, restarts, uptime) in numbers.items():
                # The mailer was down for half an hour.
                if name == "mailer" and 130 < minute < 165:
                    continue
                history[name].append({
                    "ts": now - (240 - minute) * 60, "cpu": cpu, "mem": int(memory * 2**20), "restarts": restarts,
                    "uptime": uptime * 60, "status": "online",
                })
        return history


def fill_screen(command, rows, keys, columns):
    """Runs a command on a whole terminal, presses keys, and returns what is on the screen."""
    tmux = ["tmux", "-u", "-L", f"gopm-picture-{os.getpid()}", "-f", "/dev/null"]
    subprocess.run([*tmux, "new-session", "-d", "-x", str(columns), "-y", str(rows), command], check=True)
    try:
        time.sleep(1)
        for key in keys:
            subprocess.run([*tmux, "send-keys", key], check=True)
            time.sleep(0.2)
        time.sleep(0.5)
        return subprocess.check_output([*tmux, "capture-pane", "-e", "-p"]).decode()
    finally:
        subprocess.run([*tmux, "kill-server"], check=True)


def start(name, *words):
    subprocess.run(["gopm", "start", "--name", name, *words], check=True, stdout=subprocess.DEVNULL)


def run(line, columns):
    """Runs a command on a terminal of that width and returns what it wrote."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(line.split(), stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal)
    os.close(terminal)
    output = b""
    while True:
        try:
            output += os.read(controller, 65536)
        except OSError:  # EIO: nobody has the terminal open any more
            break
    os.close(controller)
    if process.wait() != 0:
        raise SystemExit(f"{line}: {output.decode()}")
    return output.decode().replace("\r\n", "\n")


def record():
    """Returns (file, lines) pairs."""
    home = tempfile.mkdtemp(prefix="gopm-picture.", dir="/tmp")
    os.environ.update(GOPM_HOME=home + "/home", TERM="xterm-256color")
    os.environ.pop("NO_COLOR", None)
    try:
        with open(home + "/api.py", "w") as file:
            file.write(API)
        os.chmod(home, 0o755)
        start("mailer", "sh", "--cwd", home, "--", "-c", "echo waiting for mail; while :; do sleep 1; done")
        start("report", "sh", "--autorestart", "on-failure", "--", "-c", "echo done")
        start("import", "sh", "--max-restarts", "3", "--restart-delay", "10ms", "--", "-c", "exit 1")
        start("api", home + "/api.py", "--interpreter", "python3", "--env", "PORT=8080")
        start("worker", "sh", "--restart-delay", "1h", "--", "-c", "exit 75")
        # Until memory has been looked at, which is every two seconds.
        time.sleep(4.5)
        api = json.loads(subprocess.check_output(["gopm", "describe", "api", "--json"]))["pid"]
        for file, columns, commands in PICTURES:
            lines = []
            for command in commands:
                if isinstance(command, tuple):
                    lines += [*fill_screen(*command, columns).rstrip("\n").split("\n"), ""]
                    continue
                command = command.format(api=api)
                if "stats" in command:
                    os.environ["GOPM_HOME"] = MadeUpHistory().home
                output = run(command, columns).rstrip("\n").split("\n")
                os.environ["GOPM_HOME"] = home + "/home"
                lines += [f"\x1b[32m$\x1b[0m {command}", *output, ""]
            yield file, lines[:-1]
    finally:
        subprocess.run(["gopm", "kill"], check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(home)


def runs(line):
    """Splits a line into (column, text, style) at its escape sequences."""
    column, style = 0, ()
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b"):
            codes = [int(code or 0) for code in part[2:-1].split(";")]
            for code in codes:
                dropped = {0: range(100), 22: (1, 2), 27: (7,), 39: range(30, 38)}.get(code)
                style = style + (code,) if dropped is None else tuple(old for old in style if old not in dropped)
        elif part:
            yield column, part, style
            column += len(part)


def draw(lines):
    grounds, texts, segments = [], [], set()
    for row, line in enumerate(lines):
        for column, text, style in runs(line):
            if 7 in style:
                grounds.append(ground_element(row, column, len(text), style))
            for offset, character in enumerate(text):
                if "\u2800" <= character <= "\u28ff":
                    texts.append(dots_element(row, column + offset, ord(character) - 0x2800, style))
                for side in BOX.get(character, ""):
                    segments.add((row, column + offset, side))
            for word in re.finditer(rf"[^\s{LINES}]+(?: [^\s{LINES}]+)*", text):
                texts.append(text_element(row, column + word.start(), word.group(), style))
    width = max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines) * CELL + 2 * BORDER
    height = len(lines) * LINE + 2 * BORDER
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" width="{width:g}" height="{height}"'
        f' font-family="ui-monospace,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="{LETTERS}"'
        f' fill="{FOREGROUND}">',
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
        f'<path d="{path(segments)}" stroke="#6e6e6e" fill="none"/>',
        *grounds,
        *texts,
        "</svg>\n",
    ])


def colour_of(style):
    # Colour before weight: dim green is green.
    return next((COLOURS[code] for code in sorted(style, reverse=True) if code in COLOURS), None)


def ground_element(row, column, length, style):
    x, y = BORDER + column * CELL, BORDER + row * LINE
    colour = colour_of(style) or FOREGROUND
    return f'<rect x="{x:g}" y="{y:g}" width="{length * CELL:g}" height="{LINE}" fill="{colour}"/>'


def dots_element(row, column, bits, style):
    """The dots of a braille cell, two by four, as round points: fonts disagree on where they are."""
    places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
    points = "".join(
        f"M{BORDER + (column + 0.25 + x / 2) * CELL:g} {BORDER + (row + 0.125 + y / 4) * LINE:g}h0"
        for bit, (x, y) in enumerate(places) if bits >> bit & 1
    )
    return f'<path d="{points}" stroke="{colour_of(style) or FOREGROUND}" stroke-width="2.6" stroke-linecap="round"/>'


def text_element(row, column, text, style):
    colour = BACKGROUND if 7 in style else colour_of(style)
    attributes = f' fill="{colour}"' if colour else ""
    attributes += ' font-weight="bold"' if 1 in style else ""
    x, y = BORDER + column * CELL, BORDER + row * LINE + LETTERS
    length = len(text) * CELL
    return f'<text x="{x:g}" y="{y:g}" textLength="{length:g}"{attributes}>{html.escape(text, quote=False)}</text>'


def path(segments):
    """One path for all table lines: neighbours are joined to long strokes."""
    strokes = []
    for horizontal, sides in ((True, "lr"), (False, "ud")):
        halves = {}
        for row, column, side in segments:
            if side in sides:
                line, place = (row, column) if horizontal else (column, row)
                halves.setdefault(line, set()).add(2 * place + sides.index(side))
        for line, places in sorted(halves.items()):
            for place in sorted(places):
                if place - 1 in places:
                    continue
                end = place
                while end + 1 in places:
                    end += 1
                strokes.append(stroke(horizontal, line, place, end + 1))
    return "".join(strokes)


def stroke(horizontal, line, begin, end):
    if horizontal:
        y = BORDER + line * LINE + LINE / 2
        return f"M{BORDER + begin * CELL / 2:g} {y:g}H{BORDER + end * CELL / 2:g}"
    x = BORDER + line * CELL + CELL / 2
    return f"M{x:g} {BORDER + begin * LINE / 2:g}V{BORDER + end * LINE / 2:g}"


for name, lines in record():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "w") as file:
        file.write(draw(lines))
