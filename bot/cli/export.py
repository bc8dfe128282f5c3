"""zyn export: every table as CSV or Parquet, also while Zyn runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bot.cli.options import add_config_options, config_of
from core.model.errors import Refused


def add_parser(commands: Any) -> None:
    """The command's flags."""
    parser = commands.add_parser("export", help="write the database's tables as CSV or Parquet files")
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="default: every table")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the files")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv")
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Export and say what was written. Raises StoreError, or Refused without pyarrow."""
    from core.store.export import export_csv
    from core.store.telemetry_db import FILE_NAME

    write = _parquet() if args.format == "parquet" else None
    for one in export_csv(config_of(args).world_dir / FILE_NAME, args.out, args.tables):
        path = write(one.path) if write else one.path
        print(f"{path} ({one.rows:,} rows)")
    return 0


def _parquet() -> Any:
    """A function that turns a CSV file into a Parquet file beside it. Raises Refused without pyarrow."""
    try:
        from pyarrow import csv, parquet
    except ImportError:
        raise Refused("Parquet needs pyarrow: pip install 'zyn[parquet]', or --format csv.") from None

    def convert(path: Path) -> Path:
        target = path.with_suffix(".parquet")
        parquet.write_table(csv.read_csv(path), target)
        path.unlink()
        return target

    return convert
