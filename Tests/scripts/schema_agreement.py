#!/usr/bin/env python3
"""Asks the JSON Schemas and gopm's own parsers about the same documents; they must agree on each.

    schema_agreement.py DOCUMENT-CHECK [SEED]

For each of the two formats 500 valid documents are made and 500 that are damaged in one to three places. Prints the seed
and the counts; a document on which the two differ ends it with code 1. Needs python3-jsonschema.
"""

import json
import pathlib
import random
import re
import subprocess
import sys

import jsonschema

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "Documentation/schemas"
COUNT = 500
LETTERS = "abcXYZ019._@:+-/ =~[]{}\"\\\n\t\u0000äſK✓"


def pattern(validator, expression, instance, schema):
    """Patterns are ECMA-262, where $ is the very end; Python's $ also stands before a last newline."""
    if validator.is_type(instance, "string") and not re.search(re.sub(r"\$(?=\||\)|$)", r"\\Z", expression), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {expression!r}")


Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": pattern})


class Generator:
    """Documents of one format, and damage to them."""

    # How likely a field that may be absent is there.
    density = 0.5

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *choices):
        choice = self.random.choice(choices)
        return choice() if callable(choice) else choice

    def number(self, low, high):
        return self.pick(low, high, lambda: self.random.randint(low, high), lambda: float(self.random.randint(low, min(high, 1 << 40))))

    def text(self):
        return "".join(self.random.choices("abc XYZ/09-_.äöü✓\\\"\t", k=self.random.randint(1, 12)))

    def time(self):
        term = lambda: self.pick("5", "1.5", ".25", "007", "0", "3.") + self.pick("ns", "us", "µs", "μs", "ms", "s", "m", "h")
        return self.pick("0", lambda: "".join(term() for _ in range(self.random.randint(1, 3))))

    def size(self):
        letter, most = self.pick(("", 1 << 40), ("K", 1 << 30), ("M", 1 << 20), ("G", 1024), ("T", 1))
        least = 1 if letter else 1024
        text = str(int(self.number(least, most))) + letter + self.pick("", "", "B", "iB")
        return self.pick(text, text.lower(), "00" + text, lambda: self.number(1024, 1 << 40))

    def signal(self):
        name = self.pick("HUP", "INT", "QUIT", "USR1", "TERM", "SYS", "WINCH", "RTMIN+0", "RTMIN+30", "RTMIN+07")
        return self.pick(name, "SIG" + name, ("sig" + name).lower(), "Sig" + name.title(), "15", "064", 1, 64, 9.0)

    def some(self, fields):
        """Each field may be there, be null or be absent; their order is random."""
        chosen = {name: make() for name, make in fields.items() if self.random.random() < self.density}
        for name in chosen:
            if self.random.random() < 0.07:
                chosen[name] = None
        items = list(chosen.items())
        self.random.shuffle(items)
        return dict(items)


class Ecosystem(Generator):
    def valid(self):
        apps = [self.app(index) for index in range(self.random.randint(0, 3))]
        return self.pick(apps, {"apps": apps}, {"$schema": "ecosystem.schema.json", "apps": apps})

    def app(self, index):
        codes = lambda: [self.number(0, 255) for _ in range(self.random.randint(0, 3))]
        path = lambda: self.pick("", ".", "logs/a.log", "/usr/bin/env", self.text)
        fields = {
            "args": lambda: [self.text() for _ in range(self.random.randint(0, 3))],
            "cwd": path, "interpreter": path, "path": path, "log_out": path, "log_err": path,
            "env": lambda: {self.pick("KEY", "b c", "ä"): self.pick("", self.text, 5, -(1 << 63), (1 << 63) - 1, True)},
            "autorestart": lambda: self.pick("always", "on-failure", "never"),
            "max_restarts": lambda: self.number(0, 10**9),
            "min_uptime": self.time, "restart_delay": self.time, "max_delay": self.time, "kill_timeout": self.time,
            "exp_backoff": lambda: self.pick(True, False),
            "restart_on_exit": codes, "no_restart_on_exit": codes,
            "kill_signal": self.signal, "max_log_size": self.size,
        }
        name = self.pick("a", "A.b", "9x", "web:1", "a@b+c-d_e", "x" * 60) + str(index)
        return {"name": name, "command": self.pick("ls", "./run", self.text), **self.some(fields)}


class Config(Generator):
    density = 0.9

    def valid(self):
        return self.some({
            "$schema": lambda: "config.schema.json", "unknown": lambda: 5,
            "logs": lambda: self.some({
                "directory": lambda: self.pick("", "/var/log", "~/logs", "/", "~/", "/ä ✓"), "max_size": self.size,
                "max_files": lambda: self.number(0, 1000), "colour": self.text,
            }),
            "mcpserver": lambda: self.some({
                "device": lambda: self.pick([], ["lo", "127.0.0.1"], ["localhost"], ["::1"]),
                "port": lambda: self.number(1, 65535), "uri": lambda: self.pick("/", "/mcp", "/a/b c"),
                "allow": lambda: self.pick([], ["read"], ["start", "control", "read"], ["read", "read"]),
                "reveal": lambda: self.pick(True, False), "metrics": lambda: self.pick(True, False),
            }),
            "telemetry": lambda: self.some({"telegraf": lambda: self.some({
                "udp": lambda: self.pick("127.0.0.1:8094", "host:1", "[::1]:65535", "h:00080", "a b:5"),
                "measurement": self.text, "max_datagram": lambda: self.number(512, 65507), "tags": lambda: {},
            })}),
        })


