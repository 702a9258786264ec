"""The rows behind one figure or finding, so that anybody who holds the files can count them again.

This is the one place that shows what stands in the rows; it goes to the user's own screen or to a
file the user names.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from audit.applicability import visit_of_line
from audit.blocks import count, mean, money_exact, plural, share, units
from audit.codes import reason_book
from audit.deadlines import UNKNOWN_LIMIT, days_left
from audit.errors import SettingsError
from audit.figures import NOUNS, Name
from audit.lines import ABSENT, CHARTED, PRESENT, UNKNOWN
from audit.measures import DISTINCT, WHOLE, Total, marked, rows_behind
from audit.populations import GROUPS, YES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from audit.comparison import Comparison
    from audit.measures import Measure
    from audit.populations import Marks, Populations
    from audit.rules import Rule
    from audit.settings import Settings


NOTE_TEXT = "note_text"
"""A column that tells no reader anything: a number of the note's text."""

OF_NOTES = ("notes", "codes", "patterns")
"""What is to be done where a rule may have looked at plans, referrals or regions."""

STATES = {UNKNOWN: "not told", PRESENT: "yes", ABSENT: "no"}


class Trace(NamedTuple):
    """The rows behind a figure: `rows` with a column `counts_in`, and what counting them gives.

    `counts_in` is "numerator" or "base only". `total` and `base` are what counting or adding up the rows
    gives (`base` None for an amount); `value` says it as the report does.
    """

    title: str
    definition: str
    rows: pd.DataFrame
    total: int
    base: int | None
    value: str


def trace_figure(
    name: Name,
    comparison: Comparison,
    rules: Iterable[Rule],
    populations: Populations,
    settings: Settings,
    as_of: date,
) -> Trace:
    """Return the rows behind a figure's or finding's id; SettingsError when there is none of that name."""
    measure = comparison.measures.get(name.measure)
    rule = next((one for one in rules if one.id == name.measure), None)
    if measure is not None:
        _check(name, measure.groups, measure.part_name, populations.labels)
    elif rule is not None:
        by_code = rule.mark in populations.services.marks
        groups = [
            one for one in GROUPS if one in populations.of(rule.table).groups or (by_code and one == "code")
        ]
        _check(name, groups, "", populations.labels)
        return _trace_rule(rule, name, comparison, populations, settings, as_of)
    else:
        raise SettingsError(f"There is no figure {name.measure}; copy its name from the report.")
    lasting = measure.id in comparison.lasting
    reach = comparison.spans.standing if lasting else comparison.spans
    months = comparison.spans.year.this if measure.year else reach.this
    where = {} if measure.of_whole else name.where
    top = rows_behind(populations, measure.numerator, name.where, months)
    if name.part:
        column = populations.of(measure.numerator.table).frame[measure.split].astype(str).to_numpy()
        top = top[column[top] == name.part[1]]
    total = _add(populations, measure.numerator, name, top)
    same = measure.base is not None and measure.base.table == measure.numerator.table and not name.part
    under = (
        rows_behind(populations, measure.base, where, months) if measure.base else np.empty(0, dtype=np.intp)
    )
    base = _add(populations, measure.base, name, under) if measure.base else None
    shown = np.union1d(top, under) if same and not measure.of_whole else top
    rows = _describe(populations, measure.numerator, name, shown, settings, as_of)
    rows.insert(0, "counts_in", np.where(np.isin(shown, top), "numerator", "base only"))
    if rule is not None:  # a share and a finding may have one name
        rows = rows.assign(**_recorded(populations, rule, shown))
    return Trace(measure.title, measure.definition, rows, total, base, _say(measure, total, base))


def _check(name: Name, groups: Sequence[str], part_name: str, labels: Mapping[str, Sequence[str]]) -> None:
    """Refuse a name that takes a figure apart in a way that the report does not."""
    for group in name.where:
        if group not in groups:
            by = f"only by {', '.join(groups)}" if groups else "only in total"
            raise SettingsError(
                f"{name.measure} is not counted by {group}, {by}; copy its name from the report."
            )
        if name.where[group] not in labels[group]:
            raise SettingsError(
                f"There is no {group} {name.where[group][:40]} in these files; copy the figure's name from "
                "the report, where a blank is %20 and a slash %2F."
            )
    if name.part and (not part_name or name.part[0] != part_name):
        by = f"only by {part_name}" if part_name else "by nothing"
        raise SettingsError(
            f"{name.measure} is not divided by {name.part[0]}, {by}; copy its name from the report."
        )


