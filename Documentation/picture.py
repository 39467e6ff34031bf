#!/usr/bin/env python3
"""Makes list.svg, the README's picture of a terminal, from what gopm really prints.

    PATH="$PWD/bin:$PATH" Documentation/picture.py

It starts a few programs in a home of its own, runs the commands below with colours on, and draws what they print.
Lines of tables are drawn as lines, so that they meet in every font; text is drawn as text.
"""

import html
import os
import re
import shutil
import subprocess
import tempfile
import time

COMMANDS = ["gopm list", "gopm logs api -n 5"]

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
import time, sys
print("connected to the database", flush=True)
time.sleep(0.1)
print("listening on port 8080", flush=True)
time.sleep(0.1)
print("GET /orders 200 3 ms", flush=True)
time.sleep(0.1)
print("GET /orders/17 404 1 ms", file=sys.stderr, flush=True)
time.sleep(0.1)
print("GET /orders/12 200 2 ms", flush=True)
while True: time.sleep(3600)
"""


def start(name, *words):
    subprocess.run(["gopm", "start", "--name", name, *words], check=True, stdout=subprocess.DEVNULL)


def record():
    """Returns (command, output) pairs."""
    home = tempfile.mkdtemp(prefix="gopm-picture.", dir="/tmp")
    os.environ["GOPM_HOME"] = home + "/home"
    try:
        with open(home + "/api.py", "w") as file:
            file.write(API)
        start("mailer", "sh", "--cwd", home, "--", "-c", "while :; do sleep 1; done")
        start("report", "sh", "--autorestart", "on-failure", "--", "-c", "echo done")
        start("import", "sh", "--max-restarts", "3", "--restart-delay", "10ms", "--", "-c", "exit 1")
        start("api", home + "/api.py", "--interpreter", "python3")
        start("worker", "sh", "--restart-delay", "1h", "--", "-c", "exit 75")
        # Until memory has been looked at, which is every two seconds.
        time.sleep(4.5)
        environment = dict(os.environ, CLICOLOR_FORCE="1")
        return [
            (line, subprocess.run(line.split(), check=True, env=environment, capture_output=True, text=True).stdout)
            for line in COMMANDS
        ]
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


def main():
    lines = []
    for command, output in record():
        lines += [f"\x1b[32m$\x1b[0m {command}", *output.rstrip("\n").split("\n"), ""]
    target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "list.svg")
    with open(target, "w") as file:
        file.write(draw(lines[:-1]))


main()
