"""The monthly report as the records its page is made of, and what the terminal says of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from audit.blocks import (
    Block,
    Cell,
    Definition,
    Head,
    Page,
    Row,
    Section,
    Table,
    Tile,
    count,
    money_exact,
    plural,
    share,
)
from audit.changed_months import list_changed
from audit.edits import tell_editions
from audit.figures import HIGHER, LOWER, NOUNS
from audit.lateness import tell_young
from audit.moved import show_moved
from audit.payments import show_payments
from audit.record import unaccounted
from audit.rulings import list_shares, show_rulings
from audit.summary import NOT_CHECKED, define, list_resolved, make_actions, tell_checked
from audit.targets import list_targets
from audit.tiles import make_tiles
from audit.topics import SECTIONS, TOPICS, answers
from audit.trends import draw_trends, tell_since
from audit.verdict import state_verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.earlier import Earlier
    from audit.output import Written
    from audit.record import Audit
    from audit.rules import Rule


MOST_TILES = 7

GIVE_WAY = ("units-per-visit", "usage-visits")
"""Tiles that make room for the chart review's, the first without news: both stand in the usage section."""


def compose(audit: Audit, earlier: Sequence[Earlier] = ()) -> Page:
    """Return the report as the records its page is made of; `earlier` are the reports it looks back at."""
    options, settings, comparison = audit.options, audit.settings, audit.comparison
    verdict, standfirst = _open(audit)
    sections = _sections(audit, list_changed(comparison, earlier))
    names = {one.rule.id: _name(one.rule) for one in audit.checked}
    return Page(
        practice=settings.practice.name,
        period=audit.period.title,
        verdict=verdict,
        standfirst=standfirst,
        compared_with=audit.period.three_before().title if comparison.spans.three_before else "",
        practice_note=options.note,
        concludes=not options.for_counsel,
        reconciliation=_reconcile(audit),
        warnings=_warn(audit),
        tiles=_make_room(make_tiles(comparison, audit.chosen), _review_tile(audit)),
        actions=()
        if options.for_counsel
        else make_actions(audit.to_do, settings.thresholds.most_actions, options.command),
        actions_note="By cautious expected payment. Nothing is sent to a payer.",
        checked=tuple(names[one.rule.id] for one in audit.checked if one.checked),
        checked_note=tell_checked(audit.checked),
        resolved=list_resolved(audit.resolved, names),
        moved=None if options.for_counsel else show_moved(comparison),
        targets=list_targets(comparison, settings, [one.id for one in sections]),
        sections=sections,
        trends=draw_trends(comparison, audit.chosen, settings.thresholds.most_trends),
        since_then=tell_since(comparison, audit.chosen),
        definitions=define(comparison),
        not_checked=_not_checked(audit),
        files=_files_table(audit),
        manifest=_manifest_lines(audit),
        explain=options.command,
    )


def _open(audit: Audit) -> tuple[str, str]:
    """Return the sentence at the top and the one under it; for counsel no conclusion is drawn."""
    if audit.options.for_counsel:
        return (
            f"{audit.period.title}: figures and rows, without conclusions",
            "What was counted, how, and from which rows; what it means is left to the reader.",
        )
    return state_verdict(audit.comparison, audit.period.title)


def _with_block(section: Section, wanted: str, name: str, block: Block | None) -> Section:
    """Return the section with one block more, where it is the wanted one."""
    return replace(section, blocks={**section.blocks, name: block}) if section.id == wanted else section


def _sections(audit: Audit, changed: Block | None) -> tuple[Section, ...]:
    """Return the topics' sections; payments, which no topic counts, follow what became of the lines.

    `changed` tells which months have changed since they were reported: it stands with the answers.
    """
    options = audit.options
    sections: list[Section | None] = []
    for topic in SECTIONS:
        shown = topic.show(audit.comparison, audit.populations, audit.settings, audit.options.as_of)
        sections.append(shown and _with_block(shown, answers.ID, "restated", changed))
        if topic is answers:
            sections.append(show_payments(audit.read, audit.period))
    unsectioned = {topic.ID for topic in TOPICS} - {topic.ID for topic in SECTIONS}
    sections.append(
        show_rulings(
            audit.findings,
            audit.checked,
            options.command,
            editions=tell_editions(audit.settings.edits, options.as_of),
            shares=list_shares(audit.comparison, unsectioned),
            conclude=not options.for_counsel,
        )
    )
    sections.append(_review_section(audit))
    return tuple(section for section in sections if section)


# What a person found in charts is loaded only where somebody has read some.


def _review_section(audit: Audit) -> Section | None:
    if audit.reviewed is None:
        return None
    from audit.chart_section import show_reviewed

    return show_reviewed(audit.reviewed, audit.comparison)


def _review_tile(audit: Audit) -> Tile | None:
    if audit.reviewed is None:
        return None
    from audit.chart_section import make_review_tile

    return make_review_tile(audit.reviewed, audit.comparison.limits.smallest_base)


def _not_checked(audit: Audit) -> tuple[str, ...]:
    if audit.reviewed is None:
        return NOT_CHECKED
    from audit.chart_section import STILL_UNREAD

    return (*NOT_CHECKED[:-1], STILL_UNREAD)


