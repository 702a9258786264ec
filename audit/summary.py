"""What crosses the topics: things to do, definitions, and what no billing export can show.

Its larger parts have rooms of their own, `verdict.py`, `tiles.py` and `trends.py`, and are handed on here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.blocks import Action, Cell, Definition, Head, Row, Table, count, dollars, money, plural
from audit.periods import parse_period
from audit.showing import say_state

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from audit.comparison import Comparison
    from audit.figures import Finding, Resolved
    from audit.measures import Measure
    from audit.rules import Checked

NOT_CHECKED = (
    "Medical necessity",
    "Licenses, credentials, enrollment",
    "Exclusion lists",
    "Consents and advance notices on file",
    "Payers' contracts and fee schedules",
    "Routine waivers of copays",
    "What notes say beyond what the export tells",
)
"""What no billing export can show; printed so that a quiet report is not read as a clean bill."""


def make_actions(findings: Sequence[Finding], most: int, command: str) -> tuple[Action, ...]:
    """Return the first findings as things to do, in their order."""
    return tuple(
        Action(
            finding.title,
            finding.text,
            finding.who,
            finding.due,
            money(finding.cents) if finding.cents is not None else "",
            say_state(finding.state, finding.month),
            command.replace("{figure}", finding.id),
            finding.first_shown.isoformat() if finding.first_shown else "",
        )
        for finding in findings[:most]
    )


def tell_checked(checked: Sequence[Checked]) -> str:
    """Return how many rules looked at anything: a quiet report is no clean bill where files tell little."""
    looked, untold = sum(one.checked > 0 for one in checked), sum(not one.in_full for one in checked)
    text = f"{count(looked)} of {plural(len(checked), 'rule')} had rows to look at."
    if untold:
        text += (
            f" {count(untold)} could not look at all of theirs, because the files do not tell what the rule "
            "needs: the last table of the rules says what that is."
        )
    return text


def list_resolved(resolved: Sequence[Resolved], names: Mapping[str, str]) -> Table | None:
    """Return the findings that are none any more; `names` tell by rule what was looked for."""
    if not resolved:
        return None
    rows = tuple(
        Row(
            (
                Cell(names[one.id]),
                Cell(count(one.rows)),
                Cell(dollars(one.cents)),
                Cell(one.first_shown.isoformat()),
            )
        )
        for one in resolved
    )
    return Table(
        "resolved",
        f"Resolved since {parse_period(resolved[0].period).title}",
        (
            Head("What was looked for", numeric=False, sort=False),
            Head("Rows then", sort=False),
            Head("Expected then, $", sort=False),
            Head("First shown", numeric=False, sort=False),
        ),
        rows,
        fold=True,
    )


def define(comparison: Comparison) -> tuple[Definition, ...]:
    """Return the definition of every measure, and of the words."""
    words = (
        Definition(
            "Significantly higher, significantly lower",
            "Than the figure's own earlier months: up to twelve, ending three months before the period, each "
            "at the same age. Tested over the period and, of a month, over the three up to its end, in one "
            "family with every other tested figure of the report: where nothing changed, at most one report "
            "in twenty has any such word. A code at a payer is judged beside what the payer's other codes "
            "did. A figure whose definition names no test was not tested, and has no word of change.",
        ),
        Definition(
            "Within chance, does not exceed, too few to tell",
            "Above the earlier months, but not by more than chance; not above them; fewer than eleven lines "
            "or visits now or before, where those of one claim or patient count for less than as many apart.",
        ),
        Definition(
            "Usual range",
            "Where earlier months let a month of this size lie. Dashed in the trends; it makes no word.",
        ),
        Definition(
            "95 % interval",
            "Where the rate may truly lie. Lines of one claim are answered together, so they count for less "
            "than as many separate ones.",
        ),
        Definition(
            "Expected payment",
            "The median allowed amount per unit of the same payer and code in the last twelve months, times "
            "the units; of the code at any payer where that is not known; the charge where neither is.",
        ),
        Definition(
            "Things to do, in their order",
            "By the cautious end of the expected payment: as if only the low end of the 95 % interval of the "
            "share found among the rows checked were there. The dollars shown are those of all rows found.",
        ),
        Definition(
            "New, nth month, worse, better, resolved",
            "Beside the last report of the period before; without one, as the history tells. Worse, better: "
            "more or fewer rows, in number and as a share of those checked, by more than chance, while the "
            "dollars do not point the other way. Tested by square roots of the counts, clusters by claim or "
            "patient, corrected for all findings. Resolved: looked for again and not found.",
        ),
        Definition(
            "Unknown",
            "What the export does not tell. It is in no rate, and it is not the same as absent.",
        ),
    )
    told = [one for one in comparison.measures.values() if not one.year or _counts(comparison, one.id)]
    return (*words, *(Definition(one.title, f"{one.definition}{_tell_test(one)}") for one in told))


def _tell_test(measure: Measure) -> str:
    """Return which test the measure's words come from; "" where none is said."""
    if not measure.judged:
        return ""
    together = "claim" if measure.numerator.table == "lines" else "patient"
    if measure.is_share:
        return f" Tested by the beta-binomial of earlier months, clusters by {together}."
    return f" Tested by the t of two means, clusters by {together}."


def _counts(comparison: Comparison, measure: str) -> bool:
    """Whether a measure counts anything: what a year does not hold is not explained."""
    figure = comparison.total(measure)
    return bool(figure.base or figure.numerator)
