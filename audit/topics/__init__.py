"""Topics: one subject each, its measures, its rules, its marks and what the page shows of it.

Every topic answers the same five questions: `measures(settings)`, `standing(settings)`,
`rules(settings)`, `mark(populations, settings, as_of)` and `show(comparison, populations, settings, as_of)`.
"""

from __future__ import annotations

from audit.topics import denials, documentation, usage

TOPICS = (usage, denials, documentation)
"""The sections of the page, in reading order."""
