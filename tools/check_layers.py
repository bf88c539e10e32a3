#!/usr/bin/env python3
"""Holds every #include against the rooms' DEPS, so that dependencies between rooms only point down.

    check_layers.py [REPOSITORY]

A room is a folder whose CMakeLists.txt calls tenter_library(). Its rank is its place in src/CMakeLists.txt, then gateway/CMakeLists.txt,
then cli. Beside a library a room may make a program (add_executable): its own sources may use what it links (target_link_libraries). Faults:
  - a room includes a header of a room that its DEPS do not list
  - a room lists, or includes, a room that is not below it (so there can be no cycle)
  - a room includes another room's private header, or reaches out of its folder with ".."
  - more than four source files reach Boost.Asio or Beast, directly or through our own headers: each costs many seconds to compile
  - a public header outside of adapters and consume_asio includes Asio, Beast, OpenSSL, librdkafka, SQLite or pugixml
"""
import pathlib
import re
import sys

ASIO_LIMIT = 4
HEAVY = re.compile(r"(boost/(asio|beast)|librdkafka|openssl)/|boost/(asio|beast)\.hpp|sqlite3\.h|pugixml\.hpp")
SOURCE_SUFFIXES = {".cpp", ".hpp", ".ipp", ".h"}
KEYWORDS = {"SRCS", "HDRS", "DEPS", "LIBS", "PUBLIC_LIBS"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


class Room:
    def __init__(self, name, folder, deps):
        self.name, self.folder, self.deps = name, folder, deps
        self.folders = [folder]
        self.program_sources, self.program_deps = set(), []

    def deps_of(self, path):
        """Rooms that a file may include. A header beside a program may be the library's or the program's."""
        if path.name in self.program_sources:
            return self.program_deps
        return self.deps + self.program_deps if path.suffix != ".cpp" else self.deps


def cmake_text(path):
    return re.sub(r"#.*", "", path.read_text()) if path.exists() else ""


def calls(text, function):
    """The words of each call of a CMake function."""
    return [call.split() for call in re.findall(rf"\b{function}\s*\(([^)]*)\)", text)]


def keyword_values(words, keyword):
    values, reading = [], False
    for word in words:
        if word in KEYWORDS:
            reading = word == keyword
        elif reading:
            values.append(word)
    return values


def order_of(root):
    """Names of the rooms, lowest first, as the CMakeLists.txt of src and gateway add them."""
    order = []
    for area in ("src", "gateway"):
        text = cmake_text(root / area / "CMakeLists.txt")
        for match in re.finditer(r"\bforeach\s*\(\s*room\s+([^)]*)\)|\badd_subdirectory\s*\(\s*([A-Za-z0-9_]+)\s*\)", text):
            order += (match[1] or match[2]).split()
    return order + ["cli"]


def rooms_of(root):
    rooms = {}
    for area in ("src", "gateway", "cli"):
        for path in sorted((root / area).glob("**/CMakeLists.txt")):
            for words in calls(cmake_text(path), "tenter_library"):
                room = Room(words[0], path.parent, keyword_values(words, "DEPS"))
                public = root / "include/tenter" / room.name
                if area == "src" and public.is_dir():
                    room.folders.append(public)
                rooms[room.name] = room
    if "cli" not in rooms and (root / "cli").is_dir():
        rooms["cli"] = Room("cli", root / "cli", [])
    for room in rooms.values():
        add_program(room)
    return rooms


def add_program(room):
    text = cmake_text(room.folder / "CMakeLists.txt")
    for program, *sources in calls(text, "add_executable"):
        room.program_sources |= set(sources)
        for linked, *libraries in calls(text, "target_link_libraries"):
            if linked == program:
                room.program_deps += [library.removeprefix("tenter::") for library in libraries if library.startswith("tenter::")]


def sources_in(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in SOURCE_SUFFIXES) if folder.is_dir() else []


def includes_of(path):
    """(line, opening mark, target) of every #include."""
    text = path.read_text(errors="replace")
    return [(text.count("\n", 0, match.start()) + 1, match[1], match[2]) for match in INCLUDE.finditer(text)]


def target_room(target):
    """(room, private) of an include as we write them, or (None, False) for one that is not of a room."""
    parts = target.split("/")
    if len(parts) >= 3 and parts[0] in ("tenter", "gateway"):
        return parts[1], False
    if len(parts) >= 3 and parts[0] == "src":
        return parts[1], True
    return ("cli", True) if len(parts) >= 2 and parts[0] == "cli" else (None, False)


def include_fault(room, rooms, path, target):
    used, private = target_room(target)
    if ".." in target.split("/"):
        return f'"{target}" reaches out of the folder; write the path from the repository'
    if used is None or used == room.name:
        return None
    if used not in rooms:
        return f'"{target}": there is no room {used}'
    if private:
        return f'"{target}" is private to room {used}'
    if used not in room.deps_of(path):
        return f'"{target}" is of room {used}, which is not in the DEPS of {room.name}'
    return None


def dependency_faults(root, rooms, order):
    rank = {name: place for place, name in enumerate(order)}
    for room in rooms.values():
        where = (room.folder / "CMakeLists.txt").relative_to(root)
        if room.name not in rank:
            yield f"{where}: room {room.name} is added by neither src/CMakeLists.txt nor gateway/CMakeLists.txt"
            continue
        for dependency in room.deps + [used for used in room.program_deps if used != room.name]:
            if dependency not in rooms:
                yield f"{where}: {room.name} depends on {dependency}, which is no room"
            elif rank.get(dependency, len(order)) >= rank[room.name]:
                yield f"{where}: {room.name} depends on {dependency}, which is not below it"


def include_faults(root, rooms):
    for room in rooms.values():
        for path in (source for folder in room.folders for source in sources_in(folder)):
            for line, _, target in includes_of(path):
                if fault := include_fault(room, rooms, path, target):
                    yield f"{path.relative_to(root)}:{line}: {fault}"


def our_file(root, path, target):
    for candidate in (root / "include" / target, root / target, path.parent / target):
        if candidate.is_file():
            return candidate.resolve()
    return None


def reaches_asio(root, path, known):
    if path not in known:
        known[path] = False  # a circle of headers ends here
        for _, mark, target in includes_of(path):
            if re.match(r"boost/(asio|beast)(/|\.hpp)", target):
                known[path] = True
            elif mark == '"' and (header := our_file(root, path, target)) and reaches_asio(root, header, known):
                known[path] = True
    return known[path]


def asio_faults(root):
    known = {}
    sources = [path.resolve() for area in ("src", "gateway", "cli") for path in sources_in(root / area) if path.suffix == ".cpp"]
    using = [path for path in sources if reaches_asio(root, path, known)]
    if len(using) > ASIO_LIMIT:
        names = ", ".join(str(path.relative_to(root)) for path in using)
        yield f"{len(using)} source files include Boost.Asio or Beast, at most {ASIO_LIMIT} may: {names}"


def heavy_header_faults(root):
    for path in sources_in(root / "include/tenter"):
        if path.parent.name in ("adapters", "consume_asio"):
            continue
        for line, _, target in includes_of(path):
            if HEAVY.match(target):
                yield f"{path.relative_to(root)}:{line}: <{target}> in a public header; only adapters and consume_asio may"


def faults_of(root):
    root = root.resolve()
    rooms = rooms_of(root)
    if not rooms:
        return [f"{root}: no rooms found"]
    return [*dependency_faults(root, rooms, order_of(root)), *include_faults(root, rooms), *asio_faults(root), *heavy_header_faults(root)]


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1]
    faults = faults_of(root)
    print("\n".join(faults) if faults else f"layers: {len(rooms_of(root))} rooms, dependencies point down only")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
