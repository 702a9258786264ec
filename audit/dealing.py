"""Answers that name several equal lines, shared among these.

In: what is offered and the postings, as columns, and the keys of both. Out: the offer of each posting. Two
lines of the same code on the same claim and date cannot be told apart by an answer without line numbers. Each
posting goes to one of them, so that the sums and the number of refusals are right: answers that tell the
charge of their line are dealt out whole, others up to the charge of each line.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from audit.columns import Columns, Ints, find_blanks, find_cells, look_up, read_numbers, take_rows
from audit.numbering import number_days, number_rows, pair_in_order, rank_texts

# Payments are dealt out first, denials last: a line is paid before another of the same kind is refused.
ORDER_OF_KINDS = ("payment", "allowed", "reversal", "adjustment", "interest", "status")

DEALT_BY = ("posted_on", "payer_rank", "kind", "group", "reason", "amount")


def deal_out(offered: Columns, known: Ints, postings: Columns, rows: Ints, sought: Ints, found: Ints) -> Ints:
    """Return what was found, and one of the equal offers for each posting that names several."""
    asked = np.flatnonzero((found < 0) & (sought >= 0) & pd.Series(sought).isin(known).to_numpy())
    if not len(asked):
        return found
    equal = _equal_lines(offered, known, sought[asked])
    whole = ~postings["charge"][rows[asked]].isna()
    line = equal.set_index(["key", "place"])["line"]
    for chosen, deal in ((asked[whole], _deal_records), (asked[~whole], _deal_by_charge)):
        if len(chosen):
            share = deal(equal, take_rows(postings, rows[chosen]), sought[chosen], chosen)
            found[share.index] = line.reindex(pd.MultiIndex.from_frame(share)).to_numpy()
    return found


def _deal_by_charge(equal: pd.DataFrame, answer: Columns, key: Ints, index: Ints) -> pd.DataFrame:
    """Return the place among the equal lines of each posting: each line up to its charge, payments first."""
    charge = equal.groupby("key")["charge"].max().clip(lower=1)
    last = equal.groupby("key")["place"].max()
    share = _in_dealing_order(take_rows(answer, np.arange(len(key)), *DEALT_BY), key, index)
    before = share.groupby(["key", "day", "rank"])["size"].cumsum() - share["size"]
    return pd.DataFrame(
        {"key": share["key"], "place": np.minimum(before // share["key"].map(charge), share["key"].map(last))}
    )


def _deal_records(equal: pd.DataFrame, answer: Columns, key: Ints, index: Ints) -> pd.DataFrame:
    """Return the place among the equal lines of each posting, whose records stay whole, the best paid first.

    A reversal goes to the line with the same payment, and what is answered beside it is its correction. Each
    file is dealt out for itself: another may hold the same.
    """
    record = number_rows([(rank_texts(answer["source_file"]), len(key)), (answer["source_row"], 2**31)])
    number, first = np.unique(record, return_inverse=True)[1], np.unique(record, return_index=True)[1]
    paying = find_cells(answer["kind"], "payment", "reversal") & find_blanks(answer["reason"])
    cents = np.abs(read_numbers(answer["amount"])) * paying
    answers = pd.DataFrame(
        {
            "key": key[first],
            "day": number_days(answer["posted_on"][first])[0][0],
            "rank": answer["payer_rank"][first],
            "reverses": find_cells(answer["kind"][first], "reversal"),
            "file": rank_texts(answer["source_file"])[first],
            "paid": np.bincount(number, weights=cents).astype(np.int64),
            "record": record[first],
        }
    )
    order = answers.sort_values(
        ["key", "day", "rank", "reverses", "paid", "record"], ascending=[True, True, True, True, False, True]
    )
    order["place"] = order.groupby(["key", "day", "rank", "reverses", "file"]).cumcount()
    if order["reverses"].any():
        _follow_reversals(order)
    last = equal.groupby("key")["place"].max()
    order["place"] = np.minimum(order["place"], order["key"].map(last))
    placed = order.sort_index()["place"].to_numpy()[number]
    return pd.DataFrame({"key": key, "place": placed}, index=index)


def _follow_reversals(order: pd.DataFrame) -> None:
    """Put each reversal on the line whose first answer it takes back, and its correction beside it."""
    first_day = order.groupby("key")["day"].transform("min")
    reverses, own = order["reverses"].to_numpy(), order["place"].to_numpy().copy()
    original = np.flatnonzero(~reverses & (order["day"] == first_day).to_numpy())
    back = np.flatnonzero(reverses)
    amounts = order.groupby(["key", "paid"]).ngroup().to_numpy()
    partner = pair_in_order(amounts[original], amounts[back])
    own[back] = np.where(partner < 0, own[back], own[original][partner])
    moment = order.groupby(["key", "day"]).ngroup().to_numpy()
    later = np.flatnonzero(~reverses & (order["day"] > first_day).to_numpy())
    partner = pair_in_order(moment[back], moment[later])
    own[later] = np.where(partner < 0, own[later], own[back][partner])
    order["place"] = own


def _equal_lines(offered: Columns, known: Ints, wanted: Ints) -> pd.DataFrame:
    """Return the lines with the keys `wanted`, numbered within each key in the order of files and rows."""
    places = np.flatnonzero(pd.Series(known).isin(wanted).to_numpy())
    equal = pd.DataFrame(
        {
            "key": known[places],
            "file": rank_texts(offered["source_file"][places]),
            "row": offered["source_row"][places],
            "line": places,
            "charge": read_numbers(offered["charge"][places]),
        }
    ).sort_values(["key", "file", "row", "line"])
    return equal.assign(place=equal.groupby("key").cumcount())


def _in_dealing_order(answer: Columns, key: Ints, index: Ints) -> pd.DataFrame:
    """Return the postings as they are dealt out: one of each kind of posting, then the next of each."""
    order = {kind: place for place, kind in enumerate(ORDER_OF_KINDS)}
    cents = read_numbers(answer["amount"])
    share = pd.DataFrame(
        {
            "key": key,
            "day": number_days(answer["posted_on"])[0][0],
            "rank": answer["payer_rank"],
            "kind": look_up(answer["kind"], order),
            "other": ~(find_cells(answer["group"], "CO") & find_cells(answer["reason"], "45")),
            "group": rank_texts(answer["group"]),
            "reason": rank_texts(answer["reason"]),
            "least": -cents,
            "size": np.abs(cents) * find_cells(answer["kind"], "payment", "adjustment", "reversal"),
        },
        index=index,
    )
    same = ["key", "day", "rank", "kind", "group", "reason"]
    share = share.sort_values([*same, "least"], kind="stable")
    share["copy"] = share.groupby(same, sort=False).cumcount()
    return share.sort_values(
        ["key", "day", "rank", "copy", "kind", "other", "group", "reason"], kind="stable"
    )
