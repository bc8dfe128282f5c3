"""The zyn command. Each command is a file in bot/cli, imported only when it is called.

Exit codes: 0 done, 1 failed (one clear line on stderr), 2 wrong usage or configuration.
"""

from __future__ import annotations

import argparse
import errno
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import TracebackType
from typing import Any, NoReturn

import bot.cli
from bot.release import release
from core.model.errors import ConfigError, Refused, ZynError

FAILED, MISUSED = 1, 2
DEFAULT = "run"
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EEXIST}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["--version"]:
        print(f"zyn {release()}")
        return 0
    words = _with_command(words)
    logs = _log_folder(words)
    sys.excepthook = partial(_last_words, folder=logs)
    args = _parser(words).parse_args(words)
    try:
        return _carried_out(args)
    except OSError as error:
        if not _shuts_out(error, logs.parent):
            raise
        print(
            f"zyn: the data folder {logs.parent} cannot be used: {error.strerror} ({error.filename}). "
            "Set ZYN_DATA_DIR to a folder of yours.",
            file=sys.stderr,
        )
        return FAILED


def _with_command(words: list[str]) -> list[str]:
    """`zyn` and `zyn --set ...` mean `zyn run`."""
    asks_help = any(word in ("-h", "--help") for word in words[:1])
    return words if asks_help or (words and not words[0].startswith("-")) else [DEFAULT, *words]


def _commands() -> list[str]:
    return sorted(module.name for module in iter_modules(bot.cli.__path__))


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Knows only the command that is called; all of them when help is wanted or the word is unknown."""
    parser = _Parser(prog="zyn", description="Zyn trades spot on Kraken and talks with you about it.")
    parser.add_argument("--version", action="version", version=f"zyn {release()}")
    called = [words[0]] if words[0] in _commands() else _commands()
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in _modules(called):
        before = set(commands.choices)
        module.add_parser(commands)
        for name in set(commands.choices) - before:
            commands.choices[name].set_defaults(carry_out=module.run)
    return parser


def _modules(names: Iterable[str]) -> Iterable[Any]:
    found = (import_module(f"bot.cli.{name}") for name in names)
    return (module for module in found if hasattr(module, "add_parser"))


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, with the nearest command that exists."""

    def error(self, message: str) -> NoReturn:
        wrong = message.partition("invalid choice: ")[2].split(" ")[0].strip("'\"")
        near = get_close_matches(wrong, _commands(), 1) if wrong else []
        if near:
            message = f"there is no command {wrong}; did you mean {near[0]}?"
        print(f"{self.prog}: {message}  ({self.prog} --help)", file=sys.stderr)
        raise SystemExit(MISUSED)


def _carried_out(args: argparse.Namespace) -> int:
    try:
        return _finished(args.carry_out, args)
    except ConfigError as error:
        for problem in error.problems:
            print(f"zyn: {problem}", file=sys.stderr)
        return MISUSED
    except Refused as error:
        print(f"zyn: {error.message} {error.hint}".rstrip(), file=sys.stderr)
        return FAILED
    except ZynError as error:
        print(f"zyn: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("zyn: stopped", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # Whoever read our output went away; nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _shuts_out(error: OSError, folder: Path) -> bool:
    """Whether it is the data folder that may not be made, read or written."""
    if error.errno not in _CLOSED or not isinstance(error.filename, str):
        return False
    at, world = Path(error.filename).absolute(), folder.absolute()
    inside = at.is_relative_to(world) and error.errno != errno.ENOENT
    return inside or world.is_relative_to(at)


def _finished(run: Callable[[argparse.Namespace], Any], args: argparse.Namespace) -> int:
    work = run(args)
    if inspect.iscoroutine(work):
        import asyncio  # a backtest never needs it

        work = asyncio.run(work)
    code: int = work
    sys.stdout.flush()
    return code


def _last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None, *, folder: Path
) -> None:
    """What nobody expected: one line for the owner, the rest in a file for whoever mends it."""
    from traceback import format_exception

    text = "".join(format_exception(kind, error, trace))
    path = folder / "crash.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as log:
            log.write(text)
    except OSError as problem:
        print(f"zyn: failed unexpectedly ({kind.__name__}: {error}); no log: {problem}", file=sys.stderr)
        return
    print(f"zyn: failed unexpectedly ({kind.__name__}: {error}); details: {path}", file=sys.stderr)


def _log_folder(words: Sequence[str]) -> Path:
    """Where the logs of the world in force are, as far as that can be said before it is read."""
    named = words[words.index("--env-file") + 1 :][:1] if "--env-file" in words else []
    from bot.cli.options import dotenv_of

    try:
        values = {**dotenv_of(Path(named[0]) if named else None, []), **os.environ}
    except ConfigError:
        values = dict(os.environ)
    return Path(values.get("ZYN_DATA_DIR") or "./data") / (values.get("ZYN_MODE") or "demo") / "logs"


if __name__ == "__main__":
    sys.exit(main())
