"""python -m tests.bench [R1 R2 ...] [--pupils N] [--database URL] [--json FILE]: the table, exit 1 when a target is missed."""

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from tests.bench import cases, house, imports, ledgers, load, matching, pages, registry, storage, visiting, warning

MEASURES = {**storage.MEASURES, **pages.MEASURES, **imports.MEASURES, **ledgers.MEASURES, **load.MEASURES, **registry.MEASURES, **warning.MEASURES, **matching.MEASURES}
MEASURES |= {**cases.MEASURES, **visiting.MEASURES}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="R1", help=f"of {' '.join(MEASURES)}")
    parser.add_argument("--pupils", type=int, default=15_000)
    parser.add_argument("--database", help="URL of an empty database (default: SQLite in a folder of its own)")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        built = house.build(Path(folder), asked.pupils, asked.database)
        rows = {name: measured(name, built) for name in asked.measures or MEASURES}
    print_table(rows)
    if asked.json:
        asked.json.write_text(json.dumps({**rows, "machine": machine(asked)}, indent=1))
    return 0 if all(row["ok"] for row in rows.values()) else 1


def measured(name: str, built) -> dict:
    measure = MEASURES[name]
    ratio = measure.take(built)
    return {"ratio": round(ratio, 3), "target": measure.target, "ok": ratio <= measure.target, "what": measure.what}


def print_table(rows: dict) -> None:
    print(f"{'id':4} {'ratio':>9} {'target':>8}  ok   what")
    for name, row in rows.items():
        print(f"{name:4} {row['ratio']:9.3f} {row['target']:8.3f}  {'yes' if row['ok'] else 'NO':4} {row['what']}")


def machine(asked) -> dict:
    return {
        "cores": os.cpu_count(),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "pupils": asked.pupils,
        "database": "postgresql" if asked.database else "sqlite",
    }


if __name__ == "__main__":
    sys.exit(main())
