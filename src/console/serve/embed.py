"""Turns the page's built files into one C++ source: usage embed.py OUT.cpp FOLDER.

Each file goes in as it is and as gzip made here, once, with an ETag of its content; the servers only look it up.
"""
import gzip
import hashlib
import pathlib
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


def array(name, data):
    rows = (",".join(str(byte) for byte in data[i : i + 64]) for i in range(0, len(data), 64))
    return f"constexpr unsigned char {name}[] = {{\n" + ",\n".join(rows) + "};\n"


def main(out, folder):
    files = sorted(path for path in folder.iterdir() if path.suffix in TYPES)
    if not any(path.name == "index.html" for path in files):
        sys.exit(f"{folder}: no index.html")
    text = '// Made by embed.py.\n#include "console/serve/page.hpp"\n\nnamespace console {\nnamespace {\n'
    rows = ""
    for number, path in enumerate(files):
        data = path.read_bytes()
        packed = gzip.compress(data, 9, mtime=0)
        text += array(f"plain{number}", data) + array(f"packed{number}", packed)
        name = "/" if path.name == "index.html" else "/" + path.name
        tag = hashlib.sha256(data).hexdigest()[:20]
        view = "{{reinterpret_cast<const char*>({0}), sizeof {0}}}"
        rows += f'        {{"{name}", "{TYPES[path.suffix]}", "\\"{tag}\\"", '
        rows += view.format(f"plain{number}") + ", " + view.format(f"packed{number}") + "},\n"
    text += "} // namespace\n\nstd::span<const PageFile> page_files() {\n"
    text += "    static const PageFile all[] = {\n" + rows + "    };\n    return all;\n}\n\n} // namespace console\n"
    out.write_text(text)


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
