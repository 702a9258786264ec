"""TOML into validated structs, and what is wrong with it in one sentence that names file and key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from audit.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

CODE_PATTERN = "^[A-Z0-9]{5}$"
MODIFIER_PATTERN = "^[A-Z0-9]{2}$"
ID_PATTERN = "^[a-z][a-z_]*$"
OWN_ID_PATTERN = "^[a-z0-9][a-z0-9_-]*$"

Text = Annotated[str, Meta(min_length=1)]
Texts = Annotated[list[Text], Meta(min_length=1)]
CodeText = Annotated[str, Meta(pattern=CODE_PATTERN)]
ModifierText = Annotated[str, Meta(pattern=MODIFIER_PATTERN)]
Count = Annotated[int, Meta(ge=1)]
Days = Annotated[int, Meta(ge=0, le=3660)]
Share = Annotated[float, Meta(gt=0, le=1)]
"""Kinds of values that settings may hold."""

WORDS = {
    "str": "text in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "date": "a date such as 2026-01-31",
    "array": "a list in [ ]",
    "object": "a table",
    "null": "left out",
}
AS_MADE = "left as the program wrote it"
PATTERNS = {
    CODE_PATTERN: "a code of five capital letters or digits, such as 97140",
    MODIFIER_PATTERN: "a modifier of two capital letters or digits, such as GP",
    ID_PATTERN: "small letters and underscores",
    OWN_ID_PATTERN: "small letters, digits, hyphens and underscores",
}


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; SettingsError when it cannot be opened or is not valid."""
    try:
        return parse_toml(path.read_bytes(), path.name)
    except OSError as error:
        raise SettingsError(f"{path.name}: cannot be read ({error.strerror}); check the path.") from error


def parse_toml(content: bytes, file: str) -> dict[str, Any]:
    """Return the tables of a TOML text; `file` is what messages call it."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: not saved as UTF-8 text; save it again with that encoding.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not valid TOML: {str(error)[:1].lower()}{str(error)[1:]}.") from error


def convert(table: Any, kind: Any, file: str) -> Any:
    """Return `table` as `kind`; what does not fit is a `SettingsError` that names file and key."""
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        steps = _steps(table, kind, str(error), path.rstrip("`"))
        raise SettingsError(f"{file}{_sentence(message, steps, _kind_at(kind, steps))}") from error


def schema_of(kind: type) -> dict[str, Any]:
    """Return the JSON Schema of a struct, whether Python keeps the indentation of its docstring or not."""
    from inspect import cleandoc

    schema: dict[str, Any] = msgspec.json.schema(kind)
    for one in schema["$defs"].values():
        if "description" in one:
            one["description"] = cleandoc(one["description"])
    return schema


def _steps(table: Any, kind: Any, error: str, path: str) -> list[str | int]:
    """Return the keys that lead to the error; a key that msgspec leaves out is found by trying each."""
    steps: list[str | int] = []
    place: Any = table
    for name, index in re.findall(r"\.([^.\[]+)|\[([^\]]*)\]", path):
        step: str | int = name or (int(index) if index.isdigit() else "")
        if not step and index == "...":
            step = next((key for key in place if _fails_alike(table, kind, error, steps, key)), "")
        steps.append(step)
        place = {} if isinstance(place, dict) and step not in place else place[step]
    return steps


def _fails_alike(table: Any, kind: Any, error: str, steps: list[str | int], key: str) -> bool:
    """Tell whether the same error remains when the table at `steps` holds nothing but `key`."""
    try:
        msgspec.convert(_only(table, steps, key), kind)
    except msgspec.ValidationError as again:
        return str(again) == error
    return False


def _only(table: Any, steps: list[str | int], key: str) -> Any:
    if not steps:
        return {key: table[key]}
    first, *rest = steps
    if isinstance(table, list):
        return [_only(item, rest, key) if number == first else item for number, item in enumerate(table)]
    return {name: _only(item, rest, key) if name == first else item for name, item in table.items()}


def _kind_at(kind: Any, steps: list[str | int]) -> Any:
    """Return the described type that `steps` lead to, so that its allowed keys and values can be named."""
    from msgspec import inspect

    here: Any = inspect.type_info(kind)
    for step in steps:
        options = [here, *getattr(here, "types", ())]
        here = next(filter(None, (_inside(option, step) for option in options)), None)
    return here


def _inside(kind: Any, step: str | int) -> Any:
    if hasattr(kind, "fields"):
        return next((item.type for item in kind.fields if item.encode_name == step), None)
    return getattr(kind, "value_type", None) or getattr(kind, "item_type", None)


def _sentence(message: str, steps: list[str | int], kind: Any) -> str:
    """Return the rest of a message after the file's name, in plain words."""
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", message)
    if unknown:
        fields = [item.encode_name for option in _options(kind) for item in getattr(option, "fields", ())]
        return f'{_place(steps)}: unknown key "{unknown[1]}"{nearest(unknown[1], fields)}'
    missing = re.fullmatch(r"Object missing required field `(.*)`", message)
    if missing:
        return f'{_place(steps)}: the key "{missing[1]}" is missing; add it.'
    if not steps or not re.match(r"Expected|Invalid", message):
        return f"{_place(steps)}: {message.rstrip('.')}{'' if message.endswith('?') else '.'}"
    where = (
        f'{_place(steps[:-1])}: "{steps[-1]}"'
        if isinstance(steps[-1], str)
        else f"{_place(steps)}: the value"
    )
    values = [str(value) for option in _options(kind) for value in getattr(option, "values", ())]
    if message.startswith("Invalid") and values:
        return f"{where} must be one of {', '.join(values)}."
    return f"{where} must be {_expected(message)}."


def _options(kind: Any) -> list[Any]:
    return [kind, *getattr(kind, "types", ())]


def _expected(message: str) -> str:
    """Return what a value must be: msgspec's own words, made plain."""
    wanted, _, got = message.removeprefix("Expected ").partition(", got ")
    if "matching regex" in wanted:
        return next((words for pattern, words in PATTERNS.items() if pattern in wanted), AS_MADE)
    if "RFC3339" in wanted:
        return WORDS["date"]
    if length := re.fullmatch(r"`(?:str|array)` of length >= (\d+)", wanted):
        return f"filled in (at least {length[1]} long)"
    wanted = (
        wanted.replace(">=", "of at least")
        .replace("<=", "of at most")
        .replace(">", "above")
        .replace("<", "below")
    )
    for name, words in WORDS.items():
        wanted = re.sub(rf"\b{name}\b", words, wanted)
    wanted = re.sub(r" \| ", " or ", wanted.replace("`", ""))
    got = WORDS.get(got.strip("`"), "").removesuffix(" in quotes")
    return f"{wanted}, not {got}" if got else wanted


def _place(steps: list[str | int]) -> str:
    """Return the table that a message is about: `, [layouts] entry 1, [columns]`."""
    words = [f"entry {step + 1}" if isinstance(step, int) else f"[{step}]" for step in steps]
    return f", {' '.join(words)}" if words else ""


def suggest(name: str, known: Iterable[str]) -> str:
    """Return the known name most like an unknown one, as the end of a message; "" where none is."""
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a message about an unknown name: the known one most like it, else all of them."""
    return suggest(name, known) or f"; known are {', '.join(known)}."
