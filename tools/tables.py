"""The tables of the guides that come from the library's own lists: models and relatives, refused modules, boards.

    python3 tools/tables.py      write them anew into modem/README.md and ports/README.md

Each is the first table after its heading.
"""

import pathlib
import sys

if __name__ == "__main__":
    import _setup

    _setup.enter(__doc__)

from modem import models, relatives
from ports import boards

ROOT = pathlib.Path(__file__).resolve().parent.parent


def _table(*rows):
    head, *others = ["| %s |" % " | ".join(row) for row in rows]
    return [head, "|" + "---|" * len(rows[0]), *others]


def _name(start):
    return start.upper() + ("..." if start == "a76" else "")


def _tried(names):
    found = [name for name in models.TRIED if any(start in name.lower().replace("-", "") for start in names)]
    return ", ".join(found) or "no"


def _models():
    """Every name that start() knows, the model that it is driven as, and whether it has run on hardware."""
    driven = dict(relatives.DRIVEN_AS)
    rows = [("model", "driven as it, being relatives", "tried on hardware")]
    for model in models.MODELS:
        names = driven.get(model.name, "").split()
        rows.append(("`%s`" % model.name, ", ".join(map(_name, names)) or "-", _tried([model.name, *names])))
    return _table(*rows)


def _own_facts():
    rows = [("relatives", "differs from the model in")]
    for names, facts in relatives.OWN_FACTS:
        rows.append((", ".join(map(_name, names.split())), ", ".join("%s = %s" % each for each in facts.items())))
    return _table(*rows)


def _refused():
    return _table(("name begins with", "why"), *((", ".join(map(_name, names.split())), why) for names, why in relatives.REFUSED))


def _pin(pin):
    return "-" if pin is None else str(pin)


def _level(pin):
    return "-" if pin is None else "%d (%s)" % (pin[0], "high" if pin[1] else "low")


def _boards():
    rows = [
        ("name", "module", "UART", "tx, rx", "PWRKEY, on and off (ms)", "RESET (level that resets)", "DTR", "set by `open()`")
    ]
    for name in boards.BOARDS:
        board = boards.find(name)
        key = "-" if board.pwrkey is None else "%d, %d and %s" % (board.pwrkey, board.on_ms, board.off_ms or "the module's own")
        held = ", ".join(map(_level, board.held)) or "-"
        pins = "%d, %d" % (board.tx, board.rx)
        row = ("`%s`" % name, board.module, str(board.uart), pins, key, _level(board.reset), _pin(board.dtr), held)
        rows.append((*row, ", ".join(board.antenna) or "-"))
    return _table(*rows)


TABLES = (
    ("modem/README.md", "## Models and relatives", _models),
    ("modem/README.md", "### Relatives with facts of their own", _own_facts),
    ("modem/README.md", "### Modules with other commands", _refused),
    ("ports/README.md", "## Boards on sale", _boards),
)


def rendered(path, text):
    """`text` of the guide `path` with its tables written anew. ValueError where a heading has no table."""
    lines = text.splitlines()
    for guide, heading, make in TABLES:
        if guide != path:
            continue
        start = next((n for n in range(lines.index(heading), len(lines)) if lines[n].startswith("|")), None)
        if start is None:
            raise ValueError("no table after %s in %s" % (heading, path))
        end = start
        while end < len(lines) and lines[end].startswith("|"):
            end += 1
        lines[start:end] = make()
    return "\n".join(lines) + "\n"


def main():
    """Command line."""
    for path in dict.fromkeys(guide for guide, _, _ in TABLES):
        (ROOT / path).write_text(rendered(path, (ROOT / path).read_text()))
        print("wrote", path)


if __name__ == "__main__":
    sys.exit(main())
