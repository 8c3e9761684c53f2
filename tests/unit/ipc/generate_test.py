"""What ipc/generate reads, refuses and makes: usage generate_test.py SOURCE-TREE."""

import pathlib
import re
import sys
import tempfile
import unittest

TREE = pathlib.Path(sys.argv.pop())
IPC = TREE / "ipc"
sys.dont_write_bytecode = True
sys.path.insert(0, str(IPC / "generate"))

import bus
import cpp
import generate
import typescript
from interface import Mistake, SECRET_WORDS, read_interface, snake

HEAD = "interface org.test.Thing\n"

REFUSED = (  # text after HEAD, the line that is named, a part of the sentence
    (
        "type Thing (\n  name string\n)",
        3,
        '":" must follow the member\'s name name, and here is "string"',
    ),
    (
        "type Thing (\n  name: strin\n)",
        3,
        "there is no type strin above this line; known are string",
    ),
    ("type Thing (\n  name: string,\n  name: int\n)", 4, "there are two members name"),
    ("type Thing (\n  a: int\n  b: int\n)", 4, '"," must follow the member a, and here is "b"'),
    ("type Thing (\n  share: float\n)", 3, "float are not supported"),
    ("type Thing (\n  class: string\n)", 3, "a member cannot be called class"),
    ("type State (\n  ready, busy\n)", 3, "enumerations are not supported, write a string"),
    ("type thing (a: int)", 2, "a type's name, with a capital letter"),
    ("type One (two: Two)\ntype Two (a: int)", 2, "there is no type Two above this line"),
    ("type One (a: int)\n\ntype One (a: int)", 4, "One is there twice"),
    ("type One (a: int)\nmethod One() -> ()", 3, "One is there twice"),
    (
        "method Ask(a: int)",
        2,
        '"->" must follow the request of Ask, and here is the end of the file',
    ),
    ("method Ask(\n  a: int", 3, '"," must follow the member a'),
    ("methd Ask() -> ()", 2, '"methd" begins nothing: type, method or error must come here'),
    ("# @steams\nmethod Ask() -> ()", 2, "a method has no tag @steams; it may have @bus"),
    ("# @streams and more\nmethod Ask() -> ()", 2, '"and more" is no tag'),
    (
        "# @ends_with_caller(way=GET)\nmethod Ask(path: string) -> ()",
        3,
        "names way, which is no member",
    ),
    ("# @descriptors(both)\nmethod Ask() -> ()", 3, "@descriptors(request)"),
    ("method Ask(\n  # @secret\n  number: int\n) -> ()", 4, "only a string can be @secret"),
    (
        "method Ask(\n  a: int,\n  auth_token: ?string\n) -> ()",
        4,
        "auth_token sounds like a secret",
    ),
)


def mistake_in(text):
    try:
        read_interface(text)
    except Mistake as mistake:
        return mistake.line, str(mistake)
    return None, "no mistake was found"


def all_members(interface):
    for one in interface.types.values():
        yield from one.members
    for method in interface.methods.values():
        yield from method.request + method.reply


class Reading(unittest.TestCase):
    def test_a_mistake_is_named_with_its_line_in_a_sentence(self):
        for text, line, part in REFUSED:
            with self.subTest(text=text):
                found, sentence = mistake_in(HEAD + text)
                self.assertIn(part, sentence)
                self.assertEqual(found, line)

    def test_a_text_that_is_no_interface_is_refused(self):
        for text in ("", "# only a comment", "interface Name", "type A (a: int)"):
            self.assertEqual(mistake_in(text)[0], 1, text)

    def test_the_kinds_of_members_and_the_comments_above_them_are_read(self):
        interface = read_interface(
            HEAD + "# far away\n\n# what it is\ntype One (\n  # how many\n  # at most\n  a: ?int,\n"
            "  b: []string, c: ?[]object\n)\n# asks\n# @streams @bus(d)\n"
            "method Ask(one: One) -> (d: bool)\n"
        )
        one = interface.types["One"]
        self.assertEqual(one.comment, ["what it is"])
        self.assertEqual(
            [cpp.type_of(member) for member in one.members],
            [
                "std::optional<std::int64_t>",
                "std::vector<std::string>",
                "std::optional<std::vector<Json>>",
            ],
        )
        self.assertEqual(one.members[0].comment, ["how many", "at most"])
        ask = interface.methods["Ask"]
        self.assertEqual((ask.comment, ask.tags), (["asks"], {"streams": "", "bus": "d"}))

    def test_a_mistake_in_a_file_stops_the_build_with_file_line_and_sentence(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder)
            (source / generate.AGENT).write_text(HEAD + "type A (\n  a: nothing\n)\n")
            with self.assertRaises(generate.Wrong) as wrong:
                generate.build_files(source)
            self.assertRegex(
                str(wrong.exception),
                r"^ipc/org\.agentd\.Agent\.varlink:3: there is no type nothing",
            )

    def test_a_type_that_both_interfaces_have_must_be_the_same(self):
        agent = read_interface("interface org.a.Agent\ntype P (a: int, b: ?int)")
        for other in ("a: int", "a: int, b: int", "a: int, b: ?int, c: int", "b: ?int, a: int"):
            proxy = read_interface(f"interface org.a.Proxy\ntype P ({other})")
            self.assertRaisesRegex(
                generate.Wrong, "type P is not that of", generate.check_together, agent, proxy
            )
        generate.check_together(
            agent, read_interface("interface org.a.Proxy\ntype P (a: int, b: ?int)")
        )


