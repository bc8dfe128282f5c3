"""zyn backup: a consistent, verified copy of the database, also while Zyn runs."""

from __future__ import annotations

import argparse
from typing import Any

from bot.cli.options import add_config_options, config_of
from core.clock import SystemClock
from core.model.time_context import from_ms
from core.store.backup import back_up
from core.store.telemetry_db import FILE_NAME


def add_parser(commands: Any) -> None:
    add_config_options(commands.add_parser("backup", help="a verified copy of the database"))


def run(args: argparse.Namespace) -> int:
    """Copy to <data>/<mode>/backups and say where. SQLite copies a database in use. Raises StoreError."""
    folder = config_of(args).world_dir
    stamp = from_ms(SystemClock().wall_ms()).strftime("%Y%m%d-%H%M%S")
    target = folder / "backups" / f"{FILE_NAME.removesuffix('.db')}-{stamp}.db"
    target.parent.mkdir(parents=True, exist_ok=True)
    copy = back_up(folder / FILE_NAME, target)
    print(f"{target} ({copy.rows} rows, verified)")
    return 0
