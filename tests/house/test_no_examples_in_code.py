"""The offline brain is written from a grammar: no development utterance stands in the source."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "acceptance" / "dev_utterances.jsonl"
LEAST_WORDS = 4


def normal(text: str) -> str:
    """Lower-case words with single spaces; every other character is a gap."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def sources() -> dict[str, str]:
    files = (file for room in ("bot", "core", "web") for file in (ROOT / room).rglob("*.py"))
    return {str(file.relative_to(ROOT)): f" {normal(file.read_text(encoding='utf-8'))} " for file in files}


@pytest.mark.skipif(not SHARED.exists(), reason="the shared development set is not here")
def test_no_development_utterance_stands_in_the_code() -> None:
    rows = [json.loads(line) for line in SHARED.read_text(encoding="utf-8").splitlines()]
    spoken = {normal(row["user"]) for row in rows}
    long_enough = [text for text in spoken if len(text.split()) >= LEAST_WORDS]
    assert len(long_enough) > 30
    code = sources()
    found = [f"{file}: {text}" for file, body in code.items() for text in long_enough if f" {text} " in body]
    assert not found, "\n".join(found)
