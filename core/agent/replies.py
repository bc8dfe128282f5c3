"""Replies without a channel: text, tables, buttons and pictures that each door draws in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """What a button means to the eye."""

    PLAIN = "plain"
    CONFIRM = "confirm"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. `strong` is a headline. Plain text: each door escapes it."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of short cells; the first column names the row. All cells are ready to show."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Button:
    """`action` is `yes:<token>`, `no:<token>`, `ask:<text>`, or `go:<text>`, whose answer takes the place of
    the message; at most 64 bytes."""

    label: str
    action: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Buttons:
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with a text alternative."""

    png: bytes
    alt: str


Block = Text | Table | Buttons | Picture


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to the owner."""

    blocks: tuple[Block, ...]
    proposal: str | None = None  # token of the confirmation it shows
    refresh: str = ""  # a command that would bring this reply up to date, such as /status
    done: bool = False  # it tells of a deed: a door may nod at the words that asked for it

    @property
    def plain(self) -> str:
        """The whole reply as plain text, as the shell and the logs show it."""
        return "\n".join(part for part in map(_plain, self.blocks) if part)


def say(*lines: str) -> Reply:
    """A reply of plain paragraphs."""
    return Reply(tuple(Text(line) for line in lines if line))


def _plain(block: Block) -> str:
    if isinstance(block, Text):
        return block.text
    if isinstance(block, Picture):
        return f"[picture: {block.alt}]"
    if isinstance(block, Buttons):
        return " ".join(f"[{button.label}]" for button in block.buttons)
    rows = [row for row in (block.head, *block.rows) if any(row)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows
    )
