"""Bundling: codes that are not paid beside each other, and units above what is likely, as Medicare has them.

Pairs are told in `paired_lines.py`, limits in `unit_limits.py`. Only payers that follow them are looked at
(`ncci`, `mue` and `extra_pairs` of the payers' settings).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from audit import paired_lines, unit_limits
from audit.edits import find_editions, find_pairs_edition
from audit.measures import Measure, answered, marked
from audit.paired_lines import mark_opened
from audit.rules import Rule, mark_checks

if TYPE_CHECKING:
    from datetime import date

    from audit.populations import Populations
    from audit.settings import Settings

ID = "bundling"
TITLE = "Codes billed together"

MEASURES = (
    Measure(
        "bundling/modifier_share",
        "Marked as separate",
        "Lines that carry 59, XE, XP, XS or XU, out of the lines that stand beside a code which includes "
        "them "
        "unless a modifier says that they were separate, of payers that follow Medicare's code pairs; office "
        "visits, for which 25 says so, are left out.",
        marked("pair_opened"),
        answered("pair_opened"),
        unit="share",
        groups=("code", "clinician"),
    ),
)


def measures(settings: Settings) -> tuple[Measure, ...]:
    """Return the measures of a period."""
    return MEASURES


def standing(settings: Settings) -> tuple[Measure, ...]:
    """Return no measures of the history as it stands: there are none."""
    return ()


def rules(settings: Settings) -> tuple[Rule, ...]:
    """Return the rules, each with the edition that it reads."""
    pairs = find_pairs_edition(settings.edits).told
    limits = "; ".join(one.told for one in find_editions("limits", settings.edits))
    editions = {paired_lines.FOLLOWS_PAIRS: pairs, unit_limits.FOLLOWS_LIMITS: limits}
    every = (check.rule for checks in (paired_lines.CHECKS, unit_limits.CHECKS) for check in checks)
    return tuple(replace(rule, edition=editions.get(rule.payers, "")) for rule in every)


def mark(populations: Populations, settings: Settings, as_of: date) -> Populations:
    """Mark the lines that are not paid beside another one, and those of more units than are likely."""
    pairs, limits = paired_lines.gather(populations, settings), unit_limits.gather(populations, settings)
    marks = mark_checks(paired_lines.CHECKS, pairs, populations)["lines"]
    marks |= mark_checks(unit_limits.CHECKS, limits, populations)["lines"]
    marks["pair_opened"] = mark_opened(pairs)
    return populations.with_marks({"lines": marks}).with_columns({"lines": {"above_limit": limits.cents}})
