"""To which lines a rule applies: claims that stand, what the payer wanted that day, who rendered the service.

What is worked out by payer, code or clinician is carried to the lines by their positions among the labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from audit.codes import code_book
from audit.dated import Dated
from audit.populations import NO, OUT, UNSURE, YES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from audit.payers import PayerSetting
    from audit.populations import Marks, Populations
    from audit.settings import Settings

    Mask = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Setting = str | float | Sequence[Dated[Any]] | None
    """One value, or several with their dates."""


NOT_GIVEN = ("excluded: duplicate", "excluded: withdrawn")
"""Last decisions of lines that stand for no service of their own."""

VOID = "8"
"""Frequency of a claim that takes one back; its line stands alone where that one is not in the files."""


def find_given(populations: Populations) -> Mask:
    """Mark lines of a service, whoever pays: no duplicate, none withdrawn, none that only takes one back."""
    frame = populations.lines.frame
    taking_back = holds(frame["frequency"], (VOID,)) | (frame["charge"].to_numpy(np.int64, na_value=0) < 0)
    return ~(taking_back | holds(frame["last_decision"], NOT_GIVEN))


def find_standing(populations: Populations) -> Mask:
    """Mark lines of a service that a payer is asked to pay."""
    return find_given(populations) & ~holds(populations.lines.frame["last_decision"], ("not billed",))


def holds(column: pd.Series[str], values: Collection[str]) -> Mask:
    """Mark rows of a categorical column that hold one of some values."""
    found: Mask = np.append(np.isin(column.cat.categories, tuple(values)), False)[column.cat.codes]
    return found


def carries(modifiers: pd.Series[str], *wanted: str) -> Mask:
    """Mark rows that carry any of the modifiers wanted."""
    found = [not set(wanted).isdisjoint(text.split()) for text in modifiers.cat.categories]
    return np.array([*found, False], dtype=bool)[modifiers.cat.codes]


def tells_modifiers(populations: Populations) -> bool:
    """Whether the files tell modifiers at all: where no line has one, none can be said to be missing."""
    return bool((populations.lines.frame["modifiers"] != "").any())


def lay_marks(asked: Mask, yes: Mask | None = None, told: Mask | None = None) -> Marks:
    """Return OUT where nothing is asked, UNSURE where it is not told, else YES or NO."""
    marks = np.full(len(asked), OUT, dtype=np.int8)
    marks[asked] = YES if yes is None else np.where(yes[asked], YES, NO)
    if told is not None:
        marks[asked & ~told] = UNSURE
    return marks


def find_visits(populations: Populations, rows: Mask) -> Mask:
    """Return the visits with at least one of some lines."""
    visit = visit_of_line(populations)[rows]
    return np.asarray(np.bincount(visit, minlength=len(populations.visits)) > 0)


def visit_of_line(populations: Populations) -> Ints:
    """Return, by line, the row of its visit."""
    visit: Ints = populations.visit_of_service[populations.service_of_line]
    return visit


def look_up_payers(
    populations: Populations,
    settings: Settings,
    read: Callable[[PayerSetting], Setting],
    values: Mapping[Any, int],
    otherwise: int = 0,
) -> Ints:
    """Return, by line, what its payer wanted on the date of service, as a number.

    `read` takes a setting, dated or not, from what is known of a payer; `values` numbers what it may be;
    `otherwise` stands where nothing is known.
    """
    wanted = [read(settings.payer(name)) for name in populations.labels["payer"]]
    return look_up_settings(populations, "payer", wanted, values, otherwise)


def look_up_settings(
    populations: Populations,
    group: str,
    wanted: Iterable[Setting],
    values: Mapping[Any, int],
    otherwise: int = 0,
) -> Ints:
    """Return, by line, the number of the setting in force on its date of service.

    `wanted` holds a setting, dated or not, for every value of a group, in their order.
    """
    place = populations.lines.groups[group]
    told = [_as_dated(one) for one in wanted]
    always = [
        values[one[0].value] if len(one) == 1 and not (one[0].start or one[0].end) else otherwise
        for one in told
    ]
    found = np.array(always, dtype=np.int64)[place]
    changing = [at for at, one in enumerate(told) if any(dated.start or dated.end for dated in one)]
    if not changing:
        return found
    day = populations.lines.frame["service_date"].to_numpy().astype("datetime64[D]")
    for at in changing:
        rows = np.flatnonzero(place == at)
        for dated in sorted(told[at], key=lambda one: str(one.start or "")):
            first, last = np.datetime64(dated.start or "0001-01-01"), np.datetime64(dated.end or "9999-12-31")
            inside = (day[rows] >= first) & (day[rows] <= last)
            found[rows[inside]] = values[dated.value]
    return found


def wants(
    populations: Populations,
    settings: Settings,
    read: Callable[[PayerSetting], Setting],
) -> Mask:
    """Mark lines whose payer wanted something on the date of service, as a setting that is true or false."""
    found: Mask = look_up_payers(populations, settings, read, {True: 1, False: 0}) == 1
    return found


def _as_dated(value: Setting) -> Sequence[Dated[Any]]:
    if value is None:
        return ()
    return (Dated[Any](value=value),) if isinstance(value, str | float | int) else value


def find_disciplines(populations: Populations, settings: Settings) -> tuple[Ints, tuple[str, ...]]:
    """Return the discipline of every line as a position, and their names; "" where it is not known.

    That of the clinician, as the practice says; else that of the code, where only one bills it.
    """
    by_code = code_book().discipline_by_code()
    of_clinician = [settings.practice.discipline_of(name) for name in populations.labels["clinician"]]
    of_code = [by_code.get(code, "") for code in populations.labels["code"]]
    names = tuple(sorted({"", *of_clinician, *of_code}))
    clinician, code = (
        np.array([names.index(one) for one in told], dtype=np.int64) for told in (of_clinician, of_code)
    )
    lines = populations.lines
    told = clinician[lines.groups["clinician"]]
    found: Ints = np.where(told == names.index(""), code[lines.groups["code"]], told)
    return found, names
