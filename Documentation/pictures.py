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
import os
import pty
import re
import shutil
import struct
import subprocess
import tempfile
import termios
import time

# File, columns of the terminal, commands; {api} is the PID of the program api.
PICTURES = [
    ("list.svg", 100, ["gopm list", "gopm logs api -n 5"]),
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
                command = command.format(api=api)
                output = run(command, columns).rstrip("\n").split("\n")
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
            style = () if codes == [0] else style + tuple(codes)
        elif part:
            yield column, part, style
            column += len(part)


def draw(lines):
    texts, segments = [], set()
    for row, line in enumerate(lines):
        for column, text, style in runs(line):
            for offset, character in enumerate(text):
                for side in BOX.get(character, ""):
                    segments.add((row, column + offset, side))
            for word in re.finditer(r"[^\s─│┌┐└┘├┤┬┴┼]+(?: [^\s─│┌┐└┘├┤┬┴┼]+)*", text):
                texts.append(text_element(row, column + word.start(), word.group(), style))
    width = max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines) * CELL + 2 * BORDER
    height = len(lines) * LINE + 2 * BORDER
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" width="{width:g}" height="{height}"'
        f' font-family="ui-monospace,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="{LETTERS}"'
        f' fill="{FOREGROUND}">',
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
        f'<path d="{path(segments)}" stroke="#6e6e6e" fill="none"/>',
        *texts,
        "</svg>\n",
    ])


def text_element(row, column, text, style):
    colour = next((COLOURS[code] for code in style if code in COLOURS), None)
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
