"""Numbers of about 31 digits made of two floats, for compiled code that has no Decimal.

`Wide(hi, lo)` is the sum of its parts, `lo` at most half a unit in the last place of `hi` (double-double
arithmetic after Dekker 1971; products split after Veltkamp). Sums and products of whole numbers are exact
below 2^104. Two values that agree to 29 digits compare as equal, which is more than Decimal's own 28: what
is a tie in decimals is a tie here, although neither 0.1 nor a third has an end in binary.

The functions are plain and scalar: CPython runs them as they stand and a compiler takes the very same.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor

AGREE = 2.0**-96  # relative difference below which two values are the same number
_SPLIT = 134217729.0  # 2^27 + 1
_SURELY_BELOW = 0.9  # a fraction below it does not agree with 1


class Wide:
    """One number; immutable by custom."""

    __slots__ = ("hi", "lo")

    def __init__(self, hi: float, lo: float) -> None:
        self.hi = hi
        self.lo = lo

    def __add__(self, other: Wide | int) -> Wide:
        return add(self, as_wide(other))

    def __radd__(self, other: int) -> Wide:
        return add(as_wide(other), self)

    def __sub__(self, other: Wide) -> Wide:
        return sub(self, other)

    def __mul__(self, other: Wide) -> Wide:
        return mul(self, other)

    def __rmul__(self, other: int) -> Wide:
        return mul(as_wide(other), self)

    def __truediv__(self, other: Wide) -> Wide:
        return div(self, other)

    def __lt__(self, other: Wide) -> bool:
        return less(self, other)

    def __gt__(self, other: Wide) -> bool:
        return more(self, other)

    def __ge__(self, other: Wide) -> bool:
        return at_least(self, other)

    def __repr__(self) -> str:
        return f"Wide({self.hi!r}, {self.lo!r})"


def as_wide(value: Wide | int) -> Wide:
    return value if isinstance(value, Wide) else from_int(value)


def parts(value: Fraction) -> tuple[float, float]:
    """The two floats nearest to an exact value."""
    hi = float(value)
    return hi, float(value - Fraction(hi))


def from_int(value: int) -> Wide:
    """Exact for every whole number below 2^104 (compiled: 2^62)."""
    hi = float(value)
    return Wide(hi, float(value - int(hi)))


def two_sum(a: float, b: float) -> Wide:
    """a + b without any rounding (Knuth)."""
    total = a + b
    part = total - a
    return Wide(total, (a - (total - part)) + (b - part))


def quick_sum(a: float, b: float) -> Wide:
    """a + b without any rounding, when |a| >= |b|."""
    total = a + b
    return Wide(total, b - (total - a))


def two_product(a: float, b: float) -> Wide:
    """a x b without any rounding."""
    product = a * b
    big = _SPLIT * a
    a_hi = big - (big - a)
    a_lo = a - a_hi
    big = _SPLIT * b
    b_hi = big - (big - b)
    b_lo = b - b_hi
    return Wide(product, ((a_hi * b_hi - product) + a_hi * b_lo + a_lo * b_hi) + a_lo * b_lo)


def add(a: Wide, b: Wide) -> Wide:
    s = two_sum(a.hi, b.hi)
    t = two_sum(a.lo, b.lo)
    s = quick_sum(s.hi, s.lo + t.hi)
    return quick_sum(s.hi, s.lo + t.lo)


def sub(a: Wide, b: Wide) -> Wide:
    return add(a, Wide(-b.hi, -b.lo))


def mul(a: Wide, b: Wide) -> Wide:
    p = two_product(a.hi, b.hi)
    return quick_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi))


def div(a: Wide, b: Wide) -> Wide:
    """a / b by a quotient and its correction; `b` is not zero."""
    first = a.hi / b.hi
    rest = sub(a, mul(b, Wide(first, 0.0)))
    return quick_sum(first, rest.hi / b.hi)


def quotient(a: float, b: float) -> Wide:
    """a / b of two floats; `b` is not zero."""
    first = a / b
    back = two_product(first, b)
    return quick_sum(first, ((a - back.hi) - back.lo) / b)


def compare(a: Wide, b: Wide) -> int:
    """-1, 0 or 1; 0 also for values that agree to 29 digits."""
    gap = sub(a, b).hi
    if abs(gap) <= AGREE * max(abs(a.hi), abs(b.hi)):
        return 0
    return -1 if gap < 0 else 1


def less(a: Wide, b: Wide) -> bool:
    return compare(a, b) < 0


def more(a: Wide, b: Wide) -> bool:
    return compare(a, b) > 0


def at_least(a: Wide, b: Wide) -> bool:
    return compare(a, b) >= 0


def floored(a: Wide) -> Wide:
    """The largest whole number not above `a`; one that `a` agrees with counts as reached."""
    found = two_sum(floor_of(a.hi), floor_of((a.hi - floor_of(a.hi)) + a.lo))
    beyond, near = sub(a, found).hi, AGREE * abs(a.hi)
    if beyond < -near:
        return add(found, Wide(-1.0, 0.0))
    if beyond + near < _SURELY_BELOW:
        return found
    above = add(found, Wide(1.0, 0.0))
    return above if compare(a, above) >= 0 else found


def floor_of(value: float) -> float:
    return float(floor(value)) if abs(value) < 4503599627370496.0 else value


def whole(a: Wide) -> int:
    """`floored` as an integer (compiled: below 2^62)."""
    found = floored(a)
    return int(found.hi) + int(found.lo)


def nearest(a: Wide) -> int:
    """The nearest whole number, half way to the even one, as an integer (compiled: below 2^62)."""
    below = floored(a)
    number = int(below.hi) + int(below.lo)
    past_half = sub(sub(a, below), Wide(0.5, 0.0)).hi
    if abs(past_half) <= AGREE * abs(a.hi):
        return number + number % 2
    return number + 1 if past_half > 0 else number
