"""Topics: one subject each, its measures, its rules, its marks and what the page shows of it.

Every topic answers the same questions: `measures(settings)`, `standing(settings)`, `rules(settings)`, and
`mark(populations, settings, as_of)`, which returns the rows with the topic's marks. Standing are measures of
the history as it stands, or of the year that ends with the period: neither is judged. A topic with a section
of its own answers `show(comparison, populations, settings, as_of)` too, None where there is nothing to say;
one without contributes rules, which the page gathers by what to do (`rulings.py`).
"""

from __future__ import annotations

from audit.topics import (
    answers,
    balances,
    bundling,
    claims,
    codebook,
    completeness,
    contract,
    denials,
    documentation,
    medicare,
    modifiers,
    patterns,
    reasons,
    signatures,
    timing,
    units,
    usage,
)

SECTIONS = (usage, denials, reasons, answers, balances, completeness, documentation, signatures, medicare)
"""The topics with a section of their own, in reading order."""

TOPICS = (*SECTIONS, bundling, modifiers, codebook, units, patterns, timing, claims, contract)
"""All topics."""
