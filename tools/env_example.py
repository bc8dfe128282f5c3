"""Writes .env.example from core/trading_config/: `python -m tools.env_example`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from core.trading_config import Config, Setting, describe

PATH = Path(__file__).parents[1] / ".env.example"
_HEAD = """\
# Every setting of Zyn. Copy this file to .env and change what you need, or let `zyn init` ask you.
# A real environment variable beats .env, and `--set KEY=VALUE` beats both. Without any of it, Zyn runs its
# demo world: no keys, no network, no real money. `zyn config` shows what is in force and where it came from.
"""


def render() -> str:
    """The whole file. Defaults are commented out, so that a copy changes nothing and a world may choose."""
    settings = describe(Config())
    parts = [_HEAD]
    for section, group in groupby(settings, _section):
        title = section or "the outside: world, owner, keys and addresses"
        parts.append("\n".join((f"# --- {title}", *(line for one in group for line in _lines(one)))) + "\n")
    return "\n".join(parts)


def _section(setting: Setting) -> str:
    return setting.key.partition(".")[0] if "." in setting.key else ""


def _lines(setting: Setting) -> Iterator[str]:
    unit = f" [{setting.unit}]" if setting.unit else ""
    choices = f" ({' | '.join(setting.choices)})" if setting.choices else ""
    yield f"# {setting.meaning}{unit}{choices}"
    yield f"{'#' if setting.default else ''}{setting.env}={setting.default}"


if __name__ == "__main__":
    PATH.write_text(render(), "utf-8")
