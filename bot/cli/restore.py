"""zyn restore FILE: put a verified copy of the database in its place; what stood there is kept."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot.cli.options import add_config_options, config_of
from core.model.errors import Refused
from core.store.backup import restore
from core.store.instance import DataFolder, running_pid
from core.store.telemetry_db import FILE_NAME


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("restore", help="put a copy of the database in its place")
    parser.add_argument("file", type=Path, metavar="FILE", help="a copy that zyn backup made")
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Raises Refused while Zyn runs, StoreError for a copy that is not sound."""
    folder = config_of(args).world_dir
    pid = running_pid(folder)
    if pid is not None:
        raise Refused(f"Zyn runs on {folder} (process {pid}).", "running", "Stop it first, then restore.")
    with DataFolder(folder):
        copy = restore(args.file, folder / FILE_NAME)
    print(f"Restored {copy.rows} rows; at the next start Zyn settles with Kraken, which knows the money.")
    return 0
