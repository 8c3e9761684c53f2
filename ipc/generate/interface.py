"""Reads a .varlink file: types and methods with comments and tags. Mistakes name the line."""

import dataclasses
import re

PLAIN = ("string", "bool", "int", "object")
NOT_IN_MESSAGES = ("float",)
KEYWORDS = set(
    """alignas alignof and asm auto bool break case catch char class co_await co_return co_yield
concept const constexpr continue default delete do double else enum explicit export extern false
float for friend goto if inline int long mutable namespace new noexcept not nullptr operator or
private protected public register requires return short signed sizeof static struct switch template
this throw true try typedef typename union unsigned using virtual void
volatile while xor fields descriptors""".split()
)
SECRET_WORDS = ("password", "passphrase", "secret", "token", "key", "credential", "pin")

METHOD_TAGS = {
    "streams",
    "only_streams",
    "endless",
    "changes_nothing",
    "helps_out",
    "ends_with_caller",
    "descriptors",
    "bus",
}
TYPE_TAGS = {"bus"}
MEMBER_TAGS = {"secret", "no_secret", "counter", "port"}


class Mistake(Exception):
    """What is wrong with an interface file, and in which line."""

    def __init__(self, line, sentence):
        super().__init__(sentence)
        self.line = line


@dataclasses.dataclass
class Kind:
    """A member's type: ?[]name is Kind("name", optional=True, array=True)."""

    name: str
    optional: bool = False
    array: bool = False


@dataclasses.dataclass
class Member:
    name: str
    kind: Kind
    line: int
    comment: list
    tags: dict

    @property
    def secret(self):
        return "secret" in self.tags


@dataclasses.dataclass
class Type:
    name: str
    members: list
    line: int
    comment: list
    tags: dict


@dataclasses.dataclass
class Method:
    name: str
    request: list
    reply: list
    line: int
    comment: list
    tags: dict


@dataclasses.dataclass
class Interface:
    name: str
    types: dict
    methods: dict
    errors: dict


TOKEN = re.compile(r"\s*(?:(#[^\n]*)|(->|\[\]|[(),:?]|[A-Za-z_][A-Za-z0-9_.]*|.))", re.S)


class Reader:
    """The words of a text one after the other; comments are kept for what follows them."""

    def __init__(self, text):
        self.words = []  # (word, line, comment lines before it)
        comments, end = [], len(text.rstrip())
        at, last_line = 0, 0
        while at < end:
            match = TOKEN.match(text, at)
            start = match.start(1) if match[1] else match.start(2)
            line = text.count("\n", 0, start) + 1
            if match[1]:
                if comments and line > last_line + 1:
                    comments = []  # an empty line between: it belongs to nothing that follows
                comments.append((match[1][1:].strip(), line))
                last_line = line
            else:
                attached = comments if comments and line == last_line + 1 else []
                self.words.append((match[2], line, attached))
                comments = []
            at = match.end()
        self.at = 0

    @property
    def line(self):
        index = min(self.at, len(self.words) - 1)
        return self.words[index][1] if self.words else 1

    def peek(self):
        return self.words[self.at][0] if self.at < len(self.words) else None

    def take(self):
        word, line, comment = self.words[self.at]
        self.at += 1
        return word, line, comment

    def expect(self, word, after):
        if self.peek() != word:
            found = f'"{self.peek()}"' if self.peek() else "the end of the file"
            raise Mistake(self.line, f'"{word}" must follow {after}, and here is {found}')
        self.take()

    def name(self, pattern, what):
        if self.peek() is None or not re.fullmatch(pattern, self.peek()):
            found = f'"{self.peek()}"' if self.peek() else "the end of the file"
            raise Mistake(self.line, f"{what} must come here, and there is {found}")
        return self.take()


def split_comment(lines, known, what):
    """The lines for people, and the tags: "@streams @bus(found)" is {"streams": "", "bus": "found"}."""
    comment, tags = [], {}
    for text, line in lines:
        if not text.startswith("@"):
            comment.append(text)
            continue
        rest = text
        while rest:
            match = re.match(r"@(\w+)(?:\(([^()]*)\))?\s*", rest)
            if not match:
                raise Mistake(line, f'"{rest}" is no tag: tags are @word or @word(…)')
            tag, value = match[1], match[2]
            if tag not in known:
                raise Mistake(
                    line, f"{what} has no tag @{tag}; it may have @" + ", @".join(sorted(known))
                )
            tags[tag] = "" if value is None else value.strip()
            if value is not None and not value.strip():
                tags[tag] = "()"
            rest = rest[match.end() :]
    return comment, tags


