"""Makes the constexpr tables of agentctl from the .txt files beside it. Usage:
generate.py OUT.cpp SOURCE

README.md explains the files. A mistake stops with file, line and a sentence. The output is not
touched when its text stays the same.
"""

import pathlib
import re
import sys

KINDS = {
    "text": "text", "text?": "nullable_text", "number": "number", "number?": "nullable_number",
    "bool": "boolean", "truth": "truth", "list": "list", "list?": "nullable_list",
    "secret": "secret", "source": "source", "source?": "nullable_source",
    "sources?": "nullable_sources", "values": "values", "options": "options", "pairs": "pairs",
    "tags": "tags",
}
BLOCKS = ("rows", "row", "words", "ids", "principals", "grants", "connections", "object", "tags")
OPERATIONS = {"get": "get", "post": "action", "patch": "update", "delete": "remove", "list": "list"}
PRINTS = ("keys", "key_jobs", "authority", "active_users", "items")
INDENTED = ("variable", "default", "missing", "asks", "says", "prints", "by", "one-of")
TIMES = ("retain_until", "delete_after")


class Mistake(Exception):
    pass


class Resource:
    def __init__(self, name):
        self.name = name
        self.words = {"in": "", "ids": "", "empty": "", "type": "", "column": "25", "example": " | "}
        self.flags, self.commands, self.blocks = {}, [], []
        self.columns = {"list": [], "item": [], "attributes": []}


def cells(text, count, what):
    parts = [one.strip() for one in text.split("|")]
    if len(parts) != count:
        raise Mistake(f"{what} has {count} cells between bars, not {len(parts)}")
    return parts


def parse_flag(text):
    name, kind, field, help_text = cells(text, 4, "a flag")
    if kind not in KINDS:
        raise Mistake(f"there is no kind {kind}; known are {', '.join(KINDS)}")
    if not re.fullmatch(r"-|@id|\??[a-z_]+(\[0\])?(\.[a-z_]+)*", field):
        raise Mistake(f"{field} is no field: a.b, ?query, @id or -")
    return {"name": name, "kind": kind, "field": field, "help": help_text, "variable": "",
            "default": "", "missing": "", "asks": ""}


def parse_http(text, words):
    first, length = words.split()[0], len(words.split())
    if not text:
        standard = {"create": "post", "read": "get ID", "update": "patch ID", "delete": "delete ID",
                    "list": "list"}
        text = standard.get(first, f"post ID:{first}") if length <= 2 else ""
    found = re.fullmatch(r"(get|post|patch|delete|list) ?(ID)?(?::([a-z:-]+))?", text)
    if not found:
        raise Mistake(f"\"{text}\" is no request: get, post, patch, delete or list, ID and :word")
    operation = OPERATIONS[found[1]]
    if operation == "action" and not found[2] and not found[3]:
        operation = "create"
    return operation, bool(found[2]), found[3] or ""


def parse_command(text):
    words, http, uses, summary = cells(text, 4, "a command")
    operation, with_id, action = parse_http(http, words)
    return {"words": words, "operation": operation, "with_id": with_id, "action": action,
            "uses": uses.split(), "summary": summary, "says": "", "prints": "", "by": "",
            "one-of": ""}


def parse_block(text):
    parts = [one.strip() for one in text.split("|")]
    kind, _, member = parts[1].partition(" ") if len(parts) > 1 else ("", "", "")
    if kind not in BLOCKS:
        raise Mistake(f"there is no kind of block {kind}; known are {', '.join(BLOCKS)}")
    columns = []
    for one in parts[2].split(",") if len(parts) > 2 else []:
        label, _, field = one.strip().rpartition(" ")
        columns.append((label, field))
    return parts[0], kind, member, columns


def parse(lines, resource):
    section, last = None, None
    for number, line in enumerate(lines, 1):
        try:
            if not line.strip() or line.startswith("#"):
                continue
            word, _, rest = line.strip().partition(" ")
            if line.startswith("  "):
                if section:
                    label, member = cells(line, 2, "a column")
                    resource.columns[section].append((label, member))
                elif last is not None and word in INDENTED and word in last:
                    # a question keeps the space at its end
                    last[word] = line[3 + len(word):] if word == "asks" else rest
                else:
                    raise Mistake(f"{word} belongs to nothing above it")
                continue
            section = None
            if word == "flag":
                last = parse_flag(rest)
                if last["name"] in resource.flags:
                    raise Mistake(f"there is a flag {last['name']} already")
                resource.flags[last["name"]] = last
            elif word == "command":
                last = parse_command(rest) | {"line": number}
                if any(last["words"] == one["words"] for one in resource.commands):
                    raise Mistake(f"there is a command {last['words']} already")
                resource.commands.append(last)
            elif word == "block":
                resource.blocks.append(parse_block(rest))
            elif word in resource.columns:
                section, last = word, None
            elif word in ("resource", "about", "title", "texts", "empty", "ids", "in", "type",
                          "column", "example"):
                resource.words[word] = rest
            else:
                raise Mistake(f"a line does not begin with {word}")
        except Mistake as mistake:
            raise Mistake(f"{number}: {mistake}") from None


