"""The rows that measures count: lines, visits and services, with their month, groups and marks.

A *service* is one code on one visit: where a measure of visits is asked for by code, it counts
services, because a visit has as many codes as were billed on it. Two small populations stand beside
them, of what lacks its counterpart: visits without a line (`unbilled`) and answers without a charge
(`unmatched`). A *mark* says of every row YES, NO, UNSURE (the export does not tell) or OUT (the question
does not arise), so that the four always add up to the rows there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from msgspec import Struct
from msgspec.structs import replace

from audit.elapsed import count_days
from audit.lines import LINES, POSTINGS, conform

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    Marks = NDArray[np.int8]
    Ints = NDArray[np.int64]

YES, NO, UNSURE, OUT = 1, 0, -1, -2

GROUPS = ("code", "payer", "clinician", "location")
"""What figures are shown by. A group divides the base of a measure."""

Table = Literal["lines", "visits", "services", "unbilled", "unmatched"]

TIMES_SENT = ("once", "twice", "three times", "four times or more")
"""How often a line was sent to its first payer, in words."""


ANSWERS = tuple(
    column
    for column in (*LINES, *POSTINGS[1:2])
    if column.name in ("code", "service_date", "posted_on", "paid", "source_file", "source_row")
)
"""Columns of an answer without a charge."""


class Population(Struct, frozen=True):
    """Rows of one table as measures count them.

    `month` counts from the first month of the history; `groups` holds for every group the position
    of the row's value in `Populations.labels`. `paired` counts by month what is not among the rows because
    it has its counterpart (visits with a line, lines with an answer); None where every row is here.
    """

    frame: pd.DataFrame
    month: Ints
    groups: Mapping[str, Ints]
    marks: Mapping[str, Marks]
    paired: Ints | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.month)


class Populations(Struct, frozen=True):
    """The populations of one history, with the values of every group in alphabetical order.

    `service_of_line` and `visit_of_service` are row positions that carry a mark from one table to another.
    """

    lines: Population
    visits: Population
    services: Population
    unbilled: Population
    unmatched: Population
    labels: Mapping[str, tuple[str, ...]]
    first_month: int
    months: int
    service_of_line: Ints
    visit_of_service: Ints
    refusals_told: bool = True

    def of(self, table: Table) -> Population:
        """Return the population of that name."""
        found: Population = getattr(self, table)
        return found

    def with_marks(self, marks: Mapping[Table, Mapping[str, Marks]]) -> Populations:
        """Return the same rows with further marks, given by table and name."""
        changed = {
            table: replace(self.of(table), marks={**self.of(table).marks, **named})
            for table, named in marks.items()
        }
        return self._with(changed)

    def with_columns(self, columns: Mapping[Table, Mapping[str, Any]]) -> Populations:
        """Return the same rows with further columns of their frames, such as cents at stake."""
        changed = {
            table: replace(self.of(table), frame=self.of(table).frame.assign(**named))
            for table, named in columns.items()
        }
        return self._with(changed)

    def _with(self, changed: Mapping[Table, Population]) -> Populations:
        return replace(self, **changed)  # type: ignore[arg-type]  # keys are the table names

    def spread(self, marks: Marks) -> tuple[Marks, Marks]:
        """Carry a mark of services to the lines billed for them and to their visits.

        A visit takes the strongest of its services: a YES, else UNSURE, else a NO, else OUT.
        """
        strength = np.array([0, 2, 1, 3], dtype=np.int8)  # by mark + 2: OUT, UNSURE, NO, YES
        strongest = np.zeros(len(self.visits), dtype=np.int8)
        np.maximum.at(strongest, self.visit_of_service, strength[marks + 2])
        back = np.array([OUT, NO, UNSURE, YES], dtype=np.int8)
        return marks[self.service_of_line], back[strongest]


def populate(
    lines: pd.DataFrame,
    visits: pd.DataFrame,
    until: pd.Timestamp,
    price_months: int,
    *,
    unmatched: pd.DataFrame | None = None,
    refusals_told: bool = True,
) -> Populations:
    """Return the populations of a history's lines and visits (columns as in `lines.py`).

    Lines and visits gain a column `expected`, what they can be expected to be allowed, in cents (see
    `expected_allowed`), and lines `estimated`, whether that is more than the charge, `claim`, a number
    of their claim (of the lines of one visit where the export numbers no claims), `times_sent`, one of
    TIMES_SENT, and the columns of `count_days`. Visits without a claim line stand apart (`unbilled`):
    nothing about them was claimed. `unmatched` are the history's answers without a charge. Services before
    the first or after the last day of the lines are left out of both: the charges do not cover them.
    `refusals_told` says whether the files could tell of a denial at all.
    """
    expected, estimated = expected_allowed(lines, until, price_months)
    own: dict[str, Any] = {"expected": expected, "estimated": estimated, "claim": _claims(lines)}
    lines = lines.assign(**own, times_sent=_times_sent(lines), **count_days(lines))
    month = months_of(lines["service_date"])
    first = int(month.min()) if len(month) else 0
    months = int(month.max()) - first + 1 if len(month) else 0
    labels = {name: _labels(lines[name]) for name in GROUPS}
    groups = {name: _positions(lines[name], labels[name]) for name in GROUPS}

    billed, visit_of_line = _dense(lines["visit_id"].to_numpy(np.int64))
    service_key, service_of_line = _dense(visit_of_line * len(labels["code"]) + groups["code"])
    visit_of_service, code_of_service = np.divmod(service_key, max(len(labels["code"]), 1))
    count = len(billed)

    # A visit whose lines differ in payer takes the first in the alphabet: file order must change no figure.
    by_visit = {name: _lowest(groups[name], visit_of_line, count) for name in GROUPS if name != "code"}
    by_service = {name: values[visit_of_service] for name, values in by_visit.items()}
    visit_month = _lowest(month - first, visit_of_line, count)
    seen = visits.iloc[billed].reset_index(drop=True)
    worth = np.bincount(visit_of_line, weights=expected, minlength=count).astype(np.int64)
    seen = seen.assign(expected=worth, **_sums(lines, visit_of_line, count))
    return Populations(
        lines=Population(lines, month - first, groups, {}),
        visits=Population(seen, visit_month, by_visit, {}),
        services=Population(
            pd.DataFrame(
                {
                    "patient_key": seen["patient_key"].to_numpy()[visit_of_service],
                    **_sums(lines, service_of_line, len(service_key)),
                }
            ),
            visit_month[visit_of_service],
            {**by_service, "code": code_of_service},
            {},
        ),
        unbilled=_without_line(visits, billed, lines["service_date"], first, months),
        unmatched=_without_charge(unmatched, lines, month - first, first, months),
        labels=labels,
        first_month=first,
        months=months,
        service_of_line=service_of_line,
        visit_of_service=visit_of_service,
        refusals_told=refusals_told,
    )


def _sums(lines: pd.DataFrame, place: Ints, count: int) -> dict[str, pd.arrays.IntegerArray]:
    """Return units and charge of each visit (or service), and their squares; missing where a line's is."""
    sums = {}
    for name in ("units", "charge"):
        column = lines[name]
        told = np.bincount(place, weights=column.to_numpy(np.float64, na_value=0), minlength=count)
        missing = np.bincount(place[column.isna().to_numpy()], minlength=count) > 0
        sums[name] = pd.arrays.IntegerArray(told.astype(np.int64), missing)
        sums[f"{name}_squared"] = pd.arrays.IntegerArray((told**2).astype(np.int64), missing)
    return sums


