"""Topics: one subject each, its measures, its rules, its marks and what the page shows of it.

Every topic answers the same five questions: `measures(settings)`, `standing(settings)`,
`rules(settings)`, `mark(populations, settings, as_of)` and `show(comparison, populations, settings, as_of)`,
whose section is None where there is nothing to say.
"""

from __future__ import annotations

from audit.topics import (
    answers,
    balances,
    completeness,
    denials,
    documentation,
    reasons,
    signatures,
    usage,
)

TOPICS = (usage, denials, reasons, answers, balances, completeness, documentation, signatures)
"""The sections of the page, in reading order."""