def read_kind(reader, types):
    kind = Kind("")
    if reader.peek() == "?":
        reader.take()
        kind.optional = True
    if reader.peek() == "[]":
        reader.take()
        kind.array = True
    line = reader.line
    kind.name, _, _ = reader.name(r"[A-Za-z]\w*", "a type")
    if kind.name in NOT_IN_MESSAGES:
        raise Mistake(line, f"members of type {kind.name} are not supported: take int or string")
    if kind.name not in PLAIN and kind.name not in types:
        raise Mistake(
            line,
            f"there is no type {kind.name} above this line; known are "
            + ", ".join([*PLAIN, *types]),
        )
    return kind


def check_secret(member):
    sounds = member.kind.name == "string" and member.name.split("_")[-1].rstrip("s") in SECRET_WORDS
    if "secret" in member.tags and member.kind.name != "string":
        raise Mistake(
            member.line, f"{member.name} is a {member.kind.name}: only a string can be @secret"
        )
    if sounds and not {"secret", "no_secret"} & set(member.tags):
        raise Mistake(
            member.line,
            f"{member.name} sounds like a secret: write # @secret above it, or # @no_secret "
            "when it is none",
        )


def read_members(reader, types, after):
    reader.expect("(", after)
    members = []
    while reader.peek() != ")":
        if members:
            reader.expect(",", f"the member {members[-1].name}")
        name, line, comment = reader.name(r"[A-Za-z]\w*", "a member's name")
        if name in KEYWORDS:
            raise Mistake(
                line, f"a member cannot be called {name}: it is a word of C++ or of the messages"
            )
        if name in [one.name for one in members]:
            raise Mistake(line, f"there are two members {name}")
        if reader.peek() in (",", ")"):
            raise Mistake(
                line, f"{name} has no type; enumerations are not supported, write a string"
            )
        reader.expect(":", f"the member's name {name}")
        kind = read_kind(reader, types)
        comment, tags = split_comment(comment, MEMBER_TAGS, "a member")
        members.append(Member(name, kind, line, comment, tags))
        check_secret(members[-1])
    reader.take()
    return members


def check_names(listed, members, line, tag):
    known = [one.name for one in members]
    for name in listed:
        if name not in known:
            raise Mistake(
                line, f"@{tag} names {name}, which is no member; they are: {', '.join(known)}"
            )


def read_method(reader, types, start, lines):
    name, line, _ = reader.name(r"[A-Z][A-Za-z0-9]*", "a method's name, with a capital letter,")
    request = read_members(reader, types, f"the method's name {name}")
    reader.expect("->", f"the request of {name}")
    reply = read_members(reader, types, f"{name}(…) ->")
    comment, tags = split_comment(lines, METHOD_TAGS, "a method")
    if "ends_with_caller" in tags and tags["ends_with_caller"]:
        check_names([tags["ends_with_caller"].split("=")[0]], request, start, "ends_with_caller")
    if "descriptors" in tags and tags["descriptors"] not in ("request", "reply"):
        raise Mistake(
            start, "descriptors travel beside the request or the reply: @descriptors(request)"
        )
    return Method(name, request, reply, line, comment, tags)


def read_interface(text):
    reader = Reader(text)
    reader.expect("interface", "the comment at the beginning")
    name, _, _ = reader.name(
        r"[a-z][\w]*(\.\w+)+", "the interface's name, such as org.example.Name,"
    )
    found = Interface(name, {}, {}, {})
    while reader.peek() is not None:
        keyword, line, lines = reader.take()
        if keyword == "type":
            type_name, _, _ = reader.name(
                r"[A-Z][A-Za-z0-9]*", "a type's name, with a capital letter,"
            )
            members = read_members(reader, found.types, f"the type's name {type_name}")
            comment, tags = split_comment(lines, TYPE_TAGS, "a type")
            one, into = Type(type_name, members, line, comment, tags), found.types
        elif keyword == "method":
            one = read_method(reader, found.types, line, lines)
            into = found.methods
        elif keyword == "error":
            error_name, _, _ = reader.name(r"[A-Z][A-Za-z0-9]*", "an error's name")
            one = Type(
                error_name,
                read_members(reader, found.types, f"the error's name {error_name}"),
                line,
                [],
                {},
            )
            into = found.errors
        else:
            raise Mistake(line, f'"{keyword}" begins nothing: type, method or error must come here')
        if one.name in into or (
            into is not found.errors and one.name in {**found.types, **found.methods}
        ):
            raise Mistake(line, f"{one.name} is there twice")
        into[one.name] = one
    return found


def words(name):
    """KnownCluster → [known, cluster]; known_cluster → the same."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")


def snake(name):
    return "_".join(words(name))


def camel(name):
    return "".join(word.capitalize() for word in words(name))
