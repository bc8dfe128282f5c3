"""The options every command has that needs a configuration, and the configuration they give."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from core.model.errors import ConfigError
from core.trading_config import Config, Mode, load, read_dotenv

ENV_FILE = Path(".env")


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """--env-file and --set."""
    parser.add_argument(
        "--env-file", type=Path, metavar="FILE", help="read this instead of .env in the working directory"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="a setting, such as risk.stop_atr=2"
    )


def config_of(args: argparse.Namespace, mode: Mode | None = None) -> Config:
    """The configuration in force: --set beats real variables, those beat .env.

    Raises ConfigError with the problems of all three at once.
    """
    problems = [f"--set {one}: write it as KEY=VALUE" for one in args.set if "=" not in one]
    given = (one.partition("=") for one in args.set if "=" in one)
    try:
        values = dotenv_of(args.env_file, problems)
        config = load(os.environ, values, {key.strip(): value for key, _, value in given}, mode)
    except ConfigError as error:
        raise ConfigError(problems + error.problems) from error
    if problems:
        raise ConfigError(problems)
    return config


def dotenv_of(path: Path | None, problems: list[str]) -> dict[str, str]:
    """The values of .env where there is one, or of the file that was named, which must be there.

    Its broken lines are added to `problems`. Raises ConfigError for a file that cannot be read.
    """
    if path is None:
        return read_dotenv(ENV_FILE, problems) if ENV_FILE.exists() else {}
    return read_dotenv(path, problems)
