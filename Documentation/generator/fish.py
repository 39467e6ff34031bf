"""The completions of fish."""

from .words import kind, summary

HEAD = r"""# Completion of gopm and its programs for fish. Made by Documentation/generate; change that, not this.

# Options with a value, by command.
@valued

# Whether the cursor is where words of a command stand: __gopm_at COMMAND [first]. An empty COMMAND: where it is to be
# chosen. With `first` only its first word.
function __gopm_at
    set -l tokens (commandline -opc)
    set -l program (string replace -r '.*/' '' -- $tokens[1])
    set -l command
    test $program = gopm; or set command (string replace 'gopm-' '' -- $program)
    set -l valued $__gopm_valued
    set -l skips no
    set -l words 0
    for token in $tokens[2..-1]
        if test $skips = yes
            set skips no
        else if test $token = --
            return 1
        else if string match -q -- '-*' $token
            contains -- $token $valued; and set skips yes
        else if test -z "$command"
            set command $token
            set -l name __gopm_valued_(string replace -a - _ -- $command)
            set -q $name; and set -a valued $$name
        else
            set words (math $words + 1)
        end
    end
    test "$command" = "$argv[1]"; or return 1
    test "$argv[2]" != first -o $words -eq 0
end

# Words that only the running system knows, each with a tab and what it is.
function __gopm_live
    gopm __complete $argv[1] (commandline -ct) 2>/dev/null
end

complete -c gopm -f
complete -c gopm -n '__gopm_at ""' -l version -d 'Show the version'
"""


def single(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def value(argument):
    """What completes a value."""
    form = kind(argument)
    if form.startswith("live:"):
        return f"-x -a '(__gopm_live {argument.live})'"
    if form.startswith("words:"):
        return f"-x -a {single(' '.join(argument.values))}"
    if form == "directory":
        return "-x -a '(__fish_complete_directories)'"
    if argument.extensions:
        return f"-r -k -a '(__fish_complete_suffix .{argument.extensions[0]})'"
    return "-r -F" if form == "file" else "-x"


def option(program, condition, argument):
    names = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in argument.names)
    takes = f" {value(argument)}" if argument.takes_value else ""
    return f"complete -c {program} {condition}{names}{takes} -d {single(summary(argument.help))}\n"


def words(program, condition, command):
    """What completes the words of a command."""
    text = ""
    for argument in command.positionals:
        if argument.follows_terminator:
            text += f"complete -c {program} -n 'contains -- -- (commandline -opc)' -F\n"
            continue
        at = condition if argument.repeats else condition.replace("' ", " first' ")
        if argument.live == "startable":
            text += f"complete -c {program} {at}-k -a '(__gopm_live startable; __fish_complete_suffix .json)'\n"
        elif argument.live:
            text += f"complete -c {program} {at}-a '(__gopm_live {argument.live})'\n"
        elif argument.completes == "file":
            text += f"complete -c {program} {at}-F\n"
    return text


def valued(command):
    return [name for argument in command.options if argument.takes_value for name in argument.names]


def script(programs):
    gopm = programs[0]
    names = [f"set -g __gopm_valued {' '.join(n for a in gopm.shared if a.takes_value for n in a.names)}"]
    for command in gopm.commands:
        if valued(command):
            names.append(f"set -g __gopm_valued_{command.name} {' '.join(valued(command))}")
    text = HEAD.replace("@valued", "\n".join(names))
    for argument in gopm.shared:
        text += option("gopm", "", argument)
    for command in gopm.commands:
        text += f"\ncomplete -c gopm -n '__gopm_at \"\"' -a {command.name} -d {single(summary(command.summary))}\n"
        for name in [command.name] + command.aliases:
            condition = f"-n '__gopm_at {name}' "
            text += "".join(option("gopm", condition, argument) for argument in command.options)
            text += words("gopm", condition, command)
    text += "\ncomplete -c gopm -n '__gopm_at \"\"' -a help -d 'Explain a command'\n"
    text += f"complete -c gopm -n '__gopm_at help first' -a '{' '.join(c.name for c in gopm.commands)}'\n"
    for program in programs[1:]:
        name = program.name.removeprefix("gopm-")
        text += f"\ncomplete -c {program.name} -f\n"
        condition = f"-n '__gopm_at {name}' "
        text += "".join(option(program.name, "", argument) for argument in program.options + program.shared)
        text += words(program.name, condition, program)
    return text
