"""What the session bus has of the interface file: the properties of types that are objects there
(@bus(Name)), and the methods whose D-Bus form follows from their members (@bus). The contract
org.agentd.Agent1.xml gets both.
"""

import re
import textwrap

from interface import Mistake, camel, check_names, snake

WIDTH = 120
SIGNATURES = {"string": "s", "bool": "b", "int": "x", "object": "s"}


def properties(one):
    """What can be a property: not a list, not another type."""
    return [
        member for member in one.members if member.kind.name in SIGNATURES and not member.kind.array
    ]


def objects(interface):
    return [one for one in interface.types.values() if "bus" in one.tags]


def property_type(member):
    return "q" if "port" in member.tags else SIGNATURES[member.kind.name]


def property_row(one, member):
    shown = next((f", Told::{tag}" for tag in ("counter", "port") if tag in member.tags), "")
    return f'    property<&{one.name}::{member.name}{shown}>("{camel(member.name)}"),'


def property_tables(interface):
    out = [
        "// Made by ipc/generate: which members of messages are properties on the bus."
    ]
    for one in objects(interface):
        for member in properties(one):
            if member.secret:
                raise Mistake(member.line, f"{member.name} is a secret: it cannot be a property")
        out += [
            f"constexpr Property<{one.name}> {snake(one.name)}_properties[] = {{",
            *[property_row(one, member) for member in properties(one)],
            "};",
        ]
    return "\n".join([*out, ""])


def arguments(method):
    """In: each required member as an argument of its own, all others as options."""
    for member in method.request:
        if not member.kind.optional and (
            member.kind.name != "string" or member.kind.array or member.secret
        ):
            raise Mistake(
                member.line,
                f"{member.name} has no D-Bus form: @bus takes text as arguments, and members that "
                "may be missing as options",
            )
    found = [("s", member.name) for member in method.request if not member.kind.optional]
    return found + (
        [("a{sv}", "options")] if any(member.kind.optional for member in method.request) else []
    )


def result_members(method):
    """Out: all members, or those that @bus(…) names; @bus() for none."""
    chosen = method.tags["bus"]
    names = (
        [] if chosen == "()" else [name.strip() for name in chosen.split(",")] if chosen else None
    )
    if names is not None:
        check_names(names, method.reply, method.line, "bus")
    return [member for member in method.reply if names is None or member.name in names]


def results(method):
    found = []
    for member in result_members(method):
        if (
            member.kind.name not in SIGNATURES
            or (member.kind.array and member.kind.name != "string")
            or member.secret
        ):
            raise Mistake(
                method.line, f"{member.name} has no D-Bus form: name the results in @bus(…)"
            )
        found.append(("as" if member.kind.array else SIGNATURES[member.kind.name], member.name))
    return found


def plain(interface):
    return [method for method in interface.methods.values() if "bus" in method.tags]


def row(method):
    def words(macro, listed):
        text = ", ".join(f'"{kind}", {name}' for kind, name in listed)
        return f"SD_BUS_{macro}({text})" if listed else f"SD_BUS_NO_{macro}"

    takes = ", ".join(
        f"&{method.name}::Response::{member.name}" for member in result_members(method)
    )
    entry = (
        f"(&entry<&Agent1::plain<{', '.join([method.name, takes] if takes else [method.name])}>>)"
    )
    return "\n".join(
        [
            f'SD_BUS_METHOD_WITH_ARGS("{method.name}", {words("ARGS", arguments(method))},',
            f'                        {words("RESULT", results(method))},',
            f"                        {entry}, unprivileged),",
        ]
    )


def plain_methods(interface):
    head = "// Made by ipc/generate: methods on the bus that are a verb as it is."
    return "\n".join([head, *[row(method) for method in plain(interface)], ""])


def xml_comment(lines, indent):
    text = re.sub(r"-{2,}", "-", " ".join(lines))
    if not text:
        return []
    opening, closing = f"{indent}<!-- ", " -->"
    return textwrap.wrap(
        text + closing,
        WIDTH,
        initial_indent=opening,
        subsequent_indent=" " * len(opening),
        break_on_hyphens=False,
    )


def property_comment(member):
    comment = list(member.comment)
    if member.kind.optional and member.kind.name == "int":  # D-Bus has no null
        comment = [line.replace("null", "-2") for line in comment] or ["-2: not known."]
    return comment


def xml_properties(one):
    out = []
    for member in properties(one):
        out += xml_comment(property_comment(member), "  ")
        out.append(
            f'  <property name="{camel(member.name)}" type="{property_type(member)}"'
            ' access="read"/>'
        )
    return out


def xml_method(method):
    rows = [
        f'   <arg type="{kind}" name="{name}" direction="{way}"/>'
        for way, listed in (("in", arguments(method)), ("out", results(method)))
        for kind, name in listed
    ]
    return [
        *xml_comment(method.comment, "  "),
        f'  <method name="{method.name}">',
        *rows,
        "  </method>",
    ]


def contract(interface, text):
    """The hand-written part of the contract, with the generated ones where it says so."""
    known = {one.tags["bus"]: one for one in objects(interface)}
    out = []
    for line in text.splitlines():
        match = re.fullmatch(r"\s*@(properties|methods)(?: (\w+))?@", line)
        if not match:
            out.append(line)
        elif match[1] == "methods":
            for method in plain(interface):
                out += xml_method(method)
        else:
            out += xml_properties(known[match[2]])
    return "\n".join([*out, ""])