def text(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def column(label, member):
    last = member.split(".")[-1]
    shown = "text"
    if last.endswith("_time") or last in TIMES:
        shown = "time"
    elif member == "id":
        shown = "id"
    elif member == "is_primary":
        shown = "truth"
    return f"{{{text(label)}, {text(member)}, Shown::{shown}}}"


def array(kind, name, rows):
    if not rows:
        return f"constexpr std::span<const {kind}> {name};\n"
    return f"constexpr {kind} {name}[] = {{\n    " + ",\n    ".join(rows) + "};\n"


def flag_row(flag, one):
    row = ", ".join(text(flag[key].replace("{one}", one))
                    for key in ("name", "field", "help", "variable", "default", "missing", "asks"))
    return f"{{{row}, FlagKind::{KINDS[flag['kind']]}}}"


def use_row(token, flags, line, prefix):
    found = re.fullmatch(r"([a-z-]+)(?:@([?a-z_.]+))?(!?)", token)
    if not found or found[1] not in flags:
        raise Mistake(f"{line}: there is no flag {token}")
    field = found[2] or flags[found[1]]["field"]
    if found[2] == "id":
        field = "@id"
    index = list(flags).index(found[1])
    required = "true" if found[3] or field == "@id" else "false"
    return f"{{&{prefix}_flags[{index}], {text(field)}, {required}}}"


def source_of(resource, common):
    prefix = resource.name.replace("-", "_")
    for word in ("about", "title", "texts"):
        if word not in resource.words:
            raise Mistake(f"1: {word} is missing")
    one, many = cells(resource.words["texts"], 2, "texts")
    used = {token.rstrip("!").split("@")[0] for command in resource.commands
            for token in command["uses"]}
    flags = {name: flag for name, flag in common.items() if name in used} | resource.flags
    unused = set(resource.flags) - used
    if unused:
        raise Mistake(f"1: no command has -{unused.pop()}")
    out = array("FlagRow", f"{prefix}_flags", [flag_row(flag, one) for flag in flags.values()])
    commands = []
    for number, command in enumerate(resource.commands):
        out += array("FlagUse", f"{prefix}_uses_{number}",
                     [use_row(token, flags, command["line"], prefix) for token in command["uses"]])
        if command["prints"] and command["prints"] not in PRINTS:
            raise Mistake(f"{command['line']}: nothing prints {command['prints']}")
        if command["by"] not in ("", "hand", "file"):
            raise Mistake(f"{command['line']}: a command is run by hand or by file")
        prints = command["prints"] or ("list" if command["operation"] == "list" else "item")
        by = {"": "row", "hand": "hand", "file": "file"}[command["by"]]
        commands.append(
            f"{{{text(command['words'])}, {text(command['summary'])}, {text(command['action'])}, "
            f"{text(command['says'])}, {text(command['one-of'])}, {prefix}_uses_{number}, "
            f"Operation::{command['operation']}, Prints::{prints}, By::{by}, "
            f"{'true' if command['with_id'] else 'false'}}}")
    out += array("CommandRow", f"{prefix}_commands", commands)
    for name, rows in resource.columns.items():
        out += array("Column", f"{prefix}_{name}", [column(*one) for one in rows])
    blocks = []
    for number, (title, kind, member, columns) in enumerate(resource.blocks):
        out += array("Column", f"{prefix}_block_{number}", [column(*one) for one in columns])
        blocks.append(f"{{{text(title)}, {text(member)}, BlockKind::{kind}, "
                      f"{prefix}_block_{number}}}")
    out += array("Block", f"{prefix}_blocks", blocks)
    words = resource.words
    container, _, scope = words["in"].partition(" ")
    example_title, example = cells(words["example"], 2, "example")
    row = ", ".join([
        text(resource.name), text(words["title"]), text(one), text(many),
        text(words["empty"] or f"No {many} found"), text(words["about"]), text(words["ids"]),
        text(container), text(scope), text(example_title), text(example), words["column"],
        "true" if words["type"] else "false", f"{prefix}_flags", f"{prefix}_commands",
        f"{prefix}_list", f"{prefix}_item", f"{prefix}_attributes", f"{prefix}_blocks"])
    return out, f"    {{{row}}},\n"


def build(source):
    files = sorted(source.glob("*.txt"))
    common, resources = Resource("common"), []
    for file in files:
        resource = common if file.stem == "common" else Resource(file.stem)
        try:
            parse(file.read_text(encoding="utf-8").splitlines(), resource)
        except Mistake as mistake:
            raise Mistake(f"agentctl/resources/{file.name}:{mistake}") from None
        if resource is not common:
            resources.append(resource)
    body, rows = "", ""
    for resource in resources:
        try:
            tables, row = source_of(resource, common.flags)
        except Mistake as mistake:
            raise Mistake(f"agentctl/resources/{resource.name}.txt:{mistake}") from None
        body, rows = body + tables, rows + row
    return ("// Made by agentctl/resources/generate.py.\n#include \"agentctl/resources/rows.hpp\"\n\n"
            "namespace agentctl {\nnamespace {\n\n" + body + "\nconstexpr Resource all[] = {\n"
            + rows + "};\n\n} // namespace\n\nstd::span<const Resource> resources() {\n"
            "    return all;\n}\n\n} // namespace agentctl\n")


def main():
    target, source = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    try:
        made = build(source)
    except Mistake as mistake:
        sys.exit(str(mistake))
    if not target.exists() or target.read_text(encoding="utf-8") != made:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
