"""The manual page of a program: its help, and what Documentation/generator/sections adds to it."""

import pathlib

from .roff import bold, escaped, header, italic, paragraphs, prose, see_also

SECTIONS = pathlib.Path(__file__).parent / "sections"


def page(program, pages):
    lines = header(program.name, program.section)
    lines += [".SH NAME", f"{escaped(program.name)} \\- {escaped(lower(program.summary))}"]
    lines += [".SH SYNOPSIS", *synopsis(program)]
    lines += [".SH DESCRIPTION", *paragraphs(program.discussion)]
    lines += added(program, "description")
    if program.commands:
        lines += [".SH COMMANDS"]
        for command in program.commands:
            lines += [f".SS {escaped(command.name)}", *synopsis(command, program.name + " ")]
            lines += [".PP"] + paragraphs(command.summary + ("\n\n" + command.discussion if command.discussion else ""))
            if command.aliases:
                names = " and ".join(bold(f"{program.name} {alias}") for alias in command.aliases)
                lines += [".PP", f"{names} {'is' if len(command.aliases) == 1 else 'are'} the same."]
            lines += entries(command.own)
        lines += [".SH OPTIONS", "Every command takes these."]
        lines += entries(program.shared)
    else:
        lines += [".SH OPTIONS", *entries(program.own + program.shared)]
    lines += added(program, "more")
    return "\n".join(lines + see_also(program.name, program.section, pages)) + "\n"


def synopsis(command, prefix=""):
    words = [bold(prefix + command.name)]
    if getattr(command, "commands", None):
        words += [f"[{italic('options')}]", italic("command"), f"[{italic('arguments')} ...]"]
    else:
        words += [f"[{italic('options')}]"]
        for argument in command.positionals:
            word = italic(argument.value) + (" ..." if argument.repeats else "")
            if argument.follows_terminator:
                word = f"[{bold('--')} {word}]"
            words.append(f"[{word}]" if argument.is_optional and not argument.follows_terminator else word)
    return [" ".join(words)]


def entries(arguments):
    lines = []
    for argument in arguments:
        if argument.is_positional:
            tag = italic(argument.value)
        else:
            tag = ", ".join(bold(name) for name in argument.names)
            tag += f" {italic(argument.value)}" if argument.takes_value else ""
        lines += [".TP", tag, *prose(argument.help)]
    return lines


def added(program, what):
    path = SECTIONS / f"{program.name}.{what}"
    return path.read_text().rstrip("\n").split("\n") if path.exists() else []


def lower(summary):
    """As the NAME section has it: no capital, no full stop."""
    return (summary[0].lower() + summary[1:]).rstrip(".")