def _without_line(
    visits: pd.DataFrame, billed: Ints, days: pd.Series[pd.Timestamp], first: int, months: int
) -> Population:
    """Return the visits of notes or appointments that no line was charged for."""
    bare = np.ones(len(visits), dtype=bool)
    bare[billed] = False
    day = visits["service_date"]
    inside = ((day >= days.min()) & (day <= days.max())).to_numpy()
    rows = visits[bare & inside].reset_index(drop=True)
    with_note = ~bare & inside & (visits["source_file"] != "").to_numpy()
    paired = np.bincount(months_of(day[with_note]) - first, minlength=months)
    return Population(rows, months_of(rows["service_date"]) - first, {}, {}, paired)


def _without_charge(
    answers: pd.DataFrame | None, lines: pd.DataFrame, month: Ints, first: int, months: int
) -> Population:
    """Return the answers that no line was charged for, of services inside the lines' dates.

    One that does not tell the date of its service is kept. Each stands in the month it was posted in.
    """
    told = pd.DataFrame() if answers is None else answers.rename(columns={"cents": "paid"})
    told = conform(told, ANSWERS)
    day, days = told["service_date"], lines["service_date"]
    rows = told[day.isna() | ((day >= days.min()) & (day <= days.max()))].reset_index(drop=True)
    when = rows["posted_on"].fillna(rows["service_date"]).fillna(days.max())
    at = np.clip(months_of(when) - first, 0, max(months - 1, 0))
    paired = np.bincount(month[(lines["answers"] > 0).to_numpy()], minlength=months)
    return Population(rows, at, {}, {}, paired)


