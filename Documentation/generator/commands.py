"""What the programs say about themselves: `gopm --dump-commands`, `--experimental-dump-help`, and `--help` of gopmd."""

import json
import re
import subprocess

# Every command has them, so that pages and completions need them once.
SHARED = ["--json", "--config", "--debug", "--help"]


def run(folder, program, *arguments):
    answer = subprocess.run([f"{folder}/{program}", *arguments], capture_output=True, text=True)
    if answer.returncode:
        raise SystemExit(f"{program} {' '.join(arguments)}: {answer.stderr}")
    return answer.stdout


class Argument:
    """A flag, an option with a value, or a word without either."""

    def __init__(self, info):
        self.kind = info["kind"]
        names = [("-" if name["kind"] == "short" else "--") + name["name"] for name in info.get("names", [])]
        self.names = sorted(names, key=len)
        self.value = info.get("valueName", "")
        self.help = info.get("abstract", "").strip()
        self.repeats = info["isRepeating"]
        self.is_optional = info["isOptional"]
        self.follows_terminator = info["parsingStrategy"] == "postTerminator"
        self.values, self.extensions, self.live, self.completes = [], [], "", ""
        for kind, details in info.get("completionKind", {}).items():
            self.completes = kind
            self.values = details.get("values", [])
            self.extensions = details.get("extensions", [])
            if kind == "shellCommand":
                self.completes, self.live = "live", details["command"].split()[-1]

    @property
    def takes_value(self):
        return self.kind == "option"

    @property
    def is_positional(self):
        return self.kind == "positional"


class Command:
    def __init__(self, name, dump, aliases=(), group=""):
        self.name, self.aliases, self.group = name, list(aliases), group
        self.summary = dump.get("abstract", "")
        self.discussion = dump.get("discussion", "")
        arguments = [Argument(info) for info in dump.get("arguments", []) if info["shouldDisplay"]]
        self.shared = [argument for argument in arguments if argument.names and argument.names[-1] in SHARED]
        self.own = [argument for argument in arguments if argument not in self.shared]
        self.options = [argument for argument in self.own if not argument.is_positional]
        self.positionals = [argument for argument in self.own if argument.is_positional]


class Program(Command):
    """A program of the family, with its subcommands if it has some."""

    def __init__(self, folder, name, section):
        self.section = section
        self.version = run(folder, name, "--version").strip()
        self.commands = []
        if name == "gopm":
            table = json.loads(run(folder, name, "--dump-commands"))
            for row in table:
                dump = json.loads(run(folder, name, row["name"], "--experimental-dump-help"))["command"]
                self.commands.append(Command(row["name"], dump, row["aliases"], row["group"]))
            overview = run(folder, name, "--help").split("\n")[0].split(": ", 1)[1]
            shared = [a for c in self.commands if c.name == "stop" for a in c.shared]
            super().__init__(name, {"abstract": overview})
            self.shared = shared
        elif name == "gopmd":
            super().__init__(name, parse_help(run(folder, name, "--help")))
        else:
            super().__init__(name, json.loads(run(folder, name, "--experimental-dump-help"))["command"])


def parse_help(text):
    """The dump of a program that reads its few options by hand; its help is laid out as everyone's."""
    overview, usage, options = re.fullmatch(r"OVERVIEW: (.*?)\n\nUSAGE: (.*?)\n\nOPTIONS:\n(.*)", text, re.S).groups()
    summary, _, discussion = overview.partition("\n\n")
    arguments = []
    for line in re.sub(r"\n {10,}", " ", options.strip("\n")).split("\n"):
        names, value, help = re.fullmatch(r"  ((?:-\w, )?--[a-z-]+)(?: <(\S+)>)? +(.*)", line).groups()
        choice = re.search(r": ((?:\w+, )*\w+ or \w+)\. \(default", help)
        values = re.split(", | or ", choice[1]) if choice else []
        completion = {"file": {"extensions": ["json"]}} if value == "path" else {"list": {"values": values}} if values else {}
        kinds = [{"name": name.lstrip("-"), "kind": "long" if name.startswith("--") else "short"} for name in names.split(", ")]
        arguments.append({
            "kind": "option" if value else "flag", "names": kinds, "valueName": value or "", "abstract": help,
            "isRepeating": False, "isOptional": True, "shouldDisplay": True, "parsingStrategy": "default",
            "completionKind": completion,
        })
    return {"abstract": summary.replace("\n", " "), "discussion": discussion.replace("\n", " "), "arguments": arguments}
