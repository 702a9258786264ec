"""Whether it would mean anything to carry the differences found in a sample over to all items.

Pure arithmetic, and one sentence. It weighs the sample; it never says what the universe owes or is owed, and
it never asks for extrapolating: that is for a statistician and counsel to decide.

Sources: the Office of Inspector General's Health Care Fraud Self-Disclosure Protocol (at least 100 items);
integrity agreements of earlier years (90 % confidence, 25 % precision); W. G. Cochran, Sampling Techniques
(3rd edition, 1977), section 2.15: normal limits ask for more than 25 times the squared skewness of items;
for like amounts that are off in few items that comes to 25 of these.
"""

from __future__ import annotations

from math import floor
from typing import Literal

from msgspec import Struct

from audit.dollars import AmountAppraisal

FEWEST_ITEMS = 100
FEWEST_DIFFERING = 25
SKEWNESS_WEIGHT = 25
CONFIDENCE = 90
WIDEST_PRECISION = 0.25

Shortcoming = Literal["items", "differing", "skewness", "precision"]


class Extrapolation(Struct, frozen=True):
    """What a sample is worth for extrapolating.

    `state`: *bears it*, *means little* (for the `shortcomings`), or *nothing to extrapolate* (no item is off,
    or all were read). `fewest_items` is how many items were needed at least, for their skewness too;
    `precision` the share of the estimate to either side at 90 %, None where not known. `sentence` says it in
    words, without any amount.
    """

    state: Literal["bears it", "means little", "nothing to extrapolate"]
    items: int
    universe: int
    differing: int
    fewest_items: int
    precision: float | None
    shortcomings: tuple[Shortcoming, ...]
    sentence: str


def weigh_extrapolation(appraisal: AmountAppraisal) -> Extrapolation:
    """Weigh a sample by how many items were read and are off, how uneven they are, and the precision."""
    fewest = FEWEST_ITEMS
    if appraisal.skewness is not None:
        fewest = max(fewest, floor(SKEWNESS_WEIGHT * appraisal.skewness**2) + 1)
    precision = appraisal.precision_share(CONFIDENCE)
    told = appraisal.sample, appraisal.universe, appraisal.differing, fewest, precision
    if not appraisal.differing:
        sentence = "None of the items read is paid otherwise than its chart supports: nothing to extrapolate."
        return Extrapolation("nothing to extrapolate", *told, (), sentence)
    if appraisal.sample == appraisal.universe:
        sentence = "Every item was read: what was found is the whole, with nothing to extrapolate."
        return Extrapolation("nothing to extrapolate", *told, (), sentence)
    shortcomings = _find_shortcomings(appraisal, fewest, precision)
    state: Literal["bears it", "means little"] = "means little" if shortcomings else "bears it"
    return Extrapolation(state, *told, shortcomings, _tell(appraisal, fewest, precision, shortcomings))


def _find_shortcomings(
    appraisal: AmountAppraisal, fewest: int, precision: float | None
) -> tuple[Shortcoming, ...]:
    short: dict[Shortcoming, bool] = {
        "items": appraisal.sample < FEWEST_ITEMS,
        "skewness": FEWEST_ITEMS <= appraisal.sample < fewest,
        "differing": appraisal.differing < FEWEST_DIFFERING,
        "precision": precision is None or precision > WIDEST_PRECISION,
    }
    return tuple(name for name, is_short in short.items() if is_short)


def _tell(
    appraisal: AmountAppraisal, fewest: int, precision: float | None, shortcomings: tuple[Shortcoming, ...]
) -> str:
    """Return the sentence for a sample that has something to extrapolate."""
    read = f"{appraisal.sample:,} of {appraisal.universe:,} items were read"
    differing = f"{appraisal.differing:,} of them paid otherwise than the chart supports"
    limits = f"the {CONFIDENCE} % limits lie {100 * (precision or 0):,.1f} % of the estimate to either side"
    if not shortcomings:
        return (
            f"By size and precision the sample could bear extrapolating: {read}, {differing}, and {limits}; "
            "whether to do so is for a statistician and counsel to say."
        )
    if "items" in shortcomings:
        read += f" where at least {FEWEST_ITEMS} are asked for"
    if "skewness" in shortcomings:
        read += f" where amounts so uneven need at least {fewest:,}"
    if "differing" in shortcomings:
        differing += f" where at least {FEWEST_DIFFERING} are needed"
    if precision is None:
        limits = (
            "too little was read for any limits" if appraisal.total else "what was found balances to nothing"
        )
    elif "precision" in shortcomings:
        limits += f" where {100 * WIDEST_PRECISION:.0f} % is the most that auditors used to accept"
    return f"Extrapolating would mean little: {read}; {differing}; {limits}."
