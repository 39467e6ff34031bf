"""What the three shells' scripts share."""


def quoted(text):
    """A word of a shell, in single quotes where it needs them."""
    plain = text and all(c.isalnum() or c in "_./:-" for c in text)
    return text if plain else "'" + text.replace("'", "'\\''") + "'"


def summary(text):
    """A description of few words: no full stop."""
    return text.rstrip(".").replace("\n", " ")


def kind(argument):
    """What completes the value: live:KIND, words:A B C, directory, file, file:EXTENSION, or `-`, nothing."""
    if argument.completes == "live":
        return f"live:{argument.live}"
    if argument.completes == "list":
        return "words:" + " ".join(argument.values)
    if argument.completes == "file":
        return ":".join(["file", *argument.extensions])
    return argument.completes or "-"
