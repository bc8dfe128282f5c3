"""Colours and sizes that read on a phone, by day and by night."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """One look. `up` and `down` differ in lightness too, for eyes that do not tell red from green."""

    name: str
    paper: str
    ink: str
    faint: str
    grid: str
    up: str
    down: str
    line: str
    mark: str


DARK = Theme("dark", "#11161d", "#e8edf2", "#93a1b0", "#232c37", "#3ecf8e", "#e5484d", "#5aa9ff", "#ffc53d")
LIGHT = Theme("light", "#ffffff", "#16202b", "#5b6875", "#e6eaee", "#0f9d6b", "#c62a2f", "#1f6feb", "#b26a00")

# Ten inches at 108 points make 1080 pixels: a phone's width, shown without scaling.
WIDTH_IN, HEIGHT_IN, DPI = 10.0, 8.4, 108
TEXT, SMALL, TITLE = 17, 14, 22
