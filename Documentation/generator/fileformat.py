"""The manual page of a file format, made of its JSON Schema: that is the table of its fields."""

import json
import pathlib

from .roff import bold, escaped, header, italic, prose, see_also

SECTIONS = pathlib.Path(__file__).parent / "sections"


def page(name, summary, text, pages):
    schema = json.loads(text)
    lines = header(name, 5)
    lines += [".SH NAME", f"{escaped(name)} \\- {escaped(summary)}"]
    lines += [".SH DESCRIPTION", *prose(schema["description"])]
    lines += added(name, "description")
    lines += [".SH FIELDS"]
    app = schema["$defs"].get("app")
    lines += fields(app or schema, schema, "")
    lines += [".SH VALUES"] if any("title" in d and "description" in d for d in schema["$defs"].values()) else []
    for definition in schema["$defs"].values():
        if "title" in definition and "description" in definition:
            lines += [".TP", italic(definition["title"]), *prose(definition["description"])]
            if "examples" in definition:
                lines += ["Examples: " + ", ".join(bold(json.dumps(value)) for value in definition["examples"]) + "."]
    lines += added(name, "more")
    return "\n".join(lines + see_also(name, 5, pages)) + "\n"


def fields(section, schema, prefix):
    lines = []
    for key, field in section["properties"].items():
        field = resolved(field, schema)
        if key == "$schema":
            continue
        notes = [escaped(field["title"])]
        if key in section.get("required", []):
            notes.append("required")
        elif "default" in field:
            notes.append("default " + bold(json.dumps(field["default"])))
        lines += [".TP", f"{bold(prefix + key)} ({', '.join(notes)})", *prose(field["description"])]
        if "minimum" in field:
            lines += [f"{field['minimum']} to {field['maximum']}."]
        if "properties" in field:
            lines += fields(field, schema, f"{prefix}{key}.")
    return lines


def resolved(field, schema):
    """A field with what it refers to; its own words are stronger."""
    reference = field.get("$ref", "").split("/")[-1]
    return {**schema["$defs"][reference], **field} if reference else field


def added(name, what):
    path = SECTIONS / f"{name}.{what}"
    return path.read_text().rstrip("\n").split("\n") if path.exists() else []
