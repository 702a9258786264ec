"""Whether the claim of a line was sent, as far as the files can tell.

In: the lines as intake hands them over, as columns. Out: the state of each line. A line was sent where it
says when, or where a claim as sent (837P) holds it. It was not where the claims as sent cover its day, or
where its own file tells of other lines when they were sent. Otherwise, and where the patient pays, the files
cannot tell.
"""

from __future__ import annotations

import numpy as np

from audit.columns import Columns, Ints, Mask, find_cells
from audit.lines import ABSENT, PRESENT, SELF_PAY, UNKNOWN
from audit.numbering import flag


def find_claims(lines: Columns, in_claim: Mask) -> Ints:
    """Return, by line, whether its claim was sent: UNKNOWN, PRESENT or ABSENT.

    `in_claim`: the line was read from a claim as sent, or is told by one too.
    """
    dated = ~np.isnat(lines["submitted_date"])
    file = lines["source_file"].codes
    dating = flag(file[dated], len(lines["source_file"].categories))[file]
    days = lines["service_date"]
    covered = np.zeros(len(days), dtype=np.bool_)
    if in_claim.any():
        claimed = days[in_claim]
        covered = (days >= claimed.min()) & (days <= claimed.max())
    state = np.where(dating | covered, np.int8(ABSENT), np.int8(UNKNOWN))
    state[dated | in_claim] = PRESENT
    state[find_cells(lines["payer"], SELF_PAY)] = UNKNOWN
    return state
