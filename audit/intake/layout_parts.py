"""The parts of a proposed layout beside its columns: how values are written, and what its words mean.

A study of a sheet goes in, with its columns; lines of TOML come out, each with a comment that says what was
seen. Whatever the values do not prove is said to be a guess, or commented out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from audit.intake import cells, days
from audit.intake.column_values import DATES, GROUP_WORDS, MONEY, SERVICE_WORDS, Seen, separator_in, short
from audit.intake.header_words import FIELD_NAMES, NOTE_STATUS_NAMES, STATUS_NAMES, find_candidates
from audit.intake.layouts import CODE_ROWS
from audit.intake.sheet_study import Study, element_columns, triples_of
from audit.intake.toml_text import assign, quote, quote_list
from audit.settings import fold_name

if TYPE_CHECKING:
    from audit.settings import Settings


_DECISION_WORDS = {
    "paid": "paid, paid in full, approved, fully paid",
    "reduced": "partially paid, partial, partial payment, partially approved",
    "denied": "denied, denial, declined, not covered",
    "rejected": "rejected, reject",
    "patient": "patient responsibility, applied to deductible, deductible",
    "excluded: withdrawn": "void, voided, cancelled, canceled, withdrawn",
    "not billed": "no charge, self pay, not billed",
    "": "pending, submitted, sent, in process, in review, under review, processing, waiting, open, received, "
    "billed, accepted, in progress, unpaid",
}
STATUS_WORDS = {word: decision for decision, words in _DECISION_WORDS.items() for word in words.split(", ")}
"""How status words are usually meant; "" is no answer yet."""

YES_WORDS = {"yes", "y", "true", "1", "x", "present"}


NO_WORDS = {"no", "n", "false", "0", "absent"}


SIGNED_WORDS = YES_WORDS | {
    "signed",
    "complete",
    "completed",
    "finalized",
    "finalised",
    "final",
    "locked",
    "closed",
}


UNSIGNED_WORDS = NO_WORDS | {
    *("unsigned", "not signed", "draft", "incomplete", "open", "pending", "in progress", "not started"),
    *("missing", "no note", "unlocked", "not complete"),
}


MONEY_WORDS = {
    "payment",
    "payments",
    "adjustment",
    "adjustments",
    "refund",
    "write off",
    "transfer",
    "credit",
    "balance",
}


# How values are written -----------------------------------------------------------------------------------


def decide_decimal(seen: Mapping[str, Seen]) -> tuple[str, str]:
    """Return the decimal mark under which more amounts can be read, and why; "" where a point reads all."""
    point = comma = 0
    for name in (*MONEY, "units"):
        for header in find_candidates(list(seen), FIELD_NAMES[name]):
            each = seen[header]
            read = [cells.parse_hundredths(each.texts, mark).known for mark in (".", ",")]
            point += int(each.counts[read[0] & ~read[1]].sum())
            comma += int(each.counts[read[1] & ~read[0]].sum())
    if comma > point:
        return ",", f"{comma:,} amounts can be read only with a decimal comma, {point:,} only with a point"
    return ".", f"{comma:,} amounts could be read only with a comma" if comma else ""


def decimal_line(study: Study, why: str) -> list[str]:
    if study.decimal == "," or why:
        return [assign("decimal", quote(study.decimal), why)]
    return []


def decide_dates(study: Study, seen: Mapping[str, Seen]) -> tuple[str, list[str]]:
    """Return the order of day and month that all dates of the sheet prove, and the lines that say so."""
    columns = [seen[study.columns[name][0]] for name in DATES if name in study.columns]
    proof = days.Evidence()
    for each in columns:
        proof = proof.plus(days.weigh_dates(each.texts))
    if not columns:
        return "", []
    choices = [
        '# dates = "month-first"   # 3/4/26 is the 4th of March',
        '# dates = "day-first"     # 3/4/26 is the 3rd of April',
    ]
    if proof.day_first and proof.month_first:
        both = f"{proof.day_first} of its dates have the day first, {proof.month_first} the month"
        why = f"{both}: mend the file, or choose:"
        return "", [assign("dates", '""', why), *choices]
    if proof.day_first or proof.month_first:
        order = "day-first" if proof.day_first else "month-first"
        return order, [
            assign("dates", quote(order), f"{max(proof[:2])} of its dates can be read in no other way")
        ]
    if proof.either:
        return "", [
            assign("dates", '""', "NEEDED: all its dates can be read in two ways; choose one:"),
            *choices,
        ]
    written = {_date_form(text) for each in columns for text in each.texts[:1000]}
    if written <= {"iso"}:
        return "", [assign("dates", '"iso"', "year first")]
    return "", [
        assign("dates", '""', "day and month cannot be confused in this file; decided anew for every file")
    ]


def _date_form(text: str) -> str:
    return "iso" if re.match(r"[0-9]{4}[-/.]", text) else "other"


def absolute_line(study: Study, seen: Mapping[str, Seen]) -> list[str]:
    """Return the money fields whose amounts are nearly all below zero, as some systems write charges."""
    below: list[str] = []
    for name in ("charge", "allowed", "paid"):
        if name in study.columns and study.row in CODE_ROWS:
            each = seen[study.columns[name][0]]
            values = cells.parse_hundredths(each.texts, study.decimal).values
            minus, plus = int(each.counts[values < 0].sum()), int(each.counts[values > 0].sum())
            below += [name] if minus > 9 * plus else []
    return (
        [assign("absolute", quote_list(below), "nearly all amounts are below zero; their sign is dropped")]
        if below
        else []
    )


def code_lines(study: Study, seen: Mapping[str, Seen]) -> list[str]:
    if study.row != "claim":
        return []
    codes = seen[study.columns["code"][0]]
    signs: Counter[str] = Counter()
    for text, count in zip(codes.texts, codes.counts.tolist(), strict=True):
        if sign := separator_in(text):
            signs[sign] += count
    sign = min(signs, key=lambda each: (-signs[each], each))
    lines = [assign("code_separator", quote(sign), "stands between several codes of a cell")]
    if "units" in study.columns:
        units = seen[study.columns["units"][0]]
        divided = units.share(lambda text: sign in text.strip()) > 0.005 and sign != study.decimal
        why = (
            "units are divided like the codes"
            if divided
            else "a guess to check: the units belong to all codes of the cell"
        )
        lines.append(assign("units_are_total", "false" if divided else "true", why))
    return lines


# What words mean ------------------------------------------------------------------------------------------


def kinds_table(study: Study, seen: Mapping[str, Seen]) -> list[str]:
    """Return which rows are services, where a column tells services from payments."""
    if study.row not in CODE_ROWS:
        return []
    for header in find_candidates(study.sheet.headers, FIELD_NAMES["kind"]):
        words = {text: fold_name(text) for text in seen[header].texts}
        services = [text for text, word in words.items() if word in SERVICE_WORDS]
        if services and any(word in MONEY_WORDS for word in words.values()):
            rest = [text for text in words if text not in services]
            return [
                "",
                "[layouts.kinds]   # a guess to check: which rows are services; all others are set aside",
                assign("column", quote(header)),
                assign(
                    "services", quote_list(services), f"set aside: {', '.join(map(short, sorted(rest)[:6]))}"
                ),
            ]
    return []


def status_table(study: Study, seen: Mapping[str, Seen]) -> list[str]:
    """Return what the words of a status column say, as far as they are plain."""
    if study.row not in (*CODE_ROWS, "claim_header", ""):
        return []
    mapped = {header for headers in study.columns.values() for header in headers}
    candidates = [
        header for header in find_candidates(study.sheet.headers, STATUS_NAMES) if header not in mapped
    ]
    candidates = [
        header for header in candidates if seen[header].filled and not seen[header].nearly_all_differ
    ]
    if not candidates:
        return []
    header, *others = candidates
    also = f"; could also be {', '.join(map(quote, others))}" if others else ""
    texts = seen[header].frequent(50)
    known = {text: STATUS_WORDS[fold_name(text)] for text in texts if fold_name(text) in STATUS_WORDS}
    if not known:
        return []
    lines = [
        "",
        f"[layouts.status]   # a guess to check: what each word says of the payer's answer{also}",
        assign("column", quote(header)),
        "",
        '[layouts.status.words]   # paid, reduced, patient, denied, rejected ...; "" = no answer yet',
    ]
    lines += [assign(quote(text), quote(decision)) for text, decision in known.items()]
    unknown = [text for text in texts if text not in known]
    return lines + [f"# {assign(quote(text), quote(''), 'not clear: say what it means')}" for text in unknown]


def group_table(study: Study, seen: Mapping[str, Seen]) -> list[str]:
    headers = [*study.columns.get("group", ()), *(group for group, _, _ in triples_of(study) if group)]
    words = sorted(
        {cells.plain(text) for header in headers for text in seen[header].texts} & set(GROUP_WORDS)
    )
    if not words:
        return []
    return ["", "[layouts.group_words]", *(assign(quote(word), quote(GROUP_WORDS[word])) for word in words)]


def adjustment_tables(study: Study) -> list[str]:
    lines: list[str] = []
    for group, reason, amount in triples_of(study):
        lines += ["", "[[layouts.adjustments]]"]
        lines += [assign("group", quote(group))] if group else []
        lines += [assign("reason", quote(reason)), assign("amount", quote(amount))]
    return lines


def documentation_table(study: Study, seen: Mapping[str, Seen], settings: Settings) -> list[str]:
    """Return which columns prove what of a note: their own yes and no; other texts only as a suggestion."""
    lines = _signed_lines(study, seen)
    for element, header in element_columns(study.sheet, study.columns, settings).items():
        lines.append(_evidence_line(element, seen[header], YES_WORDS, NO_WORDS))
    if not lines or not study.row or study.row == "posting":
        return []
    return [
        "",
        "[layouts.documentation]   # texts that prove present or absent; any other text is unknown",
        *lines,
    ]


def _signed_lines(study: Study, seen: Mapping[str, Seen]) -> list[str]:
    dated = study.columns.get("signed_on", ())
    candidates = [h for h in find_candidates(study.sheet.headers, NOTE_STATUS_NAMES) if h not in dated]
    return [_evidence_line("signed", seen[header], SIGNED_WORDS, UNSIGNED_WORDS) for header in candidates[:1]]


def _evidence_line(element: str, seen: Seen, yes: set[str], no: set[str]) -> str:
    present = [text for text in seen.texts if fold_name(text) in yes]
    absent = [text for text in seen.texts if fold_name(text) in no]
    others = len(seen.texts) - len(present) - len(absent)
    column = f"column = {quote(seen.header)}"
    blanks = len(seen.column) - seen.filled
    if not present and not absent:
        hint = "any text would be present, a blank absent; use it only if that is so"
        return f'# {element} = {{ {column}, present = ["*"], absent = [""] }}  # {hint}'
    value = f"{{ {column}, present = {quote_list(present)}, absent = {quote_list(absent)} }}"
    notes = [f"{others} other texts are unknown"] if others else []
    notes += [f'{blanks:,} blanks are unknown, unless absent has ""'] if blanks else []
    return assign(element, value, "; ".join(notes))
