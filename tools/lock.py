"""Writes the locks from pyproject.toml: hash-pinned, for every platform and Python 3.11 to 3.13."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_COMMON = (
    "--universal", "--generate-hashes", "--no-header", "--no-emit-index-url", "--python-version", "3.11",
)  # fmt: skip
_LOCKS = (
    ("requirements.lock", ("pyproject.toml",)),
    (
        "requirements-dev.lock",
        (
            "pyproject.toml",
            "--extra",
            "parquet",
            "--extra",
            "cluster",
            "--group",
            "dev",
            "-c",
            "requirements.lock",
        ),
    ),
    ("requirements-uv.lock", ("requirements-uv.in",)),
)


def main() -> int:
    """Compile each lock; pins that still satisfy pyproject.toml stay as they are."""
    uv = ROOT / ".venv/bin/uv"
    for name, sources in _LOCKS:
        command = [str(uv), "pip", "compile", "--quiet", *_COMMON, *sources, "-o", name, *sys.argv[1:]]
        subprocess.run(command, cwd=ROOT, check=True)
        print(f"{name}: {sum(line[:1].isalnum() for line in (ROOT / name).open())} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
