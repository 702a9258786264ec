"""What `audit codes` says of the code book, in plain text."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from audit.codes import NOT_IN_BOOK, code_book
from audit.edits import read_limits, read_pairs

if TYPE_CHECKING:
    from audit.codes import Code
    from audit.settings import Settings

WIDTH = 100
"""Letters in a line of the terminal."""


def tell_codes() -> str:
    """Return the whole book, a line a code, under its families."""
    book = code_book()
    lines = []
    for family, codes in book.families().items():
        lines.append(family or "other codes")
        lines += [f"  {code}  {book.describe(code)}{_ended(book.codes[code])}" for code in codes]
    return "\n".join(lines)


def tell_code(code: str, settings: Settings) -> str:
    """Return everything the book knows of one code: how it is billed, what its note must show."""
    book = code_book()
    known = book.codes.get(code)
    if known is None:
        category = book.category_of(code)
        pattern = "" if category == NOT_IN_BOOK else f" (by its pattern: {category})"
        return f"{code} is {NOT_IN_BOOK}{pattern}. That is no error: it is counted like any other."
    lines = [
        f"{known.code}  {known.description}",
        f"Category {known.category}; {known.family or 'in no family'}",
        f"Billed by: {', '.join(known.disciplines) or 'anybody'}",
        f"Billed as: {_count_units(known)}",
        f"Valid: {known.valid_from or 'first day not known'} to {known.valid_to or 'today'}",
    ]
    if known.add_on_to:
        lines.append(f"Only with one of: {', '.join(known.add_on_to)}")
    never = _never_with(code, settings)
    lines += [f"Never paid separately by: {', '.join(never)}"] if never else []
    lines += _therapy(known, settings)
    lines += _pairs(code, settings)
    lines += _limit(code, settings)
    lines.append("Its note must show:")
    lines += [
        f"  {element.title}{'' if element.state == 'required' else ' (advised)'}: {element.question}"
        for element in settings.elements
        if any(element.applies(code, discipline) for discipline in ("", *known.disciplines))
    ]
    lines += [f"Note: {known.note}"] if known.note else []
    lines.append(f"Source: {known.source or 'general knowledge'}{'' if known.sure else ', to be checked'}")
    return "\n".join(fill(line, WIDTH, subsequent_indent="    ") for line in lines)


def _ended(code: Code) -> str:
    return f"  (ended {code.valid_to})" if code.valid_to else ""


def _count_units(code: Code) -> str:
    """Return how its units are counted, in plain words."""
    if not code.timed:
        return "one unit, however long it takes (its minutes count in no other code's units)"
    if not code.quarter_hours:
        return "units of the time that its description tells"
    return (
        "units of 15 minutes of one-on-one treatment; a payer counts the minutes of all timed codes of a day "
        "together (8 to 22 make one unit, 23 to 37 two, and so on), as Medicare does, or each code for itself"
    )


def _therapy(code: Code, settings: Settings) -> list[str]:
    """Return which payers want the therapy plan named on its lines."""
    if code.therapy not in ("always", "sometimes"):
        return []
    wanting = [name for name, payer in settings.payers.items() if payer.therapy_modifiers]
    when = "" if code.therapy == "always" else " where a therapist gives it"
    return [f"Named with its therapy plan (GP, GO or GN){when} at: {', '.join(wanting)}"] if wanting else []


def _never_with(code: str, settings: Settings) -> list[str]:
    return [
        name
        for name, payer in settings.payers.items()
        if any(item.value == code for item in payer.bundled_codes())
    ]


def _pairs(code: str, settings: Settings) -> list[str]:
    """Return which codes of the book Medicare does not pay beside it on the same day, or pays instead."""
    known = read_pairs(settings.edits, code_book().codes)
    active = [pair for pair in known.pairs if pair.ended is None]
    groups = (
        ("Never paid beside it", [one.bundled for one in active if one.paid == code and one.modifier == "0"]),
        ("Never paid beside", [one.paid for one in active if one.bundled == code and one.modifier == "0"]),
        (
            "Paid beside it only as a separate service, which the note must show",
            [one.bundled for one in active if one.paid == code and one.modifier == "1"],
        ),
        (
            "Itself paid only as a separate service, which the note must show, beside",
            [one.paid for one in active if one.bundled == code and one.modifier == "1"],
        ),
    )
    lines = [f"  {title}: {', '.join(sorted(codes))}" for title, codes in groups if codes]
    if not lines:
        return []
    head = f"On one day, one patient, one clinician ({known.edition.told}; they change each quarter):"
    return [head, *lines]


def _limit(code: str, settings: Settings) -> list[str]:
    """Return how many units of the code Medicare finds likely at most."""
    newest = read_limits(settings.edits, (code,))[-1]
    limit = newest.limits.get(code)
    if limit is None:
        return []
    where = {1: "on one line", 2: "on one day", 3: "on one day unless the record supports more"}[limit.per]
    source = f"{newest.edition.told}; no guide to what is needed"
    return [f"Units at Medicare: at most {limit.units} {where} ({source})"]
