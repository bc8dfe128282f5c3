"""Each room's branch coverage beside its floor, from the last `make test`: exit 1 when one is below."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FLOORS = {
    "core/risk/": 95.0,
    "core/engine/": 95.0,
    "core/ledger/": 95.0,
    "core/matching/": 95.0,
    "core/engine/confirmations.py": 95.0,
}
ROOMS = ("bot/", "web/", "core/")


def main() -> int:
    files = measured()
    below = []
    for place in (*FLOORS, *ROOMS):
        share = covered(files, place)
        floor = FLOORS.get(place)
        short = floor is not None and share < floor
        wanted = f"floor {floor:.0f} %" if floor else ""
        print(f"{place:<32} {share:6.2f} %  {wanted:<12}{'BELOW' if short else ''}".rstrip())
        below += [place] if short else []
    return 1 if below else 0


def measured() -> dict[str, Any]:
    """coverage.py's summary by file."""
    command = [sys.executable, "-m", "coverage", "json", "-q", "-o", "-"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"there is nothing measured yet: run make test first ({done.stdout.strip()})")
    files: dict[str, Any] = json.loads(done.stdout)["files"]
    return files


def covered(files: dict[str, Any], place: str) -> float:
    """Lines and branches taken together, in percent, as coverage.py counts them."""
    parts = [one["summary"] for name, one in files.items() if name.startswith(place)]
    there = sum(part["num_statements"] + part.get("num_branches", 0) for part in parts)
    taken = sum(part["covered_lines"] + part.get("covered_branches", 0) for part in parts)
    return 100 * taken / there if there else 100.0


if __name__ == "__main__":
    sys.exit(main())