class Secrets(unittest.TestCase):
    def setUp(self):
        self.interfaces = [generate.read(IPC, generate.AGENT), generate.read(IPC, generate.PROXY)]

    def test_no_member_with_a_secrets_name_becomes_a_plain_string(self):
        plain, kept = [], []
        for interface in self.interfaces:
            for member in all_members(interface):
                if member.kind.name != "string" or not set(member.name.split("_")) & set(
                    SECRET_WORDS
                ):
                    continue
                (
                    kept if cpp.type_of(member) in ("Secret", "std::optional<Secret>") else plain
                ).append(member.name)
        # names of things that are none: a file's path, a login's name and id
        self.assertEqual(set(plain), {"client_key", "token_name", "token_id"})
        self.assertEqual(
            sorted(kept),
            [
                "authorization_token",
                "authorization_token",
                "authorization_token",
                "password",
                "tofu_token",
                "tofu_token",
                "token",
            ],
        )

    def test_a_secret_is_never_a_property_or_a_result_on_the_bus(self):
        interface = read_interface(
            HEAD + "# @bus(Thing)\ntype Thing (\n  # @secret\n  token: string\n)"
        )
        self.assertRaisesRegex(Mistake, "token is a secret", bus.property_tables, interface)
        interface = read_interface(
            HEAD + "# @bus\nmethod Ask() -> (\n  # @secret\n  token: string\n)"
        )
        self.assertRaisesRegex(Mistake, "token has no D-Bus form", bus.plain_methods, interface)
        interface = read_interface(
            HEAD + "# @bus\nmethod Ask(\n  # @secret\n  token: string\n) -> ()"
        )
        self.assertRaisesRegex(Mistake, "token has no D-Bus form", bus.plain_methods, interface)


class Making(unittest.TestCase):
    def test_a_verb_becomes_a_struct_with_its_words_and_comments(self):
        interface = read_interface(
            HEAD
            + "# Asks.\n# @changes_nothing\nmethod AskMe(\n  # who\n  name: string,\n  # @secret\n"
            "  token: ?string\n) -> (found: bool)\n"
        )
        text = cpp.verb_header("org.test.Thing", interface.methods["AskMe"], "ipc/x")
        for line in (
            '    static constexpr std::string_view method = "org.test.Thing.AskMe";',
            "/// Asks.",
            "    static constexpr bool streams = false; // may be called with more",
            "        /// who",
            "        std::string name;",
            "        std::optional<Secret> token;",
            "        bool found = false;",
            "    static constexpr bool changes_nothing = true; // asking twice does no harm",
            '            field("token", &Request::token)};',
        ):
            self.assertIn(line + "\n", text)

    def test_a_verb_on_the_bus_has_arguments_options_and_results(self):
        interface = read_interface(
            HEAD
            + "# Asks.\n# @bus\nmethod Ask(name: string, deep: ?bool) -> (a: int, b: []string)\n"
        )
        self.assertIn(
            'SD_BUS_METHOD_WITH_ARGS("Ask", SD_BUS_ARGS("s", name, "a{sv}", options),\n'
            '                        SD_BUS_RESULT("x", a, "as", b),\n'
            "                        "
            "(&entry<&Agent1::plain<Ask, &Ask::Response::a, &Ask::Response::b>>), "
            "unprivileged),",
            bus.plain_methods(interface),
        )
        self.assertEqual(
            bus.contract(interface, " @methods@").splitlines(),
            [
                "  <!-- Asks. -->",
                '  <method name="Ask">',
                '   <arg type="s" name="name" direction="in"/>',
                '   <arg type="a{sv}" name="options" direction="in"/>',
                '   <arg type="x" name="a" direction="out"/>',
                '   <arg type="as" name="b" direction="out"/>',
                "  </method>",
            ],
        )

    def test_the_console_gets_the_types_and_what_verbs_answer(self):
        interface = read_interface(
            HEAD + "type One (a: ?int)\nmethod Ask() -> (all: []One, why: string, raw: object)\n"
        )
        self.assertIn("export interface One {\n    a?: number;\n}\n", typescript.module(interface))
        self.assertIn(
            "export interface AskReply {\n    all: One[];\n    why: string;\n"
            "    raw: Record<string, unknown>;\n}\n",
            typescript.module(interface),
        )

    def test_a_file_that_stays_the_same_is_not_touched(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "a" / "b.hpp"
            generate.write(file, "one")
            before = file.stat().st_mtime_ns
            generate.write(file, "one")
            self.assertEqual(file.stat().st_mtime_ns, before)
            generate.write(file, "two")
            self.assertEqual(file.read_text(), "two")

    def test_nothing_that_is_made_stands_in_the_source_tree_as_well(self):
        files, agent, _ = generate.build_files(IPC)
        self.assertEqual([name for name in files if (IPC / name).exists()], [])
        shown = [name for name, one in agent.types.items() if "bus" in one.tags]
        names = "|".join([*shown, *(name + "Reply" for name in agent.methods)])
        for page in (TREE / "src/console/web/src").rglob("*.ts*"):
            self.assertNotRegex(page.read_text(), rf"interface ({names}|Why) ", page)
        for folder in ("ipc", "agentd", "src/console"):
            for source in (TREE / folder).rglob("*.[ch]pp"):
                self.assertNotRegex(
                    source.read_text(), rf"\n *struct ({'|'.join(agent.types)}) {{", source
                )

    def test_each_verb_has_one_file_in_agentd(self):
        for name in generate.read(IPC, generate.AGENT).methods:
            text = (TREE / "agentd/commands" / (snake(name) + ".cpp")).read_text()
            self.assertTrue(re.search(rf"handle\(ipc::{name}::Request\b", text), name)


if __name__ == "__main__":
    unittest.main()
