"""Times of day as they are said, as digits: half past seven in the morning, 6.45 pm, um halb acht abends."""

from __future__ import annotations

import re

_COUNTED = (
    "one eins", "two zwei dos deux dois duas", "three drei tres trois tre",
    "four vier cuatro quatre quattro quatro", "five funf fuenf cinco cinq cinque", "six sechs seis sei",
    "seven sieben siete sept sette sete",
    "eight acht ocho huit otto oito", "nine neun nueve neuf nove", "ten zehn diez dix dieci dez",
    "eleven elf once onze undici", "twelve zwolf zwoelf doce douze dodici doze",
)  # fmt: skip
_HOURS = {name: hour for hour, names in enumerate(_COUNTED, start=1) for name in names.split()}
_MINUTES = {
    "half": 30, "halb": 30, "media": 30, "demie": 30, "mezza": 30, "mezzo": 30, "meia": 30,
    "quarter": 15, "viertel": 15, "cuarto": 15, "quart": 15, "quarto": 15,
    "five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "twenty five": 25, "thirty": 30, "forty": 40,
    "forty five": 45, "fifty": 50,
}  # fmt: skip
_MORNING = (
    "(?:in the |this )?morning|de la manana|da manha|du matin|di mattina|del mattino|morgens|fruh|frueh"
    "|vormittags|am morgen"
)
_LATE = (
    "(?:in the |this )?(?:afternoon|evening)|tonight|de la tarde|da tarde|de l'apres[ -]midi|du soir"
    "|del pomeriggio|di sera|nachmittags|abends|am (?:abend|nachmittag)"
)
_NIGHT = "at night|de la noche|da noite|di notte|nachts"
_CLOCK = re.compile(
    r"(?<![\d.,:$€£/-])\b(?P<lead>a las? |a )?"
    r"(?:(?P<part>half|(?:a )?quarter|twenty[ -]five|twenty|ten|five|\d{1,2}(?= minutes?\b))"
    r"(?P<minutes> minutes?)? (?P<way>past|after|to) "
    r"|(?P<abroad>um halb|viertel nach|viertel vor|(?:(?<=at )|(?<=by ))half) )?"
    rf"(?P<hour>(?:[01]?\d|2[0-4])(?!\d)|{'|'.join(sorted(_HOURS, key=len, reverse=True))})"
    r"(?:[:.h ](?P<minute>[0-5]\d(?!\d)|fifteen|thirty|forty[ -]five|forty|twenty|ten|fifty)\b)?"
    r"(?P<oclock>\s*(?:o'?\s?clock|uhr(?: (?P<uhr>[0-5]\d))?|heures?)\b)?"
    r"(?: (?:y|et|e) (?P<rest>media|cuarto|demie|quart|mezza|mezzo|quarto|meia)\b)?"
    r"(?P<half>\s*[ap]\.?m\b\.?)?"
    rf"(?P<day>\s+(?:(?P<morning>{_MORNING})|(?P<late>{_LATE})|(?P<night>{_NIGHT})))?"
    r"(?!\S*[\d%])(?!\w)"
)
_RANGE = re.compile(
    rf"\b(?P<joint>between|from) (?P<hour>{'|'.join(_HOURS)}) (?=(?:and|to|until|till) \d\d:\d\d)"
)
_MONEY = re.compile(r"\s*(?:usd|dollars?|dolares|bucks|euros?|eur|%|percent|por ciento)")


def clock_words(text: str) -> str:
    """A message in lower case with its times of day as HH:MM."""
    return _RANGE.sub(lambda m: f"{m['joint']} {_HOURS[m['hour']]:02d}:00 ", _CLOCK.sub(_told, text))


def _told(found: re.Match[str]) -> str:
    if not _names_time(found):
        return found[0]
    hour = _HOURS.get(found["hour"]) or int(found["hour"])
    minute = _minute(found)
    if found["way"] == "to" or found["abroad"] in ("um halb", "viertel vor"):
        hour, minute = hour - 1, 60 - minute
    day = found["day"] or ""
    kept = day if "this " in day or "tonight" in day else ""  # the day it is said of
    lead = "" if found["part"] else found["lead"] or ""
    return f"{lead}{_of_the_day(hour, found) % 24:02d}:{minute % 60:02d}{kept}"


def _names_time(found: re.Match[str]) -> bool:
    """Whether the words can only be a time of day, and not an amount, a price or an article."""
    if _MONEY.match(found.string, found.end()):
        return False
    spanish = (found["lead"] or "").startswith("a la")
    in_words = not found["hour"].isdigit()
    if found["hour"] == "once":
        return spanish
    named = " " in (found["day"] or "").strip() or "tonight" in (found["day"] or "")
    day = found["day"] and (not in_words or named or found["minute"])
    half = found["half"] and (in_words or bool(found["minute"]) or bool(found["part"]))
    french = found["oclock"] and "heure" in found["oclock"]
    if french and not day:
        return found["lead"] == "a "
    if day or half or found["oclock"] or found["abroad"] or spanish:
        return True
    said = (found["part"] or "").removeprefix("a ")
    return found["way"] == "past" or (found["way"] == "to" and (said == "quarter" or bool(found["minutes"])))


def _minute(found: re.Match[str]) -> int:
    said = found["part"] or (found["abroad"] or "").removeprefix("um ").split(" ")[0]
    said = said or found["minute"] or found["uhr"] or found["rest"] or "0"
    said = said.removeprefix("a ").replace("-", " ")
    return int(said) if said.isdigit() else _MINUTES[said]


def _of_the_day(hour: int, found: re.Match[str]) -> int:
    """The hour of 24: seven in the evening is 19, two at night is 2, twelve at night is 0."""
    half = (found["half"] or "").strip()[:1]
    if found["morning"] or half == "a":
        return hour % 12 if hour == 12 else hour
    if found["late"] or half == "p":
        return hour + 12 if hour < 12 else hour
    return hour + 12 if found["night"] and 5 < hour <= 12 else hour
