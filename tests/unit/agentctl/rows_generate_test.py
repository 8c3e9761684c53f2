"""What agentctl/resources/generate.py reads, refuses and makes: usage rows_generate_test.py TREE."""

import pathlib
import sys
import tempfile
import unittest

TREE = pathlib.Path(sys.argv.pop())
sys.dont_write_bytecode = True
sys.path.insert(0, str(TREE / "agentctl" / "resources"))

import generate

COMMON = "flag id | text | @id | The {one}'s id.\n"
HEAD = "resource things\nabout Things.\ntitle Thing\ntexts thing | things\n"

REFUSED = (  # text behind HEAD, the line that is named, a part of the sentence
    ("flag name | words | name | A name.\n", 5, "there is no kind words; known are text"),
    ("flag name | text | name\n", 5, "a flag has 4 cells between bars, not 3"),
    ("flag name | text | Name | A name.\n", 5, "Name is no field"),
    ("flag a | text | a | A.\nflag a | text | b | B.\n", 6, "there is a flag a already"),
    ("command read |  | id nosuch | Show.\n", 5, "there is no flag nosuch"),
    ("command read |  | id | Show.\ncommand read |  | id | Show.\n", 6, "there is a command read"),
    ("command go | fetch ID | id | Go.\n", 5, "\"fetch ID\" is no request"),
    ("command read |  | id | Show.\n  prints gold\n", 5, "nothing prints gold"),
    ("command read |  | id | Show.\n  uses id\n", 6, "uses belongs to nothing above it"),
    ("block Parts | heaps parts\n", 5, "there is no kind of block heaps"),
    ("item\n  Name\n", 6, "a column has 2 cells"),
    ("nonsense here\n", 5, "a line does not begin with nonsense"),
    ("flag name | text | name | A name.\n", 1, "no command has -name"),
)


def made(text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "common.txt").write_text(COMMON)
        (path / "things.txt").write_text(text)
        return generate.build(path)


class Generate(unittest.TestCase):
    def test_a_mistake_is_named_with_its_file_and_line(self):
        for text, line, sentence in REFUSED:
            with self.subTest(text), self.assertRaises(generate.Mistake) as caught:
                made(HEAD + text)
            self.assertIn(f"agentctl/resources/things.txt:{line}: ", str(caught.exception))
            self.assertIn(sentence, str(caught.exception))

    def test_a_command_becomes_a_row_with_its_request(self):
        text = made(HEAD + "flag part | list | part_ids | A \"part\".\n"
                    "command add-parts |  | id part! | Add parts.\n"
                    "command create tcp |  | part@attributes.parts | Create.\n"
                    "command keys | get ID:list-keys | id | Keys.\n  by hand\n")
        self.assertIn('"A \\"part\\"."', text)
        self.assertIn('"The thing\'s id."', text)
        self.assertIn('{&things_flags[1], "part_ids", true}', text)
        self.assertIn('{&things_flags[1], "attributes.parts", false}', text)
        self.assertIn('"add-parts", "", "", things_uses_0, Operation::action', text)
        self.assertIn("things_uses_1, Operation::create, Prints::item, By::row, false}", text)
        self.assertIn("things_uses_2, Operation::get, Prints::item, By::hand, true}", text)

    def test_the_real_files_are_without_mistake(self):
        text = generate.build(TREE / "agentctl" / "resources")
        self.assertEqual(text, generate.build(TREE / "agentctl" / "resources"))


unittest.main()
