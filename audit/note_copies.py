"""Notes that say the same as the patient's note before, but for their date.

The rule belongs to the topic `timing` and goes by its name. Of a text only a number is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.applicability import find_visits, lay_marks
from audit.episodes import NONE, Episodes
from audit.lines import ABSENT
from audit.populations import OUT
from audit.rules import Check, Rule

if TYPE_CHECKING:
    from audit.populations import Marks


def _identical(episodes: Episodes) -> Marks:
    """Beside the note before in the same discipline; a first note has none, and is not asked about."""
    asked = find_visits(episodes.populations, episodes.billed.asked)
    asked &= episodes.populations.visits.frame["note"].to_numpy() != ABSENT
    if not episodes.has("note_text"):
        return lay_marks(asked, told=np.zeros(len(asked), dtype=bool))
    text = episodes.numbers("note_text")
    rows = np.flatnonzero(text != NONE)
    order = rows[np.lexsort((text[rows], episodes.day[rows], episodes.course[rows]))]
    again = episodes.course[order[1:]] == episodes.course[order[:-1]]
    same = again & (text[order[1:]] == text[order[:-1]])
    equal, first = np.zeros(len(text), dtype=bool), np.zeros(len(text), dtype=bool)
    equal[order[1:]], first[order[1:]] = same, ~again
    first[order[:1]] = True
    visits = episodes.visits
    marks = lay_marks(asked, equal[:visits], (text != NONE)[:visits])
    marks[asked & first[:visits]] = OUT
    return marks


CHECKS: tuple[Check[Episodes], ...] = (
    Check(
        Rule(
            "timing/identical_note",
            "Read {rows} whose note says the same as the one before",
            "Check whether each note tells of its own visit: what was done, how the patient responded. A "
            "note stays "
            "as it is; a late entry says that it is late.",
            "A reviewer who finds the same words again takes neither visit for documented.",
            "Medicare Program Integrity Manual ch. 3 s. 3.3.2 (records that are copied; general knowledge; "
            "check)",
            "identical_note",
            "visits",
            "clinician",
            "the text of notes, of which only a number is kept",
            money="asked_expected",
            sentence="A note differs from the patient's note before in the same discipline, in more than "
            "its date.",
            task="notes",
            right="“Pain 4 of 10, neck freer than last week”, then “Pain 3 of 10, turns head to 60 degrees”",
            wrong="“Tolerated well”, then “Tolerated well”",
        ),
        _identical,
    ),
)