NEAR_MISSES = [
    None, True, False, 0, -1, 1, 1.5, 2.0, 1e3, 1e300, 255, 256, 511, 1023, 1024, 65535, 65536, 65508, 1001, 10**9 + 1,
    (1 << 40) + 1, 1 << 63, 1 << 70, -(1 << 63) - 1, "", " ", "0", "5", "5 s", " 5s", "5s ", "5s\n", "-5s", "+5s", "5x",
    "1e3s", "1..5s", ".s", "5sm", "1m30", "1h-2m", "1023", "1024", "1K", "0K", "1M ", "M", "B", "iB", "1099511627777",
    "1025G", "2T", "1TB", "1.5G", "100X", "1KBB", "9" * 30 + "M", "all", "123", "-a", "a/b", "a b", "a" * 65, "ALL", "SIG",
    "SIGFOO", "SIGSIGTERM", "term", "0", "65", "+15", "-1", "RTMIN", "RTMIN+31", "RTMIN++5", "ſIGTERM", "Always", "on_failure",
    "relative", "~", "~user/logs", "/a\u0000b", "a\u0000", "mcp", "host", "host:", ":80", "host:0", "host:65536", "::1:80",
    "[::1]", "[]:80", "[a]b]:80", "x[::1]:80", "host:8x", "host: 80", [], [None], ["a"], [1], ["a\u0000"], [[]], [300], [1.5],
    {}, {"a": None}, {"": "x"}, {"a=b": "x"}, {"a": 1.5}, {"a": []}, {"a": "\u0000"}, {"a": 1 << 64},
]


def damage(maker, document):
    """Changes one place: a value, a key, or a character of a text."""
    places = []

    def walk(value, container, key):
        places.append((container, key))
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
        for inner, child in list(children):
            walk(child, value, inner)

    holder = {"document": document}
    walk(document, holder, "document")
    container, key = maker.random.choice(places[1:] or places)
    value = container[key]
    kind = maker.random.random()
    if isinstance(value, str) and kind < 0.4:
        at = maker.random.randint(0, len(value))
        container[key] = value[:at] + maker.random.choice(["", *LETTERS]) + value[at + maker.random.randint(0, 1):]
    elif isinstance(container, dict) and kind < 0.55 and container is not holder:
        del container[key]
        if maker.random.random() < 0.5:
            container[maker.random.choice(["nam", "Name", "extra", "", "apps", "logs"])] = value
    else:
        container[key] = json.loads(json.dumps(maker.random.choice(NEAR_MISSES)))
    return holder["document"]


def is_beyond_schemas(document):
    """What the schemas say in $comment that they cannot tell; see limits()."""
    apps = document.get("apps") if isinstance(document, dict) else document
    apps = [app for app in apps if isinstance(app, dict)] if isinstance(apps, list) else []
    names = [app.get("name") for app in apps if isinstance(app.get("name"), str)]
    if len(names) != len(set(names)):
        return True
    environments = [app["env"] for app in apps if isinstance(app.get("env"), dict)]
    return any(isinstance(v, float) and v.is_integer() for env in environments for v in env.values())


def limits(ask):
    """The things that no schema can tell: it says yes, the parser no."""
    app = '[{"name":"a","command":"b"%s}]'
    more = [',"name":"a"', ',"env":{"V":3.0}', ',"min_uptime":"87841h"']
    texts = ['[{"name":"a","command":"b"},{"name":"a","command":"b"}]', *(app % text for text in more)]
    return list(zip(texts, ask("ecosystem", texts)))


def main():
    program, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randint(0, 1 << 32)
    print(f"seed {seed}")

    def ask(kind, texts):
        answer = subprocess.run([program, kind], input="\n".join(texts) + "\n", capture_output=True, text=True, check=True)
        verdicts = answer.stdout.split("\n")[:-1]
        assert len(verdicts) == len(texts), f"{len(verdicts)} verdicts of {len(texts)} documents"
        return verdicts

    differences = 0
    for kind, maker in [("ecosystem", Ecosystem(seed)), ("config", Config(seed))]:
        schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text())
        Validator.check_schema(schema)
        validator = Validator(schema)
        valid = [maker.valid() for _ in range(COUNT)]
        damaged = []
        while len(damaged) < COUNT:
            document = maker.valid()
            for _ in range(maker.random.randint(1, 3)):
                document = damage(maker, document)
            if not is_beyond_schemas(document):
                damaged.append(document)
        documents = valid + damaged
        # What stands on a line is what both read; a raw newline cannot be in it.
        texts = [json.dumps(document, ensure_ascii=False) for document in documents]
        accepted = [validator.is_valid(json.loads(text)) for text in texts]
        verdicts = ask(kind, texts)
        for index, (text, schema_says, verdict) in enumerate(zip(texts, accepted, verdicts)):
            if schema_says != (verdict == "ok") or (index < COUNT and not schema_says):
                differences += 1
                print(f"{kind}: schema {'accepts' if schema_says else 'refuses'}, gopm says {verdict}: {text}")
        print(f"{kind}: {sum(accepted[:COUNT])} of {COUNT} valid accepted, {COUNT - sum(accepted[COUNT:])} of {COUNT} damaged refused")
        if sum(accepted[COUNT:]) > 0.6 * COUNT:
            raise SystemExit(f"{kind}: too few of the damaged documents are wrong for the test to mean anything")
    schema = Validator(json.loads((SCHEMAS / "ecosystem.schema.json").read_text()))
    for text, verdict in limits(ask):
        if verdict == "ok" or not schema.is_valid(json.loads(text)):
            differences += 1
            print(f"no longer a limit of schemas, say so in them: {text}: {verdict}")
    raise SystemExit(1 if differences else 0)


main()
