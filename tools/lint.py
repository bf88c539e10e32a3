#!/usr/bin/env python3
"""Our own checks of the text, for what no compiler or formatter sees.

    lint.py [REPOSITORY]

Prints `file:line: rule: what is wrong`. Where a rule is wrong about a line, the line says so: `lint: allow RULE`, with the reason beside it.
"""
import pathlib
import re
import subprocess
import sys

CPP = {".cpp", ".hpp", ".h", ".ipp"}
CODE = CPP | {".py", ".sh", ".mjs", ".cjs", ".js", ".java"}
TEXT = CODE | {".md", ".cmake", ".txt", ".toml"}
MAX_LINES = 600
MAX_README_LINES = 30
# Spelled apart, so that this file passes itself.
OPEN_WORDS = re.compile(r"\b(" + "|".join(("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK")) + r")\b|\b[Nn]ot " + r"implemented\b")
SLEEP_CPP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(")
SLEEP_SCRIPT = re.compile(r"\btime\.sleep\s*\(|^\s*sleep\s+[\d$]|\bThread\.sleep\s*\(", re.MULTILINE)
PLACES_WITH_README = ("bench", "cli", "cmake", "fuzz", "tests", "tests/contract", "tests/conformance", "tests/crash", "tests/e2e",
                      "tests/interop", "tests/repo", "tools")


class Source:
    def __init__(self, root, path):
        self.name = str(path.relative_to(root))
        self.suffix = path.suffix
        self.text = path.read_text(errors="replace")
        self.lines = self.text.splitlines()
        self.is_cpp = path.suffix in CPP
        self.is_script = not self.is_cpp and (path.suffix in CODE or self.text.startswith("#!"))
        self.is_header = path.suffix in {".hpp", ".h"}
        self.is_test = self.name.startswith("tests/")
        self.bare = without_comments(self.text) if self.is_cpp else self.text

    def line_of(self, position):
        return self.bare.count("\n", 0, position) + 1


def without_comments(text):
    """C++ with comments and the insides of literals blanked, lines kept. So that prose about a sleep is no sleep."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^()\s\\]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)

    def blank(match):
        inside = re.sub(r"[^\n]", " ", match[0])
        return inside if match[0].startswith("/") else '"' + inside[1:-1] + '"'

    return pattern.sub(blank, text)


def matching_lines(source, pattern):
    return [source.line_of(match.end()) for match in pattern.finditer(source.bare)]


def pragma_once_first(source):
    if source.is_header and (not source.lines or source.lines[0] != "#pragma once"):
        yield 1, "a header begins with #pragma once"


def no_heavy_headers(source):
    if source.is_cpp:
        for line in matching_lines(source, re.compile(r"#\s*include\s*<regex>|\bstd::w?regex\b")):
            yield line, "std::regex is slow to compile, to run, and recursive"
    if source.is_header:
        for line in matching_lines(source, re.compile(r"#\s*include\s*<iostream>")):
            yield line, "<iostream> in a header costs every file that includes it; <iosfwd> is enough"


def no_sleep_in_tests(source):
    if not source.is_test:
        return
    pattern = SLEEP_CPP if source.is_cpp else SLEEP_SCRIPT
    for line in matching_lines(source, pattern) if source.is_cpp or source.is_script else []:
        yield line, "tests do not sleep: use a fake clock, or wait for the event with a deadline"


def no_open_words(source):
    for number, line in enumerate(source.lines, 1):
        if word := OPEN_WORDS.search(line):
            if source.name != "HACKING.md":
                yield number, f"work left open ({word[0]}): finish it or open an issue"


def short_files(source):
    if (source.is_cpp or source.is_script) and len(source.lines) > MAX_LINES:
        yield len(source.lines), f"{len(source.lines)} lines, at most {MAX_LINES}: one file is one idea"


def no_temporaries_in_co_await(source):
    """g++ 12 destroys aggregate temporaries and capturing lambdas of a co_await expression twice."""
    if not source.is_cpp:
        return
    for match in re.finditer(r"\bco_await\b", source.bare):
        depth = 0
        for position in range(match.end(), len(source.bare)):
            letter = source.bare[position]
            if letter in "([":
                depth += 1
            elif letter in ")]":
                depth -= 1
            if letter == ";" or depth < 0 or (letter == "," and depth == 0):
                break
            if letter == "{":
                yield source.line_of(match.start()), "a braced temporary or lambda in a co_await expression (g++ 12 frees it twice): name it before"
                break


RULES = (pragma_once_first, no_heavy_headers, no_sleep_in_tests, no_open_words, short_files, no_temporaries_in_co_await)


def rooms_have_readmes(root):
    rooms = {path.parent for area in ("src", "gateway", "cli") for path in (root / area).glob("**/CMakeLists.txt")
             if "tenter_library(" in path.read_text()}
    rooms |= {root / place for place in PLACES_WITH_README if any(path.name != "CMakeLists.txt" for path in (root / place).glob("*"))}
    for room in sorted(rooms):
        readme = room / "README.md"
        name = readme.relative_to(root)
        if not readme.exists():
            yield f"{name}:1: readme: each room says in a README.md what it is for"
        elif (count := len(readme.read_text().splitlines())) > MAX_README_LINES:
            yield f"{name}:{count}: readme: {count} lines, at most {MAX_README_LINES}"


def files_of(root):
    """Tracked and new files; in a folder without git, all but hidden ones and build/."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0 and (root / ".git").exists():
        names = [root / name for name in listed.stdout.split("\0") if name]
    else:
        names = [path for path in root.rglob("*") if path.relative_to(root).parts[0] != "build" and "/." not in str(path.relative_to(root))]
    return sorted(path for path in names if path.is_file() and (path.suffix in TEXT or is_script(path)))


def is_script(path):
    if path.suffix:
        return False
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def faults_of(root):
    root = root.resolve()
    faults = []
    for path in files_of(root):
        source = Source(root, path)
        for rule in RULES:
            for line, fault in rule(source):
                if f"lint: allow {rule.__name__}" not in "".join(source.lines[line - 1:line]):
                    faults.append(f"{source.name}:{line}: {rule.__name__}: {fault}")
    return faults + list(rooms_have_readmes(root))


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1]
    faults = faults_of(root)
    print("\n".join(faults) if faults else f"lint: {len(files_of(root.resolve()))} files, no faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
