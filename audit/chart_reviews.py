"""Saved chart reviews: written beside the reports, and found again by a report.

In: their folder, among the reports. A report takes what this practice had reviewed up to its own as-of
date, so that a report made again is the same. A file that is no review is passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from audit.chart_record import ChartReview, SavedReview
from audit.review_change import is_alike, tell_change
from audit.validation import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from audit.review_change import Change


class Reviewed(NamedTuple):
    """What a report shows: the newest review of a random sample, the one it stands beside, and a risk pick.

    `before` is the newest earlier one of another sample drawn from the same kind of items; `change` what may
    be said of the two. `picked` is the newest review of items that findings had picked.
    """

    latest: ChartReview | None
    before: ChartReview | None
    change: Change | None
    picked: ChartReview | None

    def withheld(self) -> Reviewed:
        """Return the same without a word of judgment."""
        return self._replace(change=self.change and self.change._replace(outcome=""))

    def saved(self) -> SavedReview | None:
        """Return what `results.json` holds of it: no single chart, no sum of the whole frame."""
        if self.latest is None:
            return None
        bare = msgspec.structs.replace(self.latest, charts=[], projected=[])
        before = f"{self.before.sample} {self.before.date.isoformat()}" if self.before else ""
        return SavedReview(bare, before, self.change.outcome if self.change else "")


def name_file(review: ChartReview) -> str:
    """Return the name of a review's file."""
    return f"{review.sample}_{review.date.isoformat()}.json"


def encode_review(review: ChartReview) -> str:
    r"""Return a review as JSON, a line a chart and part, `\n` at the ends of lines."""
    lines = []
    for name, value in msgspec.to_builtins(review).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n".join(msgspec.json.encode(one).decode() for one in value)
            lines.append(f'"{name}": [\n{rows}\n]')
        else:
            lines.append(f'"{name}": {msgspec.json.encode(value).decode()}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a saved review."""
    return schema_of(ChartReview)


def find_reviews(folder: Path, practice: str, as_of: date, smallest: int) -> Reviewed | None:
    """Return what a report of this practice and day shows; None where nothing was reviewed by then.

    The last review of a sample counts. Under `smallest` charts nothing is said of a change.
    """
    last: dict[str, ChartReview] = {}
    found = [one for one in _read_all(folder) if one.practice == practice and one.date <= as_of]
    for one in sorted(found, key=lambda one: (one.date, one.sample)):
        last[one.sample] = one
    newest = sorted(last.values(), key=lambda one: (one.date, one.sample), reverse=True)
    random = [one for one in newest if one.kind == "random"]
    picked = next((one for one in newest if one.kind == "risk"), None)
    if not newest:
        return None
    if not random:
        return Reviewed(None, None, None, picked)
    latest = random[0]
    before = next((one for one in random[1:] if is_alike(latest, one)), None)
    change = tell_change(before, latest, smallest) if before else None
    return Reviewed(latest, before, change, picked)


def _read_all(folder: Path) -> Iterator[ChartReview]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".json")
    except OSError:
        return
    for path in paths:
        try:
            review = msgspec.json.decode(path.read_bytes(), type=ChartReview)
        except (OSError, ValueError, RecursionError):  # msgspec's errors are ValueErrors
            continue
        if review.is_whole:
            yield review
