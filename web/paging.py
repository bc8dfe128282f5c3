"""`?limit=&before=`: reading them, and cutting pages that neither skip nor repeat a row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from aiohttp import web

from core.model.time_context import to_ms
from web.errors import bad

MOST = 500
LATEST_MS = 4_102_444_800_000  # the year 2100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked for. `before_ms` is exclusive; `after_id` is the last row already seen at `before_ms`."""

    limit: int
    before_ms: int | None = None
    after_id: str = ""


def read_page(request: web.Request, default: int = 50, most: int = MOST) -> Page:
    """The page a query asks for. `before` is a `next` of an earlier answer, an ISO time or ms UTC."""
    limit = read_int(request, "limit", default, 1, most)
    text = request.query.get("before", "")
    if not text:
        return Page(limit)
    moment, _, seen = text.partition("~")
    return Page(limit, read_moment(moment, "before"), seen)


def read_int(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    text = request.query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19 and low <= int(text) <= high):
        raise bad(f"{name} must be a whole number from {low} to {high}.")
    return int(text)


def read_moment(text: str, name: str) -> int:
    """Milliseconds UTC of an ISO time (UTC unless it says otherwise) or of milliseconds as digits."""
    ms = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else _iso_ms(text, name)
    if not 0 <= ms <= LATEST_MS:
        raise bad(f"{name} is out of range.")
    return ms


def _iso_ms(text: str, name: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
        return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise bad(f"{name} must be a time like 2026-01-31T12:00:00Z.") from None


async def cut(
    page: Page,
    fetch: Callable[[int, int | None], Awaitable[Sequence[T]]],
    time_of: Callable[[T], int],
    id_of: Callable[[T], str],
) -> tuple[Sequence[T], str | None]:
    """The rows of a page, newest first, and the `next` that continues after them.

    `fetch(limit, before_ms)` knows only times, and several rows may share one: a page that goes on inside
    such a group asks for the group again and leaves out what was already seen.
    """
    before = page.before_ms + 1 if page.before_ms is not None and page.after_id else page.before_ms
    want = page.limit + 1
    while True:
        got = await fetch(want, before)
        rows = _unseen(page, got, time_of, id_of)
        if len(rows) > page.limit or len(got) < want:
            break
        want *= 2
    shown = rows[: page.limit]
    if len(rows) <= page.limit:
        return shown, None
    return shown, f"{time_of(shown[-1])}~{id_of(shown[-1])}"


def _unseen(
    page: Page, rows: Sequence[T], time_of: Callable[[T], int], id_of: Callable[[T], str]
) -> Sequence[T]:
    if not page.after_id:
        return rows
    for index, row in enumerate(rows):
        if time_of(row) == page.before_ms and id_of(row) == page.after_id:
            return rows[index + 1 :]
    return [row for row in rows if time_of(row) < (page.before_ms or 0)]