def _trace_rule(
    rule: Rule, name: Name, comparison: Comparison, populations: Populations, settings: Settings, as_of: date
) -> Trace:
    months = range(populations.months) if rule.standing else comparison.spans.this
    picked = marked(rule.mark, rule.table)
    found = rows_behind(populations, picked, name.where, months)
    shown = picked._replace(of=rule.money or "rows")
    rows = _describe(populations, shown, name, found, settings, as_of)
    rows.insert(0, "counts_in", "numerator")
    rows = rows.assign(**_recorded(populations, rule, found))
    words = plural(len(found), NOUNS[rule.table])
    return Trace(rule.title.format(rows=words), rule.advice, rows, len(found), None, words)


def _add(populations: Populations, total: Total, name: Name, rows: np.ndarray) -> int:
    """Count or add up rows, by other means than the tabulation does."""
    frame = _frame(populations, total, name).iloc[rows]
    if total.of in DISTINCT:
        return int(frame[DISTINCT[total.of]].nunique())
    return len(frame) if total.of == "rows" else int(frame[total.of].sum())


def _frame(populations: Populations, total: Total, name: Name) -> pd.DataFrame:
    by_service = total.table == "visits" and "code" in name.where
    return populations.services.frame if by_service else populations.of(total.table).frame


def _say(measure: Measure, total: int, base: int | None) -> str:
    top = _amount(measure.numerator, total)
    if base is None or measure.base is None:
        return top
    bottom = _amount(measure.base, base)
    if measure.unit == "share":
        return f"{top} of {bottom} = {share(total, base)}"
    return f"{top} / {bottom} = {mean(total, base, measure.unit)}"


def _amount(total: Total, value: int) -> str:
    """Return a count, units, or dollars."""
    if total.of == "rows" or total.of in (*DISTINCT, *WHOLE):
        return count(value)
    return units(value) if total.of == "units" else money_exact(value)


def _describe(
    populations: Populations, total: Total, name: Name, rows: np.ndarray, settings: Settings, as_of: date
) -> pd.DataFrame:
    """Return rows as a reader finds them again: file and row first.

    `patient` is a number of this run, good for counting patients and for nothing else.
    """
    if total.table == "lines":
        described = _lines(populations, rows, settings, as_of, total.of)
    elif total.table == "unbilled":
        described = _unbilled(populations.unbilled.frame.iloc[rows])
    elif total.table == "unmatched":
        described = _unmatched(populations.unmatched.frame.iloc[rows])
    else:
        described = _visits(populations, name, rows, settings)
    if total.of not in ("rows", *DISTINCT, *described):  # what is added up must be seen
        added = _frame(populations, total, name)[total.of].iloc[rows].reset_index(drop=True)
        described[total.of] = added if total.of in WHOLE else added.map(_hundredths, na_action="ignore")
    return described


def _visits(populations: Populations, name: Name, rows: np.ndarray, settings: Settings) -> pd.DataFrame:
    visits = populations.visit_of_service[rows] if "code" in name.where else rows
    frame = populations.visits.frame.iloc[visits].reset_index(drop=True)
    of_line = visit_of_line(populations)
    lines = populations.lines.frame[["source_file", "source_row"]][np.isin(of_line, visits)]
    places = lines["source_file"].astype(str) + " " + lines["source_row"].astype(str)
    by_visit = places.groupby(of_line[np.isin(of_line, visits)]).agg("; ".join)
    return pd.DataFrame(
        {
            **_seen(frame),
            "signed_on": frame["signed_on"].dt.date,
            "claim_lines": by_visit.reindex(visits).to_numpy(),
            "note_lacks": _lacks(populations.visits.marks, visits, settings),
        }
    )


def _recorded(populations: Populations, rule: Rule, rows: np.ndarray) -> dict[str, pd.Series[Any]]:
    """Return what a rule looks at of a line and of its visit's own note: only columns that tell something.

    What another note of the patient tells, as a plan that still runs, stands with that note.
    """
    told: dict[str, pd.Series[Any]] = {}
    visits = rows
    if rule.table == "lines":
        frame = populations.lines.frame.iloc[rows].reset_index(drop=True)
        visits = visit_of_line(populations)[rows]
        told["minutes"] = frame["minutes"]
        told["diagnoses"] = frame["diagnoses"].astype(str).where(frame["diagnoses"] != "")
        told["submitted_date"] = frame["submitted_date"].dt.date
    elif rule.table != "visits":
        return told
    note = populations.visits.frame.iloc[visits].reset_index(drop=True)
    told["visit_minutes"] = note["minutes"]
    told["signed_on"] = note["signed_on"].dt.date
    charted = [column.name for column in CHARTED] if rule.task in OF_NOTES else []
    for name in (one for one in charted if one in note and one != NOTE_TEXT):
        told[name] = note[name].dt.date if name.endswith(("_on", "_until")) else note[name]
    return {name: values for name, values in told.items() if values.notna().any()}


