"""The items of a sample as they were read: which of them count, and what each tells.

A spare stands in for an item that should not have been in the frame at all: every answer of it is *not
applicable*, and a remark says why. Spares are taken in the order of drawing, within their stratum. A note
that is missing or does not settle a question is no reason to take one: it is an error or stays unknown.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from audit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from audit.chart_record import State
    from audit.sample_file import Item, Sample
    from audit.worksheets import Answer, Answers

OUTSIDE = "not applicable"


class ItemRead(NamedTuple):
    """One item that counts, with the answers to its questions in their order."""

    item: Item
    answers: tuple[Answer, ...]

    @property
    def state(self) -> State:
        """What the whole item tells."""
        return judge(self.answers) or "unknown"

    @property
    def is_read(self) -> bool:
        """Whether anything was answered."""
        return any(one.answer for one in self.answers)


class Reading(NamedTuple):
    """The items that count, in the order of drawing, and the ids of those that were no part of the frame."""

    items: tuple[ItemRead, ...]
    outside: tuple[str, ...]


def judge(answers: Iterable[Answer]) -> State | None:
    """Return what answers tell together: an error where one is *no*; unknown where one is open.

    None where the question does not arise in any of them.
    """
    given = {one.answer for one in answers}
    if "no" in given:
        return "error"
    if given - {"yes", OUTSIDE}:
        return "unknown"
    return "fine" if "yes" in given else None


def list_items(answers: Answers, file: str) -> Reading:
    """Return which items count; InputError, a sentence that names the item, where spares do not fit.

    `file` is what messages call the worksheet.
    """
    sample = answers.sample
    by_item: dict[str, list[Answer]] = defaultdict(list)
    for one in answers.rows:
        by_item[one.question.item].append(one)
    read = {item.id: ItemRead(item, tuple(by_item[item.id])) for item in sample.items if item.id in by_item}
    outside = {name for name, one in read.items() if _is_outside(one, file)}
    for stratum in range(1, len(sample.strata) + 1):
        _check_spares([one for one in read.values() if one.item.stratum == stratum], outside, file)
    kept = tuple(
        one for name, one in read.items() if name not in outside and not (one.item.spare and _is_blank(one))
    )
    return Reading(kept, tuple(sorted(outside)))


def list_missing(answers: Answers, file: str) -> list[str]:
    """Return a sentence for each missing answer; one for an item that has none at all."""
    rows = {(one.question.item, one.question.number): one.row for one in answers.rows}
    asked: dict[str, int] = defaultdict(int)
    missing: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for one in answers.rows:
        asked[one.question.item] += 1
    for question in answers.missing():
        row = rows[question.item, question.number]
        missing[question.item].append((row, f"No. {question.number} ({question.element})"))
    sentences = []
    for item, places in missing.items():
        first, last = min(places)[0], max(places)[0]
        if len(places) == asked[item] > 1:
            where = f"{file}, rows {first} to {last}"
            sentences.append(f"{where}: no question of item {item} has an answer.")
            continue
        sentences += [f"{file}, row {row}: item {item}, {name}, has no answer." for row, name in places]
    return sentences


def _is_outside(one: ItemRead, file: str) -> bool:
    if {answer.answer for answer in one.answers} != {OUTSIDE}:
        return False
    if not any(answer.remark for answer in one.answers):
        raise InputError(
            f"{file}: every answer of item {one.item.id} is not applicable; say in a remark why it should "
            "not have been in the frame, or answer its questions."
        )
    return True


def _is_blank(one: ItemRead) -> bool:
    return all(answer.is_blank for answer in one.answers)


def _check_spares(items: Sequence[ItemRead], outside: set[str], file: str) -> None:
    """Raise InputError unless each spare read stands in for an item before it that is not of the frame."""
    free = sum(one.item.id in outside for one in items if not one.item.spare)
    skipped = ""
    for one in items:
        if not one.item.spare:
            continue
        if _is_blank(one):
            skipped = skipped or one.item.id
            continue
        if skipped:
            raise InputError(
                f"{file}: the spare {one.item.id} was read before {skipped}; spares are read in their order."
            )
        if not free:
            raise InputError(
                f"{file}: the spare {one.item.id} stands in for no item; a spare is read only where every "
                "answer of an item of its stratum is not applicable, with a remark; leave its rows empty."
            )
        free += (one.item.id in outside) - 1


def sizes_of(sample: Sample, items: Iterable[ItemRead]) -> list[tuple[int, list[ItemRead]]]:
    """Return each stratum's size in the frame, with those of these items that are from it."""
    parts: list[list[ItemRead]] = [[] for _ in sample.strata]
    for one in items:
        parts[one.item.stratum - 1].append(one)
    return [(stratum.size, part) for stratum, part in zip(sample.strata, parts, strict=True)]
