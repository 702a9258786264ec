"""Days that passed between a service, its claim, the payer's answer and the money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Dates = NDArray[np.datetime64[Any]]

LONGEST = 10_000
"""Days between two dates of a line beyond which one of them is not believed."""


def count_days(lines: pd.DataFrame) -> dict[str, pd.arrays.IntegerArray]:
    """Return the whole days of every line, missing where a date is not told or precedes the one it follows.

    `days_to_submit` from its service to its submission, `days_to_answer` from its submission (else its
    service) to its first answer, `days_to_money` from its service to the first payment of any payer.
    """
    served, sent, answered, paid = (
        lines[name].to_numpy().astype("datetime64[D]")
        for name in ("service_date", "submitted_date", "first_decided_on", "first_paid_on")
    )
    started = np.where(np.isnat(sent), served, sent)
    spans = {"submit": (served, sent), "answer": (started, answered), "money": (served, paid)}
    return {f"days_to_{name}": _days_between(*ends) for name, ends in spans.items()}


def _days_between(start: Dates, end: Dates) -> pd.arrays.IntegerArray:
    days = (end - start).astype(np.int64)
    known = ~np.isnat(start) & ~np.isnat(end) & (days >= 0) & (days <= LONGEST)
    return pd.arrays.IntegerArray(np.where(known, days, 0).astype(np.int16), ~known)