def _make_room(tiles: tuple[Tile, ...], more: Tile | None) -> tuple[Tile, ...]:
    """Return the tiles with one more, seven at most: units give way, or visits where units have news."""
    if more is None:
        return tiles
    if len(tiles) == MOST_TILES:
        aside = next((name for name in GIVE_WAY if _is_quiet(tiles, name)), GIVE_WAY[-1])
        tiles = tuple(tile for tile in tiles if tile.id != aside)
    return (*tiles, more)


def _is_quiet(tiles: tuple[Tile, ...], name: str) -> bool:
    return all(tile.outcome not in (HIGHER, LOWER) for tile in tiles if tile.id == name)


def _name(rule: Rule) -> str:
    """Return what a rule looks for, without a number."""
    return rule.title.format(rows=f"{NOUNS[rule.table]}s")


def _reconcile(audit: Audit) -> tuple[str, ...]:
    files = audit.read.files
    rows, used = sum(one.rows for one in files), sum(one.used for one in files)
    aside, refused = sum(one.set_aside for one in files), sum(one.refused for one in files)
    answered = audit.comparison.total("answers/answered")
    parts = [
        f"**{count(rows)}** rows read = **{count(used)}** used + **{count(aside)}** set aside + "
        f"**{count(refused)}** refused",
        f"Dollars in and out differ by **{money_exact(sum(unaccounted(one) for one in files))}**",
    ]
    if answered.base and audit.chosen.mature is not None and not audit.read.from_answers:
        parts.append(f"{audit.period.title} is **{share(answered.numerator, answered.base)} answered**")
    return tuple(parts)


def _warn(audit: Audit) -> tuple[str, ...]:
    warnings = []
    if audit.options.for_counsel and audit.settings.practice.at_request_of_counsel:
        warnings.append("Prepared at the request of counsel.")
    warnings += [*_cut_off(audit), *(alike.sentence for alike in audit.read.alike)]
    if audit.read.from_answers:
        warnings.append(
            "The files hold no charge or claim: the lines are those that payers answered. What was never "
            "answered is not seen, and which claim was sent again is taken from the days of the answers: the "
            "claims as sent (837P) tell of both."
        )
    if not audit.chosen.whole:
        warnings.append(
            f"{audit.period.title} was not over on {audit.options.as_of.isoformat()}: its figures will grow."
        )
    if audit.chosen.mature is False:
        warnings.append(tell_young(audit.comparison))
    if not audit.comparison.spans.three_before:
        before = audit.period.three_before().title
        warnings.append(f"The history is too short to compare this period with {before}.")
    return tuple(warnings)


def _cut_off(audit: Audit) -> list[str]:
    """Say which files end before their end: what they lost is in no figure."""
    return [
        f"{one.place} is {one.incomplete}; what it lost is in no figure."
        for one in audit.read.files
        if one.incomplete
    ]


def _files_table(audit: Audit) -> Table:
    rows = tuple(
        Row(
            (
                Cell(one.name, sub=one.sheet),
                Cell(one.format),
                Cell(count(one.rows)),
                Cell(count(one.used)),
                Cell(count(one.set_aside)),
                Cell(count(one.refused)),
                Cell(money_exact(one.control_cents)),
                Cell(money_exact(unaccounted(one))),
            )
        )
        for one in audit.read.files
    )
    return Table(
        "files",
        "Files read",
        (
            Head("File", numeric=False),
            Head("Format", numeric=False),
            Head("Rows"),
            Head("Used"),
            Head("Set aside"),
            Head("Refused"),
            Head("Dollars in the file"),
            Head("Not accounted for"),
        ),
        rows,
        note="Every row set aside or refused stands in refused.csv with its reason.",
        csv="../refused.csv",
    )


def _manifest_lines(audit: Audit) -> tuple[Definition, ...]:
    made = audit.manifest
    files = "; ".join(f"{name} {digest[:12]}" for name, digest in audit.read.digests.items())
    return (
        Definition("Version", f"Billing Self-Audit {made.version}"),
        Definition("As of", audit.options.as_of.isoformat()),
        Definition("Period", f"{audit.period.text}, by date of service"),
        Definition("Files (SHA-256)", files),
        Definition("Libraries", ", ".join(f"{name} {number}" for name, number in made.libraries.items())),
        Definition(
            "Code book and settings",
            ", ".join(f"{name} {digest[:12]}" for name, digest in made.editions.items()),
        ),
        Definition("Practice settings", made.settings[:12] or "none"),
    )


def tell(audit: Audit, written: Written) -> tuple[str, ...]:
    """Return what the terminal says of a run, in a few lines."""
    verdict, _ = _open(audit)
    lines = [
        f"{one.place}: {plural(one.rows, 'row')} read, {count(one.used)} used, {count(one.set_aside)} set "
        f"aside, "
        f"{count(one.refused)} refused"
        for one in audit.read.files
    ]
    lines += [*_cut_off(audit), *(alike.sentence for alike in audit.read.alike)]
    differ = money_exact(sum(unaccounted(one) for one in audit.read.files))
    lines.append(f"Reconciled: dollars in and out differ by {differ}")
    title = audit.period.title
    lines.append(verdict if verdict.startswith(title) else f"{title}: {verdict}")
    if written.kept:
        lines.append(f"The earlier report is kept as {written.kept.name}")
    return tuple(lines)
