"""zyn export: every table as CSV or Parquet, also while Zyn runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.options import add_config_options, config_of
from core.model.errors import Refused

if TYPE_CHECKING:
    from core.store.export import Exported


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
        path = write(one) if write else one.path
        print(f"{path} ({one.rows:,} rows)")
    return 0


def _parquet() -> Callable[[Exported], Path]:
    """A function that turns a table's CSV file into a Parquet file beside it. Raises Refused without pyarrow.

    Columns have the types of the database: money, which is decimal text, stays text to the last digit.
    """
    try:
        import pyarrow
        from pyarrow import csv, parquet
    except ImportError:
        raise Refused("Parquet needs pyarrow: pip install 'zyn[parquet]', or --format csv.") from None
    kinds = {"integer": pyarrow.int64(), "real": pyarrow.float64()}

    def convert(one: Exported) -> Path:
        target = one.path.with_suffix(".parquet")
        types = {name: kinds.get(kind, pyarrow.string()) for name, kind in one.types.items()}
        table = csv.read_csv(
            one.path,
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(column_types=types),
        )
        parquet.write_table(table, target)
        one.path.unlink()
        return target

    return convert
