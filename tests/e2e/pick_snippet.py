#!/usr/bin/env python3
"""Takes a code block out of a document, as it stands.

    pick_snippet.py DOCUMENT LANGUAGE WORDS [OUTPUT]

The one block in that language that has those words in it goes to OUTPUT, or to standard output."""

import pathlib
import re
import sys


def pick(document, language, words):
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", pathlib.Path(document).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    found = [block for block in blocks if words in block]
    if len(found) != 1:
        raise SystemExit(f"{document}: {len(found)} blocks in {language} with {words!r}, not one")
    return found[0]


if __name__ == "__main__":
    snippet = pick(*sys.argv[1:4])
    if len(sys.argv) > 4:
        pathlib.Path(sys.argv[4]).write_text(snippet, encoding="utf-8")
    else:
        sys.stdout.write(snippet)
