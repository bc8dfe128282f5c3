"""Other alphabets: Cyrillic and Greek letters as Latin ones, and the few words that must be heard at once."""

from __future__ import annotations

import re

_LETTERS = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
    "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ы": "y", "ь": "",
    "э": "e", "ю": "yu", "я": "ya", "і": "i", "ї": "i", "є": "e", "ґ": "g", "α": "a", "β": "v", "γ": "g",
    "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l", "μ": "m", "ν": "n",
    "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch",
    "ψ": "ps", "ω": "o", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe",
}  # fmt: skip
_TABLE = str.maketrans(_LETTERS)
# A halt is heard in any script; so is a question for the money, the price and the help.
_WORDS = {
    "pause": "暂停 暫停 停止 一時停止 止めて 일시중지 정지 멈춰 중지 توقف قف إيقاف עצור הפסק रुको विराम หยุด",
    "balance": "余额 餘額 残高 잔액 잔고 الرصيد",
    "price": "价格 價格 価格 値段 가격 السعر",
    "help": "帮助 幫助 ヘルプ 도움말 مساعدة",
    "positions": "持仓 持倉 ポジション 포지션",
    "btc": "比特币 比特幣 ビットコイン 비트코인",
    "eth": "以太坊 イーサリアム 이더리움",
}
_MEANT = {word: meant for meant, words in _WORDS.items() for word in words.split()}
_FOREIGN = re.compile("|".join(sorted(map(re.escape, _MEANT), key=len, reverse=True)))


def in_latin(text: str) -> str:
    """The text in lower case with Latin letters; what cannot be written so is left as it is."""
    if text.isascii():
        return text
    return _FOREIGN.sub(lambda found: f" {_MEANT[found[0]]} ", text).translate(_TABLE)
