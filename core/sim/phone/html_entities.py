"""The Bot API's HTML: markup into plain text and entities, with the server's own words for every mistake.

Written from the published formatting rules. Entity offsets and lengths count UTF-16 code units; the byte
offsets in error texts count UTF-8 bytes of what was sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}  # fmt: skip
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-z]+);?")
_ATTRIBUTE = re.compile(r"""\s+([a-zA-Z-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+))?""")


class EntityError(ValueError):
    """The text cannot be parsed; the message is the server's description without its prefix."""


@dataclass(slots=True)
class _Open:
    """A tag whose end has not come yet."""

    tag: str
    attributes: dict[str, str]
    start: int  # in UTF-16 units


@dataclass(slots=True)
class _Parser:
    source: str
    text: list[str] = field(default_factory=list)
    length: int = 0  # of the text so far, in UTF-16 units
    stack: list[_Open] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)

    def run(self) -> None:
        at = 0
        while at < len(self.source):
            char = self.source[at]
            if char == "<":
                at = self._tag(at)
            elif char == "&":
                at = self._reference(at)
            else:
                at = self._plain(at)
        if self.stack:
            tag = self.stack[-1].tag
            raise EntityError(f'Can\'t find end tag corresponding to start tag "{tag}"')

    def _put(self, text: str) -> None:
        self.text.append(text)
        self.length += utf16(text)

    def _plain(self, at: int) -> int:
        end = min(_find(self.source, "<", at), _find(self.source, "&", at))
        self._put(self.source[at:end])
        return end

    def _reference(self, at: int) -> int:
        found = _REFERENCE.match(self.source, at)
        char = _char(found.group(1)) if found else None
        if found is None or char is None:
            self._put("&")
            return at + 1
        self._put(char)
        return found.end()

    def _tag(self, at: int) -> int:
        end = self.source.find(">", at)
        if end < 0:
            raise EntityError(f"Unclosed start tag at byte offset {self._bytes(at)}")
        if self.source.startswith("</", at):
            self._close(self.source[at + 2 : end].strip().lower(), at)
        else:
            self._open(self.source[at + 1 : end], at)
        return end + 1

    def _open(self, inside: str, at: int) -> None:
        tag = re.split(r"[\s/]", inside, maxsplit=1)[0].lower()
        attributes = {
            name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(inside[len(tag) :])
        }
        spoiler = tag != "span" or attributes.get("class") == "tg-spoiler"
        if tag not in _KINDS or not spoiler:
            raise EntityError(f'Unsupported start tag "{tag}" at byte offset {self._bytes(at)}')
        self.stack.append(_Open(tag, attributes, self.length))

    def _close(self, tag: str, at: int) -> None:
        if not self.stack:
            raise EntityError(f"Unexpected end tag at byte offset {self._bytes(at)}")
        opened = self.stack.pop()
        if tag and tag != opened.tag:
            where = f"Unmatched end tag at byte offset {self._bytes(at)}"
            raise EntityError(f'{where}, expected "</{opened.tag}>", found "</{tag}>"')
        if self.length > opened.start:
            self._entity(opened)

    def _entity(self, opened: _Open) -> None:
        entity: dict[str, Any] = {
            "type": _KINDS[opened.tag], "offset": opened.start, "length": self.length - opened.start,
        }  # fmt: skip
        if opened.tag == "a":
            if "href" not in opened.attributes:
                return  # as the server does: a link without an address is plain text
            entity["url"] = opened.attributes["href"]
        if opened.tag == "tg-emoji":
            entity["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
        if opened.tag == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        self.entities.append(entity)

    def _bytes(self, at: int) -> int:
        return len(self.source[:at].encode())


def parse_html(source: str) -> tuple[str, tuple[dict[str, Any], ...]]:
    """The text and its entities, trimmed as the server trims them. Raises EntityError."""
    parser = _Parser(source)
    parser.run()
    whole = "".join(parser.text)
    text = whole.strip()
    cut = utf16(whole[: len(whole) - len(whole.lstrip())])
    size = utf16(text)
    entities = [_moved(entity, cut, size) for entity in parser.entities]
    kept = [entity for entity in entities if entity["length"] > 0]
    return text, tuple(sorted(kept, key=lambda entity: (entity["offset"], -entity["length"])))


def _moved(entity: dict[str, Any], cut: int, size: int) -> dict[str, Any]:
    start = max(0, entity["offset"] - cut)
    end = min(size, entity["offset"] + entity["length"] - cut)
    return {**entity, "offset": start, "length": end - start}


def _char(name: str) -> str | None:
    """The character of an entity's name or number; None when there is none."""
    if not name.startswith("#"):
        return _NAMED.get(name)
    code = int(name[2:], 16) if name[1] == "x" else int(name[1:])
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else None


def _find(text: str, what: str, start: int) -> int:
    found = text.find(what, start)
    return len(text) if found < 0 else found


def utf16(text: str) -> int:
    """Length in UTF-16 code units, as the Bot API counts."""
    return len(text) + sum(char > "\uffff" for char in text)
