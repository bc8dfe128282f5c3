"""Long lists a page at a time: Previous and Next ask for another page of the same command."""

from __future__ import annotations

import re
from dataclasses import replace

from core.agent.replies import Block, Button, Buttons, Reply, Table, Text

ROWS, LINES, UNPAGED = 10, 45, 20
_PAGE = re.compile(r"(?:^|\s+)page (\d{1,4})\s*$", re.IGNORECASE)
_ACTION_MAX = 64  # bytes that a button can carry


def split_page(rest: str) -> tuple[str, int]:
    """A command's arguments without the page at their end, and that page; the first one without."""
    found = _PAGE.search(rest)
    return (rest[: found.start()], max(1, int(found[1]))) if found else (rest, 1)


def paged(reply: Reply, command: str, page: int = 1) -> Reply:
    """The page of a reply whose table or text is long. Without a command to ask for more, the first rows."""
    table = next((one for one in reply.blocks if isinstance(one, Table) and len(one.rows) > ROWS), None)
    if table is not None:
        size = ROWS if command else UNPAGED
        rows = _part(table.rows, size, page)
        blocks = tuple(replace(table, rows=rows) if one is table else one for one in reply.blocks)
        return _turned(reply, blocks, command, page, -(-len(table.rows) // size))
    if command and len(reply.blocks) > LINES and all(isinstance(one, Text) for one in reply.blocks):
        return _turned(reply, _part(reply.blocks, LINES, page), command, page, -(-len(reply.blocks) // LINES))
    return reply


def _part(rows: tuple, size: int, page: int) -> tuple:  # type: ignore[type-arg]
    pages = max(1, -(-len(rows) // size))
    start = (min(page, pages) - 1) * size
    return rows[start : start + size]


def _turned(reply: Reply, blocks: tuple[Block, ...], command: str, page: int, pages: int) -> Reply:
    """The page with its number and the buttons that turn it."""
    if pages < 2:
        return replace(reply, blocks=blocks)
    if not command:
        return replace(reply, blocks=(*blocks, Text("These are the first of them.")))
    page = min(page, pages)
    turns = [("‹ Previous", page - 1)] * (page > 1) + [("Next ›", page + 1)] * (page < pages)
    buttons = [Button(label, f"go:{command} page {number}") for label, number in turns]
    fitting = tuple(one for one in buttons if len(one.action.encode()) <= _ACTION_MAX)
    onward = f" {command} page {page + 1} shows the next." if page < pages else ""
    where = Text(f"Page {page} of {pages}.{onward}")
    refresh = f"{command} page {page}" if reply.refresh else ""
    return replace(reply, blocks=(*blocks, where, Buttons(fitting)), refresh=refresh)
