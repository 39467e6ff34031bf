"""The completion function of zsh."""

from .words import summary

HEAD = r"""#compdef @programs
# Completion of gopm and its programs for zsh. Made by Documentation/generate; change that, not this.

# Words that only the running system knows, one a line, each with a tab and what it is.
_gopm_live() {
    # The kind comes last; before it stands what compadd is to be told.
    local kind=${@[-1]}
    local -a lines
    local gopm=gopm
    [[ $_gopm_program == */* ]] && gopm=$_gopm_program
    lines=(${(f)"$(_call_program processes ${(q)gopm} __complete $kind ${(q)PREFIX} 2>/dev/null)"})
    # _describe wants a colon there, and a backslash before those of the word.
    lines=(${${lines//:/\\:}/$'\t'/:})
    [[ -n $lines ]] && _describe -t processes process lines "${(@)argv[1,-2]}"
}

_gopm_startable() {
    _alternative 'processes:stopped process:_gopm_live startable' \
        'files:file:_files -g "*.json(-.) *(-*)"'
}

_gopm_commands() {
    local -a commands=(
@commands
    )
    _describe -t commands command commands
}

# What follows the command, whose name is the first word now.
_gopm_command() {
    case $1 in
"""

TAIL = r"""    *) _default ;;
    esac
}

_gopm() {
    local curcontext=$curcontext state line
    typeset -A opt_args
    local _gopm_program=${words[1]/#\~\//$HOME/}
    if [[ ${words[1]:t} != gopm ]]; then
        _gopm_program=gopm
        _gopm_command ${${words[1]:t}#gopm-}
        return
    fi
    _arguments -C \
@shared
        '--version[Show the version]' \
        '(-)1:command:_gopm_commands' \
        '(-)*::argument:->argument'
    [[ $state == argument ]] && _gopm_command $words[1]
}

_gopm "$@"
"""

ACTIONS = {"live": "_gopm_live {}", "list": "({})", "directory": "_directories", "file": "_files"}


def single(text):
    return "'" + text.replace("'", "'\\''") + "'"


def escaped(text):
    """Text inside the brackets or between the colons of _arguments."""
    for old in "\\[]:":
        text = text.replace(old, "\\" + old)
    return text


def action(argument):
    if argument.live == "startable":
        return "_gopm_startable"
    if argument.completes == "file" and argument.extensions:
        return " ".join(["_files -g", '"' + " ".join(f"*.{e}(-.)" for e in argument.extensions) + '"'])
    return ACTIONS.get(argument.completes, "").format(argument.live or " ".join(argument.values))


def option(argument):
    value = f":{escaped(argument.value)}:{action(argument)}" if argument.takes_value else ""
    help = f"[{escaped(summary(argument.help))}]"
    names = [name + ("" if not argument.takes_value else "=" if name.startswith("--") else "+") for name in argument.names]
    if len(names) == 1:
        return single(("*" if argument.repeats else "") + names[0] + help + value)
    return f"{single('(' + ' '.join(argument.names) + ')')}{{{','.join(names)}}}{single(help + value)}"


def row(name, command, shared):
    specifications = [option(argument) for argument in command.options + shared]
    for index, argument in enumerate(command.positionals):
        place = "*" if argument.repeats else f"{index + 1}"
        colons = ":" if not argument.is_optional or argument.repeats else "::"
        what = "_default" if argument.follows_terminator else action(argument)
        specifications.append(single(f"{place}{colons}{escaped(argument.value)}:{what}"))
    lines = " \\\n            ".join(specifications)
    return f"    {name})\n        _arguments -s -S \\\n            {lines}\n        ;;\n"


def script(programs):
    gopm = programs[0]
    text = HEAD
    for command in gopm.commands:
        text += row(" | ".join([command.name] + command.aliases), command, gopm.shared)
    for program in programs[1:]:
        name = program.name.removeprefix("gopm-")
        if name not in [c.name for c in gopm.commands]:
            text += row(name, program, program.shared)
    text += "    help) _arguments '1:command:_gopm_commands' ;;\n" + TAIL
    commands = [f"        {single(escaped(c.name) + ':' + escaped(summary(c.summary)))}" for c in gopm.commands]
    shared = [f"        {option(argument)} \\" for argument in gopm.shared]
    for key, value in [("@programs", " ".join(p.name for p in programs)), ("@commands", "\n".join(commands)), ("@shared", "\n".join(shared))]:
        text = text.replace(key, value)
    return text
