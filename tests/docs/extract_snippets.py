#!/usr/bin/env python3
"""Makes one C++ file of the C++ blocks of documents, so that what they show compiles.

    extract_snippets.py OUTPUT DOCUMENT...

A block that begins with #include or struct stands as it is, but for the name of its `main`; any other becomes the body of a function. prelude.hpp declares what the blocks
speak of without saying where it comes from. #line directives make the compiler name the document."""
import pathlib
import re
import sys

BLOCK = re.compile(r"^```cpp\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main():
    output, documents = pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
    parts = ['#include <iostream>\n\n#include "tests/docs/prelude.hpp"\n']
    count = 0
    for document in documents:
        text = document.read_text()
        for number, match in enumerate(BLOCK.finditer(text)):
            count += 1
            name = re.sub(r"\W", "_", document.stem) + f"_{number}"
            place = f'#line {text.count(chr(10), 0, match.start()) + 2} "{document}"\n'
            if match[1].startswith(("#include", "struct ")):
                parts.append(f"#define main main_of_{name}\n{place}{match[1]}#undef main\n")
            else:
                parts.append(f"void {name}() {{\n{place}{match[1]}}}\n")
    if count == 0:
        sys.exit("no C++ block found: nothing would be tested")
    output.write_text("".join(parts))


if __name__ == "__main__":
    main()
