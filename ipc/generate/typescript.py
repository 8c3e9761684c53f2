"""The agent's words for the console's page: each type, and what each verb answers."""

PLAIN = {
    "string": "string",
    "bool": "boolean",
    "int": "number",
    "object": "Record<string, unknown>",
}


def member_line(member):
    kind = PLAIN.get(member.kind.name, member.kind.name) + ("[]" if member.kind.array else "")
    return f"    {member.name}{'?' if member.kind.optional else ''}: {kind};"


def shape(name, members):
    return [f"export interface {name} {{", *[member_line(member) for member in members], "}", ""]


def module(interface):
    out = [
        "// Made by ipc/generate from ipc/org.agentd.Agent.varlink, which explains the words.",
        "",
    ]
    for one in interface.types.values():
        out += shape(one.name, one.members)
    for method in interface.methods.values():
        out += shape(method.name + "Reply", method.reply)
    return "\n".join(out)
