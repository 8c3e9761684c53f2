"""Reads our programs as a loader does: usage check_elf.py COMPILE-COMMANDS COMPILER FLAGS PROGRAM…

Prints what is missing of the hardening in CMakeLists.txt; exit 1 if anything is. FLAGS: those that every source of ours
is compiled with (with spaces between them), of which their traces are looked for.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

OURS = re.compile(r"/(src|ipc|agentd|agentctl)/[^ ]*(\.cpp|/unity_\d+_cxx\.cxx)$")


def readelf(*arguments):
    return subprocess.run(["readelf", "--wide", *arguments], capture_output=True, text=True, check=True).stdout


def notes_of(file):
    """IBT, SHSTK, BTI, PAC: what every part of it was compiled with."""
    return set(re.findall(r"\b(IBT|SHSTK|BTI|PAC)\b", readelf("--notes", file)))


def notes_of_toolchain(compiler, flags, *how):
    """Of nothing, compiled like ours. A C library without them leaves a linked program without."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "empty.cpp")
        source.write_text("int main() {}\n")
        subprocess.run([*compiler, *flags, *how, source, "-o", f"{folder}/empty"], check=True)
        return notes_of(f"{folder}/empty")


def complaints_about_links(program):
    segments = readelf("--program-headers", program)
    dynamic = readelf("--dynamic", program)
    if not re.search(r"^Elf file type is DYN", segments, re.M) or not re.search(r"FLAGS_1.*\bPIE\b", dynamic):
        yield "has a fixed address (no PIE)"
    if "GNU_RELRO" not in segments:
        yield "leaves its tables of pointers writable (no RELRO)"
    if not re.search(r"BIND_NOW|FLAGS_1.*\bNOW\b", dynamic):
        yield "fills in pointers as it runs (no BIND_NOW), so RELRO is partial"
    stack = re.search(r"GNU_STACK.*", segments)
    if not stack or "E" in stack[0].split()[6:-1]:
        yield "has an executable stack"
    if any(set("WE") <= set("".join(line.split()[6:-1])) for line in segments.splitlines() if "LOAD" in line.split()):
        yield "has a segment that is writable and executable"
    for tag, meaning in (("TEXTREL", "code is changed as it is loaded"), ("RPATH", "libraries from a folder"),
                         ("RUNPATH", "libraries from a folder")):
        if f"({tag})" in dynamic:
            yield f"{tag}: {meaning}"


def complaints_about_code(program, flags, notes):
    symbols = readelf("--dyn-syms", program)
    for flag, symbol in (("-fstack-protector", r"\b__stack_chk_fail\b"), ("-D_FORTIFY_SOURCE", r"\b__\w+_chk\b"),
                         ("-D_GLIBCXX_ASSERTIONS", r"\b_ZSt21__glibcxx_assert_fail")):
        if any(one.startswith(flag) for one in flags) and not re.search(symbol, symbols):
            yield f"shows no trace of {flag}"
    missing = notes - notes_of(program)
    if missing:
        yield f"is not marked {' '.join(sorted(missing))}"


def complaints_about_commands(commands, flags, notes):
    """A target that does without agent_options shows here."""
    found = 0
    for entry in json.loads(pathlib.Path(commands).read_text()):
        if OURS.search(entry["file"]):
            # a batch of them, or one
            found += pathlib.Path(entry["file"]).read_text().count("#include \"/") or 1
            missing = [flag for flag in flags if flag not in entry["command"].split()]
            if missing:
                yield f"{entry['file']}: compiled without {' '.join(missing)}"
            compiled = pathlib.Path(entry["directory"], re.search(r" -o (\S+)", entry["command"])[1])
            if entry["file"].endswith("/main.cpp") and compiled.exists() and notes - notes_of(compiled):
                yield f"{compiled}: is not marked {' '.join(sorted(notes))}"
    if found < 100:
        yield f"{commands}: only {found} sources of ours, this cannot be all"


def main(commands, compiler, flags, programs):
    compiled = notes_of_toolchain([compiler], flags, "-c")
    linked = notes_of_toolchain([compiler], flags, "-pie")
    found = list(complaints_about_commands(commands, flags, compiled))
    for program in programs:
        found += [f"{program}: {one}" for one in complaints_about_links(program)]
        found += [f"{program}: {one}" for one in complaints_about_code(program, flags, linked)]
    print("\n".join(found) or f"{len(programs)} programs are as they should be; their parts are marked "
                                f"{' '.join(sorted(compiled)) or 'nothing'}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3].split(), sys.argv[4:]))
