"""An invented page that uses every block once, for the tests of the page and for looking at it.

All names and numbers are made up; nothing here is a figure of any practice.
"""

from __future__ import annotations

import re
from typing import Any

import html5lib

from audit.blocks import (
    NONE,
    Action,
    Blocks,
    Cell,
    ComparePage,
    Definition,
    Empty,
    Head,
    Note,
    Page,
    Row,
    Section,
    Table,
    Tile,
    count,
    dollars,
    fold_rows,
    money,
    percent,
    points,
    rate,
    share,
)
from audit.charts import (
    Bar,
    Dot,
    Layer,
    Month,
    bars,
    dots,
    dumbbell,
    shared_top,
    slope,
    sparkline,
    stacked,
    trend,
)
from audit.figures import HIGHER, Counts
from audit.moves import Subject, Value, split_rate
from audit.results import Limits
from audit.waterfall import Move, draw_move, list_parts, state_move

MONTHS = ("Jul 2025", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun 2026", "Jul")
CODES = (
    ("97110", "Exercise, per 15 min", 134, 29100, 9_021_00, 11),
    ("97140", "Manual therapy, per 15 min", 113, 16200, 4_698_00, 26),
    ("97124", "Massage, per 15 min", 62, 15200, 4_104_00, 4),
    ("97530", "Functional activity, per 15 min", 88, 13500, 4_860_00, 10),
    ("97112", "Neuromuscular re-education, per 15 min", 51, 7300, 2_409_00, 4),
    ("98941", "Spinal adjustment, 3 to 4 regions", 67, 6700, 2_814_00, 9),
    ("98940", "Spinal adjustment, 1 to 2 regions", 53, 5300, 1_537_00, 3),
    ("G0283", "Electrical stimulation", 35, 3500, 420_00, 5),
    ("97161", "PT evaluation, low complexity", 20, 2000, 2_040_00, 1),
    ("97035", "Ultrasound, per 15 min", 9, 900, 126_00, 0),
    ("98943", "Adjustment outside the spine", 6, 600, 162_00, 1),
    ("97164", "PT re-evaluation", 1, 100, 70_00, 0),
)
PAYERS = (
    "Commercial A",
    "Blue plan",
    "Medicare B",
    "Auto / PIP",
    "Workers' comp",
    "<script>alert(1)</script>",
)
WAVE = (0.081, 0.092, 0.084, 0.099, 0.079, 0.088, 0.095, 0.078, 0.071, 0.083, 0.076, 0.116, 0.102)


def _months(level: float, swing: float, last: float | None = None) -> list[Month]:
    values = [level + swing * (wave - 0.085) / 0.02 for wave in WAVE]
    values[-2] = values[-2] if last is None else last
    return [
        Month(label, value, max(0, value - level * 0.3), value + level * 0.36, label != "Jul")
        for label, value in zip(MONTHS, values, strict=True)
    ]


def traced_figures(html: str) -> set[str]:
    """Return the ids of all figures that a page can trace, put together as report.js does."""
    figures = set()
    for table in html5lib.parse(html, namespaceHTMLElements=False).iter("table"):
        rows = list(table.iter("tr"))
        measures = [cell.get("data-m", "") for cell in rows[0]]
        for row in rows[1:]:
            for at, cell in enumerate(row):
                shown = ("".join(cell.itertext()) if len(cell) else cell.text or "").strip()
                of_place = "data-g" in row.attrib and measures[at] and shown not in ("", "—", "·")
                figures.add(
                    cell.get("data-explain", f"{measures[at]}{row.get('data-g')}" if of_place else "")
                )
    figures |= set(re.findall(r'<(?:span|b) data-explain="([^"]*)"', html))
    return figures - {""}


def _spark(name: str, scale: float, tone: str = "", lead: bool = False) -> str:
    return sparkline(f"spark-{name}", [wave * scale for wave in WAVE], young=1, tone=tone, lead=lead)


def _tiles() -> tuple[Tile, ...]:
    return (
        Tile(
            "denials",
            "Initial denial rate",
            "11.6 %",
            "9.3–14.3 %",
            ("74 of 639 lines · $3,450 charged",),
            "March–May 7.7 %, +3.9 points (+1.2 to +6.9)",
            "significantly higher",
            "worse",
            "denials/first_rate",
            _spark("denials", 1, "worse", lead=True),
            lead=True,
        ),
        Tile(
            "visits",
            "Visits",
            "277",
            "",
            ("118 patients",),
            "March–May average 263",
            "does not exceed",
            explain="usage/visits",
            spark=_spark("visits", 3),
        ),
        Tile(
            "units",
            "Units per visit",
            "3.62",
            "",
            ("1,004 units",),
            "March–May 3.54",
            "does not exceed",
            spark=_spark("units", 2),
        ),
        Tile(
            "open",
            "Denied, not recovered",
            "$2,171",
            "",
            ("41 lines, March–May",),
            "Dec–Feb $1,290",
            "significantly lower",
            "better",
            spark=_spark("open", 5),
        ),
        Tile(
            "gaps",
            "Lines missing a required element",
            "17.1 %",
            "14.2–20.4 %",
            ("109 of 639 lines · $5,540",),
            "March–May 15.9 %",
            "significantly higher",
            spark=_spark("gaps", 4),
        ),
        Tile(
            "rejected",
            "Rejected before decision",
            "12",
            "",
            ("$486 charged",),
            "March–May average 9",
            "too few to tell",
            spark=_spark("rejected", 6),
        ),
        Tile(
            "unsigned",
            "Unsigned notes",
            "23",
            "",
            ("31 lines · $1,204",),
            "on 15 August 2026",
            "not judged yet",
        ),
    )


def _actions() -> tuple[Action, ...]:
    return (
        Action(
            "Check 38 massage visits without recorded minutes (97124)",
            "Without minutes the units lack support. Correct a claim only from the note as it stood.",
            "Massage team",
            "from today",
            "$927",
            "3rd month",
            'audit explain "documentation/minutes/code=97124" FILES...',
        ),
        Action(
            "Work 15 denied manual-therapy lines (97140, reason CO-97)",
            "Two payers bundle 97140 with the adjustment of the same day. Check whether the note shows "
            "a separate region.",
            "Billing",
            "by 31 Aug",
            "$400",
            "new",
            'audit explain "denials/open/code=97140" FILES...',
        ),
        Action(
            "Check 23 unsigned notes older than 7 days",
            "A late entry carries today's date and says so.",
            "Clinicians",
            "by 20 Aug",
            "$264",
            "2nd month",
        ),
        Action(
            "Look at 4 lines billed with a code that ended",
            "97001 ended on 31 December 2016.",
            "Billing",
            "by 31 Aug",
            "$212",
            "new",
        ),
    )


def _codes(rows: int = len(CODES)) -> Table:
    whole = sum(code[3] for code in CODES)
    made = []
    for at in range(rows):
        code, words, lines, units, charged, _ = CODES[at % len(CODES)]
        name = code if at < len(CODES) else f"{code}.{at}"
        few = lines < 30
        made.append(
            Row(
                (
                    Cell(name, sub=words),
                    Cell(count(lines), explain=f"usage/lines/code={name}"),
                    Cell(count(units / 100)),
                    Cell(share(units, whole), bar=units / 29100),
                    Cell(count(lines - 8 if lines > 8 else lines)),
                    Cell(f"{units / 100 / lines:.2f}", small=few),
                    Cell(dollars(charged), sort=charged),
                    Cell(dollars(charged * 62 // 100)),
                    Cell(dollars(charged * 48 // 100)),
                    Cell("too few" if lines < 11 else points(0.012 * (at % 5 - 2)), sort=at % 5, small=few),
                )
            )
        )
    total = Row(
        (
            Cell("All codes"),
            Cell("639"),
            Cell("1,004"),
            Cell("100 %"),
            Cell("277"),
            Cell("1.57"),
            Cell("32,261"),
            Cell("20,002"),
            Cell("15,485"),
            Cell(""),
        ),
        total=True,
    )
    heads = (
        Head("Code", False),
        Head("Lines"),
        Head("Units"),
        Head("Share of units"),
        Head("Visits"),
        Head("Units per line"),
        Head("Charged, $"),
        Head("Allowed, $"),
        Head("Paid, $"),
        Head("Change of share", note="from March–May"),
    )
    note = "Shares add up to 100 %. Wording of the codes is ours. Grey italics: fewer than 30 lines."
    return Table(
        "usage-codes", "What was billed", heads, (*fold_rows(made), total), note, csv="usage_codes.csv"
    )


def _table(name: str, title: str, text: str, **more: Any) -> Table:
    """Return a table written as text; a line that begins with `=` is a total.

    `>` marks a numeric head, `~` a second line, `?` few cases, `!` an outcome.
    """
    lines = [line.strip() for line in text.strip().splitlines()]
    heads = tuple(
        Head(head.strip(" >").partition("~")[0], ">" in head, note=head.partition("~")[2].strip())
        for head in lines[0].split("|")
    )
    rows = tuple(
        Row(tuple(_cell(cell) for cell in line.lstrip("=").split("|")), total=line.startswith("="))
        for line in lines[1:]
    )
    return Table(name, title, heads, rows, **more)


def _cell(text: str) -> Cell:
    words, _, sub = text.strip().partition("~")
    if words.startswith("!"):
        mark, _, tone = words[1:].partition("/")
        return Cell("", mark=mark, tone=tone)
    return Cell(words.lstrip("?"), small=words.startswith("?"), sub=sub)


def _usage(rows: int) -> Section:
    layers = [
        Layer("97140 Manual therapy", tuple(60 + at * 2 for at in range(13)), "97140"),
        Layer("97124 Massage", tuple(48 - at for at in range(13)), "97124"),
        Layer("97112 Re-education", tuple(12 + at % 4 for at in range(13)), "97112"),
    ]
    mix = stacked(
        "usage-mix",
        "Manual therapy takes a growing part of hands-on treatment",
        MONTHS,
        layers,
        subtitle="Share of units by month of service",
        legend="The newest month may still grow.",
    )
    families = """
        Family                           | >Lines | >Share | >March–May
        Adjustments, 1 to 2 regions~98940 | 53     | 44.2 % | 46.0 %
        Adjustments, 3 to 4 regions~98941 | 67     | 55.8 % | 54.0 %"""
    categories = """
        Kind           | >Lines | >Charged, $
        CPT category I | 604    | 31,841
        HCPCS          | 35     | 420"""
    ended = Note(
        "**4 lines** were billed with a code that had ended on the date of service: 97001 (4).",
        "usage/not_valid",
    )
    blocks: Blocks = {
        "codes": _codes(rows),
        "mix": mix,
        "families": _table("usage-families", "Mix inside the families", families),
        "categories": _table("usage-categories", "By kind of code", categories),
        "not_valid": ended,
    }
    lead = (
        "639 lines, 1,004 units on 277 visits. **Exercise** is the most used code, as in every month before."
    )
    return Section("usage", "Code usage, June 2026", blocks, lead, "Code usage")


def _dots() -> list[Dot]:
    """Return every code's denial rate beside an earlier one."""
    return [
        Dot(
            f"{code} {words}",
            part / lines,
            max(0, part / lines - 0.06),
            min(1, part / lines + 0.07 + 3 / lines),
            0.06 + 0.01 * (at % 4),
            code,
            rate(part, lines),
            f"{part} of {lines}",
            lines < 30,
            "worse" if code == "97140" else "",
        )
        for at, (code, words, lines, _, _, part) in enumerate(CODES)
    ]


def _reasons() -> Table:
    reasons = {
        "CO-97": "Bundled",
        "CO-16": "Information missing",
        "CO-50": "Medical need",
        "PR-119": "Benefit used up",
        "CO-197": "No authorization",
        "CO-29": "Filed late",
    }
    rows = []
    for at, payer in enumerate(PAYERS):
        numbers = [max(0, 12 - 3 * at - 2 * way + (at * way) % 4) for way in range(len(reasons))]
        cells = [
            Cell(
                count(number) if number else NONE,
                sort=number,
                heat=min(4, (number + 2) // 3),
                sub=money(number * 37_10) if number else "",
                explain=f"denials/reasons;reason={reason}",
            )
            for number, reason in zip(numbers, reasons, strict=True)
        ]
        rows.append(Row((Cell(payer), *cells, Cell(count(sum(numbers)), sub="of 144"))))
    heads = [Head(reason, note=words) for reason, words in reasons.items()]
    return Table(
        "denials-reasons",
        "First denials by payer and reason",
        (Head("Payer", False), *heads, Head("All")),
        tuple(rows),
        "Lines, dollars charged below. A stronger shade means more lines.",
        heat=("1–3", "4–6", "7–9", "10 and more"),
    )


def _denials() -> Section:
    rates = dots(
        "denials-rates",
        "97140 stands apart: its whole interval lies above its own earlier months",
        _dots(),
        subtitle="Share of lines denied at the first answer, June 2026",
        overall=0.116,
        legend="Dot: June. Line: 95 % interval. Tick: the code's own March–May. "
        "Hollow: fewer than 30 lines, not judged.",
    )
    payers = """
        Payer         | Outcome                 | >Denied | >Rate~95 % interval  | >March–May | >Charged, $
        Blue plan     | !significantly higher/worse | 18 / 167 | 10.8 %~6.9 to 16.4 % | 5.1 %     | 870
        Medicare B    | !does not exceed        | 14 / 170 | 8.2 %~5.0 to 13.3 %  | 7.9 %     | 631
        Auto / PIP    | !significantly lower/better | 2 / 109  | 1.8 %~0.5 to 6.4 %   | 9.9 %     | 54
        Workers' comp | !too few to tell        | ?1 / 6   | ?1 of 6              | —         | 40"""
    causes = """
        Cause      | Who        | >Lines | >$
        Coding     | Billing    | 34     | 1,402
        Front desk | Front desk | 11     | 603"""
    flow = """
                               | >Lines | >$
        Denied at first answer | 74     | 3,450
        Recovered since        | 33     | 1,279
        =Still open            | 41     | 2,171"""
    definitions = """
        Definition        | >Lines | >Rate
        Zero paid         | 91     | 14.2 %
        Denied or reduced | 80     | 12.5 %"""
    blocks: Blocks = {
        "rates": rates,
        "payers": _table("denials-payers", "By payer", payers),
        "reasons": _reasons(),
        "causes": _table("denials-causes", "What causes them, who can fix it", causes),
        "flow": _table("denials-flow", "What became of them", flow),
        "worklist": Note(
            "**41 denied lines are still open.**",
            "denials/open",
        ),
        "definitions": _table(
            "denials-definitions", "What other definitions give on the same lines", definitions, fold=True
        ),
    }
    lead = "74 of 639 answered lines were denied at first answer, **11.6 %** (9.3 to 14.3 %)."
    return Section("denials", "Denials: which code, which payer, which reason", blocks, lead, "Denials")


def _documentation() -> Section:
    elements = ("Diagnosis", "Minutes", "Technique", "Plan", "Response")
    rows = []
    for at, (code, words, *_) in enumerate(CODES[:5]):
        gaps = [
            Cell(percent(part), heat=int(part * 12), sub=f"{int(part * 60)} visits" if part else "")
            for part in (0.0, 0.31 - at * 0.05, 0.12, 0.06 * at, 0.2)
        ]
        rows.append(Row((Cell(code, sub=words), *gaps)))
    heat = Table(
        "documentation-heat",
        "What the notes lack, by code",
        (Head("Code", False), *(Head(name) for name in elements)),
        tuple(rows),
        "Share of visits whose note lacks the element. Unknown is not counted as lacking.",
        heat=("up to 8 %", "to 17 %", "to 25 %", "above"),
    )
    unsigned = bars(
        "documentation-unsigned",
        "Three notes are unsigned for more than 30 days",
        [
            Bar("0 to 2 days", 9),
            Bar("3 to 7 days", 6),
            Bar("8 to 30 days", 5),
            Bar("Over 30 days", 3, tone="worse"),
        ],
        subtitle="Unsigned notes by age on 15 August 2026",
        form=count,
    )
    blocks: Blocks = {
        "heat": heat,
        "unsigned": unsigned,
        "billed_before_signed": Note("**31 lines** ($1,204) were billed before their note was signed."),
        "not_measured": Empty(
            "Region and referral are not measured.",
            "The notes file has no column for them.",
            "Export the columns “region” and “referral”; see config/README.md.",
        ),
    }
    return Section("documentation", "Documentation", blocks)


def _moved() -> Section:
    """Return what moved the rate: one payer denies more, a new one came, another lost lines."""
    counts = """
        Blue plan        | 40 | 620 | 21 | 190
        Workers’ comp    | 30 | 220 | 34 | 105
        State plan       | 45 | 700 | 12 | 240
        Another insurer of a very long name | 22 | 240 | 2 | 24
        Newcomer health  | 0  | 0   | 9  | 70
        Tiny             | 1  | 6   | 0  | 2"""
    table = [[part.strip() for part in row.split("|")] for row in counts.splitlines() if row.strip()]
    values = [
        Value(name, Counts(int(top), int(base)), Counts(int(later), int(lines)))
        for name, top, base, later, lines in table
    ]
    split = split_rate("payer", values, 11)
    assert split
    move = Move(
        Subject("denial rate", "lines"), split, HIGHER, "higher", ("Mar–May 2026", "Jun 2026"), Limits()
    )
    blocks: Blocks = {"chart": draw_move(move, "moved-chart"), "parts": list_parts(move, "moved-parts")}
    return Section("moved", "What moved the denial rate", blocks, state_move(move))


def demo_page(rows: int = len(CODES)) -> Page:
    """Return the invented page; `rows` is the number of codes in its longest table."""
    series = [_months(0.085, 0.02), _months(0.06, 0.012, 0.23), _months(0.17, 0.02), _months(0.1, 0.03)] * 3
    top = shared_top(series)
    names = ("Initial denial rate", "Denied, 97140", "Missing element", "Denied, Blue plan") * 3
    trends = tuple(
        trend(
            f"trend-{at}", name, months, subtitle="Share of lines", top=top, tone="worse" if at == 1 else ""
        )
        for at, (name, months) in enumerate(zip(names, series, strict=True))
    )
    since_then = """
        Month                    | >Lines | >Visits | >Answered | >Missing an element
        July 2026                | 655    | 281     | 66.0 %    | 16.4 %
        August 2026, to the 15th | 301    | 130     | 12.1 %    | 17.9 %"""
    files = """
        File        | >Rows | >Used | >Set aside | >Refused | >Charged, $
        charges.csv | 648   | 639   | 9          | 0        | 32,261.00"""
    return Page(
        practice="Invented Therapy & Chiropractic",
        practice_note="sample, nobody real",
        period="June 2026",
        compared_with="March–May 2026",
        verdict="Denials rose from 7.7 % to 11.6 %; one code at two payers is behind most of it.",
        standfirst="Four items worth about **$1,803** are listed below. Everything else is as usual. "
        "This page points at lines to check; only the chart can tell whether a line is wrong.",
        reconciliation=(
            "**648** rows read = **639** used + **9** set aside + **0** refused",
            "Dollars in and out differ by **$0.00**",
            "June is **97 % answered**; July is **66 %** and not judged yet",
        ),
        warnings=("Two payers’ names nearly agree: “Blue plan” and “Blue Plan.”; they are counted apart.",),
        tiles=_tiles(),
        actions=_actions(),
        actions_note="Ordered by dollars, lower estimate. Nothing is sent to a payer for you.",
        moved=_moved(),
        sections=(_usage(rows), _denials(), _documentation()),
        trends=trends,
        trends_note="Twelve months to June 2026, flagged first, then by dollars.",
        since_then=_table("since-then-table", "Younger months, counted but not judged", since_then),
        definitions=(
            Definition("Initial denial rate", "Lines denied at the first answer, of all lines answered."),
            Definition("Higher", "Than the practice's own earlier months; not than anybody else's."),
        ),
        not_checked=("Medical necessity", "Licenses and credentials", "Exclusion lists", "Contracts"),
        files=_table("manifest-files", "Files", files),
        manifest=(
            Definition("Version", "Billing Self-Audit 0.1.0"),
            Definition("charges.csv", "sha256 " + "0123456789abcdef" * 4),
        ),
        explain='audit explain "{figure}" FILES... --period 2026-06',
    )


def empty_page() -> Page:
    """Return the page of a first period in which nothing stands out and little was exported."""
    no_denials = Empty("No denials in June:", "0 of 12 lines (0 to 24 %).")
    no_notes = Empty(
        "Not measured.",
        "No documentation columns in these files.",
        "Add note_signed and minutes to the export.",
    )
    return Page(
        practice="A small practice",
        period="June 2026",
        verdict="Not enough answered lines to judge yet.",
        standfirst="First period: nothing to compare yet.",
        tiles=(Tile("visits", "Visits", "12", outcome="too few to tell"),),
        checked=("Denials by code and payer", "Codes that had ended", "Unsigned notes"),
        checked_note="3 of 4 rules had rows.",
        sections=(
            Section("usage", "Code usage", {"codes": _codes(1)}),
            Section("denials", "Denials", {"rates": no_denials}),
            Section("documentation", "Documentation", {"not_measured": no_notes}),
        ),
    )


def demo_comparison() -> ComparePage:
    """Return two invented periods beside each other."""
    moved = dumbbell(
        "compare-codes",
        "Only 97140 moved more than its interval",
        _dots(),
        subtitle="Share denied at first answer",
        legend="Ring: July. Dot: October, with its 95 % interval.",
    )
    restated = """
        Figure              | >Then | >Now
        Initial denial rate | 7.7 % | 7.9 %"""
    rates: Blocks = {
        "codes": moved,
        "few": slope("compare-few", "The six largest", _dots()[:6], "July", "October"),
    }
    table = {"table": _table("compare-restated", "Restated since July was saved", restated)}
    return ComparePage(
        "Invented Therapy & Chiropractic",
        "July 2026",
        "October 2026",
        "Denials rose from 7.7 % to 11.6 %; nothing else moved.",
        "Read from two saved results, without the billing files.",
        warnings=("July was made with version 0.1.0, October with 0.2.0: the reason table differs.",),
        tiles=_tiles()[:5],
        sections=(
            Section("rates", "Denials", rates),
            Section("restated", "Restated", table, "What was known of July when it was saved, and now."),
        ),
        manifest=(Definition("July", "results.json of 2026-08-15"),),
    )
