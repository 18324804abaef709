"""Compare the golden files with what their sources give, or write them anew with --write."""

from __future__ import annotations

import sys

from tests.golden import pairs
from tests.golden.cases import cases, files_of


def main(arguments: list[str]) -> int:
    writing = arguments == ["--write"]
    if writing:
        pairs.ISSUE.write_text(pairs.issue(), encoding="utf-8")
    changed = []
    for folder in cases():
        for name, data in files_of(folder).items():
            file = folder / name
            if not file.exists() or file.read_bytes() != data:
                changed.append(f"{folder.name}/{name}")
                if writing:
                    file.write_bytes(data)
    done = "written" if writing else "different"
    sys.stdout.write("".join(f"{done}: {name}\n" for name in changed) or "nothing changed\n")
    return 0 if writing else len(changed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