def _times_sent(lines: pd.DataFrame) -> pd.Categorical[str]:
    times = np.clip(lines["sent"].to_numpy(np.int64) - 1, 0, len(TIMES_SENT) - 1)
    words: pd.Categorical[str] = pd.Categorical.from_codes(times, pd.Index(TIMES_SENT, dtype="str"))
    return words


def mark_values(
    values: pd.Series[str], yes: Collection[str], no: Collection[str], unsure: Collection[str] = ()
) -> Marks:
    """Mark rows by the text of a categorical column; `yes` wins over `unsure` and `no`, the rest is OUT."""
    marks = [
        YES if text in yes else UNSURE if text in unsure else NO if text in no else OUT
        for text in values.cat.categories
    ]
    return np.array([*marks, OUT], dtype=np.int8)[values.cat.codes]


def months_of(dates: pd.Series[pd.Timestamp]) -> Ints:
    """Return each date's month as `periods.py` counts them: year * 12 + month - 1."""
    return dates.to_numpy().astype("datetime64[M]").astype(np.int64) + 1970 * 12


def expected_allowed(lines: pd.DataFrame, until: pd.Timestamp, months: int) -> tuple[Ints, Marks]:
    """Return what each line can be expected to be allowed, in cents, and whether that is an estimate.

    The median allowed per unit of the same payer and code in the `months` up to `until`, else of the
    code at any payer, times the line's units; where neither is known, the line's charge, marked NO.
    """
    units = lines["units"].to_numpy(np.float64, na_value=np.nan)
    allowed = lines["allowed"].to_numpy(np.float64, na_value=np.nan)
    dates = lines["service_date"]
    recent = ((dates > until - pd.DateOffset(months=months)) & (dates <= until)).to_numpy()
    told = recent & (allowed > 0) & (units > 0)
    code = lines["code"].cat.codes.to_numpy()
    payer = lines["payer"].cat.codes.to_numpy()
    priced = pd.DataFrame({"code": code[told], "payer": payer[told], "each": allowed[told] / units[told]})
    by_code = priced.groupby("code", sort=False)["each"].median()
    by_payer = priced.groupby(["code", "payer"], sort=False)["each"].median()

    width = len(lines["payer"].cat.categories) + 1
    each = np.full((len(lines["code"].cat.categories) + 1, width), np.nan)
    each[by_code.index.to_numpy()] = by_code.to_numpy()[:, None]
    if len(by_payer):
        each[by_payer.index.get_level_values(0), by_payer.index.get_level_values(1)] = by_payer.to_numpy()
    estimate = each[code, payer] * np.where(units > 0, units, np.nan)
    known = ~np.isnan(estimate)
    charge = lines["charge"].to_numpy(np.int64, na_value=0)
    cents = np.where(known, np.rint(np.nan_to_num(estimate)), charge).astype(np.int64)
    return cents, np.where(known, YES, NO).astype(np.int8)


def _claims(lines: pd.DataFrame) -> Ints:
    claim = lines["claim_id"].cat.codes.to_numpy(np.int64)
    blank = (lines["claim_id"] == "").to_numpy()
    return _dense(np.where(blank, -1 - lines["visit_id"].to_numpy(np.int64), claim))[1]


def _labels(values: pd.Series[str]) -> tuple[str, ...]:
    used = np.bincount(values.cat.codes, minlength=len(values.cat.categories)) > 0
    return tuple(sorted(values.cat.categories[used]))


def _positions(values: pd.Series[str], labels: tuple[str, ...]) -> Ints:
    place = pd.Index(labels, dtype="str").get_indexer(values.cat.categories)
    return place.astype(np.int64)[values.cat.codes]


def _dense(keys: Ints) -> tuple[Ints, Ints]:
    """Return the distinct keys and, for each row, the position of its key among them."""
    positions, distinct = pd.factorize(keys)
    return np.asarray(distinct, dtype=np.int64), positions.astype(np.int64)


def _lowest(values: Ints, positions: Ints, count: int) -> Ints:
    """Return the lowest value among the rows of each of `count` positions."""
    lowest = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(lowest, positions, values)
    return lowest
