"""Checks #include lines against the table of src/README.md: usage check_layers.py SOURCE-TREE [THIN-BINARY…].

Prints every violation with file and line; exit 1 if there is one.
"""
import pathlib
import re
import subprocess
import sys

# folder → folders it may include besides itself
ALLOWED = {
    "base": set(),
    "model": {"base"},
    "async": {"base"},
    "confine": {"base"},
    "boundary": {"base", "async"},
    "net": {"base", "async"},
    "config": {"model", "base", "async"},
    "proxy": {"boundary", "net", "model", "base", "async"},
    "controller": {"net", "model", "base", "async"},
    "keyring": {"model", "base", "async"},
    "sqlite": {"base"},
    "state": {"sqlite", "model", "base"},
    "agent": {"controller", "keyring", "state", "boundary", "config", "net", "model", "base", "async"},
    "console": {"ipc", "net", "config", "confine", "base", "async"},
    "devserver": {"boundary", "net", "sqlite", "proxy", "confine", "base", "async", "console"},
    "ipc": {"model", "base", "async"},
    "agentctl": {"ipc", "model", "base"},
    "agentd": {"ipc", "agent", "proxy", "controller", "keyring", "state", "boundary", "config", "confine", "net",
               "model", "base", "async"},
}
FOREIGN = {  # outside headers that a folder must not see
    "agentctl": re.compile(r"toml\+\+|openssl/|boost/asio|boost/beast|systemd/|sqlite3"),
    "ipc": re.compile(r"openssl/|boost/beast|sqlite3"),
    "base": re.compile(r"openssl/|boost/asio|boost/beast|systemd/|sqlite3"),
}
APART = (  # faces that must not see each other, and who must not see a face
    ("ipc/messages", re.compile(r"systemd/|ipc/dbus/|ipc/socket/")),
    ("ipc/socket", re.compile(r"systemd/|ipc/dbus/")),
    ("ipc/dbus", re.compile(r"ipc/socket/")),
    ("agentctl", re.compile(r"ipc/dbus/|base/toml|base/strict_table")),
    # the parts of the agent: none knows Agent, each only what stands below it
    ("src/agent/clusters", re.compile(r"agent/(agent\.hpp|session/|process/|verbs/)")),
    ("src/agent/process", re.compile(r"agent/(agent\.hpp|clusters/|session/|verbs/)")),
    ("src/agent/session", re.compile(r"agent/(agent\.hpp|process/|verbs/)")),
    ("src/agent/proxy", re.compile(r"agent/(agent\.hpp|verbs/)")),
    ("src/agent/verbs", re.compile(r"agent/agent\.hpp")),
    ("agentd/supervisor", re.compile(r"^(?!base/|config/xdg\.hpp|confine/confine\.hpp|agentd/(supervisor/|notify\.hpp|instance_lock\.hpp)).*\.hpp$")),
)
# libraries that one file of ours mends or owns, through which all others use them
WRAPPED = (("toml++/", "src/base/toml.hpp"), ("sqlite3.h", "src/sqlite/database.cpp"))
HABITS = (
    (re.compile(r"asio::detached|[(,] *detached *\)"), "spawn into a TaskGroup, never detached"),
    (re.compile(r"co_await [A-Za-z_:.>()-]*\(\[[^\]]"), "name the capturing lambda, then await (GCC 12)"),
)
# A decision reads an enum (src/model). Not the faces, which speak text, nor the programs that are a
# world of their own.
DECIDES = ("src/", "agentd/")
# net: the kernel's tables
SPEAKS_TEXT = ("src/console/", "src/devserver/", "src/model/", "src/net/",
               "agentd/launcher/old_proxy_reasons.cpp")  # sentences of released agent-proxies
TYPED = r"(?:state|status|kind|reason|reason_code|termination\w*|wait|source|stopped|hop|after_cancel|failure|message)"
BY_TEXT = tuple(re.compile(pattern) for pattern in (
    rf'(?<![\w"])(?:\w+(?:\.|->))*{TYPED}(?:\(\))?\s*[!=]=\s*"',  # proxy.state == "ended"
    rf'"\s*[!=]=\s*(?:\w+(?:\.|->))*{TYPED}\b',
    rf'"{TYPED}"\)\s*[!=]=\s*"',  # string_member(session, "status") == "pending"
    rf'\b{TYPED}\.(?:find|starts_with|ends_with|compare|contains)\("',  # reason.starts_with("Inactivity")
    rf'\bcontains\((?:\w+(?:\.|->))*(?:text|{TYPED}),\s*"',
))
FOLDER_HABITS = (("agentctl/commands/", re.compile(r"print_out\(|Format::"), "return an Answer, which Printer prints"),)
FORBIDDEN_LIBRARIES = ("libssl", "libcrypto", "libsystemd", "libsqlite3", "libprotobuf")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')


def folder_of(path):
    """The table's row for a source path: src/net/dial.cpp → net, agentctl/main.cpp → agentctl; None for tests."""
    parts = path.parts
    if parts[0] == "src":
        return parts[1] if len(parts) > 2 else None
    return parts[0] if parts[0] in ALLOWED else None


def included_folder(header):
    first = header.split("/", 1)[0]
    return first if "/" in header and first in ALLOWED else None


def violations_of_file(path, text):
    own = folder_of(path)
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{path}:{number}"
        match = INCLUDE.match(line)
        if own and match:
            header = match[1]
            if any(str(path).startswith(top + "/") and apart.search(header) for top, apart in APART):
                yield f"{where}: must not include {header}"
            for library, wrapper in WRAPPED:
                if header.startswith(library) and str(path) != wrapper:
                    yield f"{where}: {header} is used through {wrapper} only"
            target = included_folder(header)
            if target and target != own and target not in ALLOWED[own]:
                yield f"{where}: {own} must not include {header}"
            elif not target and own in FOREIGN and FOREIGN[own].search(header):
                yield f"{where}: {own} must not include {header}"
        code = line.split("//", 1)[0]
        if str(path).startswith(DECIDES) and not str(path).startswith(SPEAKS_TEXT):
            if any(pattern.search(code) for pattern in BY_TEXT):
                yield f"{where}: compares a state, kind or reason by its text: take the enum from src/model"
        if own:
            for habit, why in HABITS:
                if habit.search(code):
                    yield f"{where}: {why}"
            for folder, habit, why in FOLDER_HABITS:
                if str(path).startswith(folder) and habit.search(code):
                    yield f"{where}: {why}"


def violations_of_tree(root):
    files = 0
    for top in ("src", "ipc", "agentd", "agentctl"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".hpp", ".cpp"):
                files += 1
                relative = path.relative_to(root)
                if relative.parts[0] == "src" and len(relative.parts) > 2 and relative.parts[1] not in ALLOWED:
                    yield f"{relative}: the folder {relative.parts[1]} has no row in the table"
                yield from violations_of_file(relative, path.read_text())
    if files < 10:
        yield f"{root}: only {files} sources found, this cannot be the tree"


def violations_of_binary(binary):
    dynamic = subprocess.run(["readelf", "-d", binary], capture_output=True, text=True, check=True).stdout
    for library in re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic):
        if library.startswith(FORBIDDEN_LIBRARIES):
            yield f"{binary}: links {library}, it is to stay thin"


if __name__ == "__main__":
    found = list(violations_of_tree(pathlib.Path(sys.argv[1])))
    for binary in sys.argv[2:]:
        found += violations_of_binary(binary)
    print("\n".join(found) or "every include line fits the table")
    sys.exit(bool(found))
