"""Hand-made TOML: texts, lists and lines with comments, because a proposal is read by people first."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable

WIDTH = 110


def quote(text: str) -> str:
    """Return a text as a TOML string."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else _escape(sign) for sign in written)


def _escape(sign: str) -> str:
    number = ord(sign)
    if 0xD800 <= number <= 0xDFFF:
        return "\ufffd"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def quote_list(texts: Iterable[str]) -> str:
    """Return texts as a TOML list."""
    return f"[{', '.join(map(quote, texts))}]"


def assign(key: str, value: str, comment: str = "") -> str:
    return f"{key} = {value}  # {comment}" if comment else f"{key} = {value}"


def remark(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="#   ", break_long_words=False)
