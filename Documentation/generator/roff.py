"""Text as man(7) wants it."""

import re
import textwrap


def escaped(text):
    """Text that no line of can be taken for a request, with hyphens that can be copied."""
    for old, new in [("\\", "\\e"), ("-", "\\-"), ("…", "..."), ("~", "\\(ti"), ("^", "\\(ha"), ("`", "\\(ga")]:
        text = text.replace(old, new)
    text = "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)
    return "\n".join(("\\&" + line if line[:1] in ".'" else line) for line in text.split("\n"))


def bold(text):
    return f"\\fB{escaped(text)}\\fR"


def italic(text):
    return f"\\fI{escaped(text)}\\fR"


def prose(text):
    """A line a sentence, and none that is long: what follows a full stop at the end of a line gets the space it needs."""
    lines = []
    for sentence in re.split(r"(?<=[.:?]) (?=[A-Z])", text.replace("\n", " ").strip()):
        lines += textwrap.wrap(sentence, 72, break_long_words=False, break_on_hyphens=False)
    return [escaped(line) for line in lines]


def paragraphs(text):
    """Prose, with a request where a paragraph ends."""
    lines = []
    for part in text.split("\n\n"):
        lines += [".PP", *prose(part)]
    return lines[1:]


def header(name, section):
    """The installation fills in the version and the date."""
    return [".\\\" Made by Documentation/generate; change what that reads, not this.",
            f".TH {name.upper()} {section} @DATE@ \"gopm @VERSION@\" \"gopm manual\"", ".nh", ".ad l"]


def see_also(name, section, pages):
    others = sorted((page for page in pages if page != (name, section)), key=lambda page: (page[1], page[0]))
    lines = [f".BR {escaped(other)} ({number})," for other, number in others]
    return [".SH SEE ALSO"] + lines[:-1] + [lines[-1].rstrip(",")]