def _seen(frame: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    """Return where a visit stands in the files, and who was seen when, where and by whom."""
    return {
        "file": frame["source_file"].astype(str),
        "row": frame["source_row"],
        "patient": frame["patient_key"],
        "service_date": frame["service_date"].dt.date,
        "clinician": frame["clinician"].astype(str),
        "location": frame["location"].astype(str),
    }


def _unbilled(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            **_seen(frame),
            "note": frame["note"].map(STATES),
            "signed_on": frame["signed_on"].dt.date,
        }
    ).reset_index(drop=True)


def _unmatched(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "file": frame["source_file"].astype(str),
            "row": frame["source_row"],
            "service_date": frame["service_date"].dt.date,
            "code": frame["code"].astype(str),
            "posted_on": frame["posted_on"].dt.date,
            "paid": frame["paid"].map(_hundredths, na_action="ignore"),
        }
    ).reset_index(drop=True)


def _lines(
    populations: Populations, rows: np.ndarray, settings: Settings, as_of: date, counted: str
) -> pd.DataFrame:
    """Return lines with their decisions; what became of them later stands where it tells anything.

    `counted` names the column that a figure adds up: it always stands.
    """
    frame = populations.lines.frame.iloc[rows].reset_index(drop=True)
    left = days_left(populations, settings, as_of, rows)
    denied = (frame["last_decision"] == "denied") & (left["limit"] != UNKNOWN_LIMIT)
    limit = (pd.Timestamp(as_of) + pd.to_timedelta(left["days"], unit="D")).dt.date
    book = reason_book()
    described = pd.DataFrame(
        {
            "file": frame["source_file"].astype(str),
            "row": frame["source_row"],
            "claim": frame["claim_id"].astype(str),
            "patient": frame["patient_key"],
            "service_date": frame["service_date"].dt.date,
            "code": frame["code"].astype(str),
            "modifiers": frame["modifiers"].astype(str),
            "payer": frame["payer"].astype(str),
            "clinician": frame["clinician"].astype(str),
        }
    )
    for column in ("units", "charge", "allowed", "paid", "expected", "first_denied"):
        described[column] = frame[column].map(_hundredths, na_action="ignore")
    for column in ("first_decision", "first_reason", "last_decision", "last_reason"):
        described[column] = frame[column].astype(str)
    reasons = frame["last_reason"].astype(str)
    described["reason_in_words"] = [book.describe(one) if one else "" for one in reasons]
    described["who"] = [book.owner_of(one) if one else "" for one in reasons]
    described["limit"] = limit.where(denied, None)
    described["limit_is_to"] = left["limit"].where(denied, "")
    described["days_left"] = left["days"].astype("Int64").where(denied)
    described["note_lacks"] = _lacks(populations.lines.marks, rows, settings)
    return described.assign(**_afterwards(frame, counted))


def _afterwards(frame: pd.DataFrame, counted: str) -> dict[str, pd.Series]:
    """Return what became of the lines over time: only columns that tell something of them."""
    told: dict[str, pd.Series] = {
        "times_sent": frame["sent"].astype("Int64").where(frame["sent"] > 1),
        "answers": frame["answers"].astype("Int64").where((frame["answers"] > 1) | (counted == "answers")),
        "answered_as": frame["answered_as"].astype(str).where(frame["answered_as"] != ""),
        "claim_sent": frame["has_claim"].map(STATES).where(frame["has_claim"] == ABSENT),
    }
    for name in ("taken_back", "credit"):
        above = frame[name].where((frame[name] > 0) | (counted == name))
        told[name] = above.map(_hundredths, na_action="ignore")
    told["credit_since"] = frame["credit_on"].dt.date.where(told["credit"].notna())
    if counted in WHOLE[1:]:
        told[counted] = frame[counted]
    return {name: values for name, values in told.items() if values.notna().any() or name == counted}


def _lacks(marks: Mapping[str, Marks], rows: np.ndarray, settings: Settings) -> list[str]:
    """Return for each row the documentation elements that its note is known to lack, in words."""
    lacking = {element.title: (marks[element.id][rows] == YES).tolist() for element in settings.elements}
    return ["; ".join(title for title in lacking if lacking[title][at]) for at in range(len(rows))]


def _hundredths(whole: int) -> Decimal:
    """Return cents as dollars, and hundredths as units: a number that a spreadsheet can add up."""
    return Decimal(int(whole)).scaleb(-2)
