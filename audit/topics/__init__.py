"""Topics: one subject each, its measures, its rules, its marks and what the page shows of it.

Every topic answers the same five questions: `measures(settings)`, `standing(settings)`,
`rules(settings)`, `mark(populations, settings, as_of)` and `show(comparison, populations, settings, as_of)`,
whose section is None where there is nothing to say. Standing are measures of the history as it stands, or of
the year that ends with the period: neither is judged.
"""

from __future__ import annotations

from audit.topics import (
    answers,
    balances,
    completeness,
    denials,
    documentation,
    medicare,
    reasons,
    signatures,
    usage,
)

TOPICS = (usage, denials, reasons, answers, balances, completeness, documentation, signatures, medicare)
"""The sections of the page, in reading order."""
