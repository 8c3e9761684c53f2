"""The C++ of messages: a header for the shared types, one a verb, one for the list of the verbs."""

import textwrap

from interface import snake

WIDTH = 100
PLAIN = {"bool": "bool", "int": "std::int64_t", "string": "std::string", "object": "Json"}
FLAGS = {  # tag → what a reader of the header is told
    "changes_nothing": "asking twice does no harm",
    "helps_out": "also when all descriptors are in use: see router.hpp",
    "endless": "such a stream has no end of its own",
    "only_streams": "a call without more is refused",
}


def comment(lines, indent, mark="///"):
    """The lines of a comment in the interface file, wrapped again."""
    out, paragraph = [], " ".join(lines)
    if paragraph:
        room = WIDTH - len(indent) - len(mark) - 1
        out = [
            f"{indent}{mark} {line}"
            for line in textwrap.wrap(paragraph, room, break_on_hyphens=False)
        ]
    return out


def type_of(member):
    plain = "Secret" if member.secret else PLAIN.get(member.kind.name, member.kind.name)
    if member.kind.array:
        plain = f"std::vector<{plain}>"
    return f"std::optional<{plain}>" if member.kind.optional else plain


def declaration(member, indent):
    initial = ""
    if not (member.kind.optional or member.kind.array):
        initial = {"bool": " = false", "int": " = 0"}.get(member.kind.name, "")
    return [*comment(member.comment, indent), f"{indent}{type_of(member)} {member.name}{initial};"]


def fields(owner, members, indent):
    if not members:
        return [f"{indent}static constexpr std::tuple<> fields{{}};"]
    rows = [f'{indent}    field("{one.name}", &{owner}::{one.name})' for one in members]
    return [f"{indent}static constexpr auto fields = std::tuple{{", ",\n".join(rows) + "};"]


def struct(name, members, indent, before_fields=()):
    out = [f"{indent}struct {name} {{"]
    for member in members:
        out += declaration(member, indent + "    ")
    return [*out, *before_fields, *fields(name, members, indent + "    "), f"{indent}}};"]


def header(source, first, includes, body):
    text = [
        "#pragma once",
        f"// {first}",
        f"// Made from {source} by ipc/generate: change that.",
        "",
    ]
    text += [f'#include "{one}"' for one in includes]
    return "\n".join([*text, "", "namespace ipc {", "", *body, "", "} // namespace ipc", ""])


def types_header(types, source):
    body = []
    for one in types.values():  # each after those that it uses
        body += [*comment(one.comment, ""), *struct(one.name, one.members, ""), ""]
    return header(
        source, "The types that several verbs share.", ["ipc/messages/fields.hpp"], body[:-1]
    )


def ends_with_caller(value):
    if not value:
        return "    static bool ends_with_caller(const Request&) { return true; }"
    member, expected = value.split("=")
    return (
        "    static bool ends_with_caller(const Request& request)"
        f' {{ return request.{member} == "{expected}"; }}'
    )


def verb_header(interface, method, source):
    streams = "true" if {"streams", "only_streams", "endless"} & set(method.tags) else "false"
    body = [
        *comment(method.comment, ""),
        f"struct {method.name} {{",
        f'    static constexpr std::string_view method = "{interface}.{method.name}";',
        f"    static constexpr bool streams = {streams}; // may be called with more",
    ]
    body += [
        f"    static constexpr bool {tag} = true; // {why}"
        for tag, why in FLAGS.items()
        if tag in method.tags
    ]
    beside = "        std::vector<agent::UniqueFd> descriptors; ///< beside the {}"
    where = method.tags.get("descriptors")
    for name, members, side in (
        ("Request", method.request, "request"),
        ("Response", method.reply, "reply"),
    ):
        body += struct(name, members, "    ", [beside.format(side)] if side == where else [])
    if "ends_with_caller" in method.tags:
        body.append(ends_with_caller(method.tags["ends_with_caller"]))
    includes = ["ipc/messages/types.hpp"] + (["base/unique_fd.hpp"] if where else [])
    return header(source, f"{method.name}: a verb of {interface}.", includes, [*body, "};"])


def list_name(interface):
    return interface.name.rsplit(".", 1)[1]


def list_header(interface, source):
    """AgentCommands: who implements it and forgets a verb does not compile."""
    name = list_name(interface) + "Commands"
    verbs = ", ".join(interface.methods)
    body = textwrap.wrap(f"using {name} = Methods<{verbs}>;", WIDTH, subsequent_indent="    ")
    includes = [
        f"ipc/messages/{file}.hpp" for file in sorted([*map(snake, interface.methods), "methods"])
    ]
    return header(source, f"The verbs of {interface.name}.", includes, body)


def handlers(interface):
    """For the body of a class that implements them all."""
    out = [f"// The handlers of {interface.name}, made by ipc/generate."]
    for name in interface.methods:
        out += [
            f"boost::asio::awaitable<agent::Result<ipc::{name}::Response>>",
            f"handle(ipc::{name}::Request request, ipc::Progress<ipc::{name}>& progress) override;",
        ]
    return "\n".join([*out, ""])
