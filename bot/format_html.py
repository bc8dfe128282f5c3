"""Replies as Telegram draws them: escaped HTML in pages that fit, narrow tables, keyboards, captions.

A page is cut between blocks, lines and words, never inside a tag or a character. Each page carries its plain
text too, for the day the server refuses the markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from textwrap import wrap

from core.agent.replies import Block, Button, Buttons, Picture, Reply, Table, Text

PAGE_MAX = 4000  # UTF-16 units; the server's own limit is 4096
CAPTION_MAX = 1000  # of 1024
TABLE_WIDTH = 34  # monospaced characters that fit on a narrow phone
CALLBACK_MAX = 64


@dataclass(frozen=True, slots=True)
class Page:
    """One message: HTML, the same as plain text, a keyboard below, a picture above."""

    html: str
    plain: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of visible text and how it is dressed: plain, strong or mono."""

    text: str
    dress: str = "plain"


def pages(reply: Reply) -> list[Page]:
    """The messages of a reply, in order. Buttons hang under the last one; a picture is one of its own."""
    pictures = [block for block in reply.blocks if isinstance(block, Picture)]
    rows = keyboard(reply)
    drawn = [_page(lines) for lines in _packed(_lines(reply.blocks))]
    if pictures:
        drawn = _with_pictures(drawn, pictures)
    if not drawn:
        drawn = [_page([_Line("Done." if not rows else "Choose:")])]
    last = drawn[-1]
    return [*drawn[:-1], Page(last.html, last.plain, rows, last.picture)]


def _with_pictures(drawn: list[Page], pictures: list[Picture]) -> list[Page]:
    """Pictures first; the last one takes the text as its caption when that fits."""
    shown = [Page(escape(one.alt, quote=False), one.alt, (), one) for one in pictures]
    if len(drawn) == 1 and units(drawn[0].plain) <= CAPTION_MAX:
        shown[-1] = Page(drawn[0].html, drawn[0].plain, (), pictures[-1])
        return shown
    return [*shown, *drawn]


def keyboard(reply: Reply) -> tuple[tuple[Button, ...], ...]:
    """Rows of buttons: choices that belong together side by side, the refresh button in a row of its own."""
    rows: list[tuple[Button, ...]] = []
    for block in reply.blocks:
        if isinstance(block, Buttons):
            rows += _rows(tuple(one for one in block.buttons if len(one.action.encode()) <= CALLBACK_MAX))
    refresh = Button("🔄 Refresh", f"ref:{reply.refresh}")
    if reply.refresh and len(refresh.action.encode()) <= CALLBACK_MAX:
        rows.append((refresh,))
    return tuple(rows)


def _rows(buttons: tuple[Button, ...]) -> list[tuple[Button, ...]]:
    """Two buttons a row, or one where a label needs the width."""
    rows: list[tuple[Button, ...]] = []
    for button in buttons:
        short = len(button.label) <= 18
        if short and rows and len(rows[-1]) == 1 and len(rows[-1][0].label) <= 18:
            rows[-1] = (*rows[-1], button)
        else:
            rows.append((button,))
    return rows


def _lines(blocks: tuple[Block, ...]) -> Iterator[_Line]:
    for block in blocks:
        if isinstance(block, Text):
            dress = "strong" if block.strong else "plain"
            yield from (_Line(line, dress) for line in block.text.split("\n"))
        elif isinstance(block, Table):
            yield from (_Line(line, "mono") for line in table_lines(block))


def table_lines(table: Table) -> list[str]:
    """The table in monospaced columns, numbers right-aligned; as one line a cell when it is too wide."""
    rows = [tuple(" ".join(cell.split()) for cell in row) for row in (table.head, *table.rows) if any(row)]
    if not rows:
        return []
    columns = max(map(len, rows))
    rows = [row + ("",) * (columns - len(row)) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(columns)]
    if sum(widths) + columns - 1 > TABLE_WIDTH:
        return _stacked(table) if columns > 2 else [line for row in rows for line in _named(row, widths[0])]
    return [_aligned(row, widths) for row in rows]


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [row[0].ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return " ".join(cells).rstrip()


def _named(row: tuple[str, ...], width: int) -> Iterator[str]:
    """A name and its long value, which goes on below itself; no word or number is cut."""
    name, value = (*row, "")[:2]
    room = max(TABLE_WIDTH - width - 1, TABLE_WIDTH // 2)
    kept = value.replace(" %", "\u00a0%")  # a number and its sign stay on one line
    lines = wrap(kept, room, break_long_words=False, break_on_hyphens=False) or [""]
    parts = [line.replace("\u00a0", " ") for line in lines]
    for label, part in zip((name, *[""] * len(parts)), parts, strict=False):
        yield f"{label.ljust(width)} {part}".rstrip()


def _stacked(table: Table) -> list[str]:
    """A wide table for a narrow screen: each row under its name, one named value a line."""
    lines: list[str] = []
    for row in table.rows:
        lines.append(row[0])
        names = table.head[1:] if any(table.head) else ("",) * (len(row) - 1)
        width = max((len(name) for name in names), default=0)
        lines += [
            f"  {name.ljust(width)} {cell}".rstrip()
            for name, cell in zip(names, row[1:], strict=False)
            if cell
        ]
    return lines


def _packed(lines: Iterator[_Line]) -> Iterator[list[_Line]]:
    """Lines gathered into pages that fit; a line too long for one is cut at words."""
    page: list[_Line] = []
    size = 0
    for line in lines:
        for piece in _fitting(line):
            needed = units(piece.text) + 1
            if page and size + needed > PAGE_MAX:
                yield page
                page, size = [], 0
            page.append(piece)
            size += needed
    if any(line.text.strip() for line in page):
        yield page


def _fitting(line: _Line) -> Iterator[_Line]:
    rest = line.text
    while units(rest) > PAGE_MAX:
        cut = _cut(rest)
        yield _Line(rest[:cut].rstrip(), line.dress)
        rest = rest[cut:].lstrip()
    yield _Line(rest, line.dress)


def _cut(text: str) -> int:
    """Where to end a piece: after the last word that fits, else at the last character that does."""
    most = PAGE_MAX // 2 if any(char > "\uffff" for char in text[:PAGE_MAX]) else PAGE_MAX
    space = text.rfind(" ", most // 2, most)
    return space if space > 0 else most


def _page(lines: list[_Line]) -> Page:
    plain = "\n".join(line.text for line in lines).strip()
    parts = [_dressed([line.text for line in group], dress) for dress, group in groupby(lines, _dress)]
    return Page("\n".join(parts).strip(), plain)


def _dress(line: _Line) -> str:
    return line.dress


def _dressed(lines: list[str], dress: str) -> str:
    text = escape("\n".join(lines), quote=False)
    if not text.strip() or dress == "plain":
        return text
    return f"<pre>{text}</pre>" if dress == "mono" else f"<b>{text}</b>"


def units(text: str) -> int:
    """Length in UTF-16 code units, as Telegram counts."""
    return len(text) + sum(char > "\uffff" for char in text)
