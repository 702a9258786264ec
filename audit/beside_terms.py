"""On what terms two saved periods are compared: warnings, definitions, and how each was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.beside import HEADLINES
from audit.beside_cells import confidence_words
from audit.beside_sides import listed, made_differently
from audit.blocks import UNKNOWN, Definition, count, money_exact, plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.beside import Pair
    from audit.beside_sides import Side


def reconcile(pair: Pair) -> tuple[str, ...]:
    """Return for each of the two how many rows were read and whether dollars were lost."""
    return tuple(map(_reconcile, pair.sides, pair.names))


def _reconcile(side: Side, name: str) -> str:
    files = side.results.reconciliation
    lost = sum(file.control_cents - file.used_cents - file.aside_cents - file.refused_cents for file in files)
    return (
        f"**{name}** as of {side.as_of}: {plural(sum(file.rows for file in files), 'row')} read, dollars in "
        f"and out differ by {money_exact(lost)}"
    )


def warn(pair: Pair) -> Iterable[str]:
    """Yield what a reader must know before comparing."""
    before, after = pair.names
    for side, name in zip(pair.sides, pair.names, strict=True):
        if side.as_of <= side.period.last_day:
            yield f"{name} was not over when it was saved on {side.as_of}: its figures were still growing."
        elif side.results.mature is False:
            yield (
                f"Too few lines of {name} were answered when it was saved on {side.as_of}: what needs the "
                "payers' answers is **not judged yet**."
            )
        cut = list(dict.fromkeys(file.name for file in side.results.reconciliation if file.incomplete))
        if cut:
            yield f"{name} was made of files that were **cut off**: {listed(cut)}. What they lost is missing."
    if pair.aged and all(age > 0 for age in pair.ages):
        then, now = (plural(age, "day") for age in pair.ages)
        yield (
            f"Saved at **different ages**: {before} {then} after its end, {after} {now}. Answers had more "
            "time to come in one: denials have a word only where lines still unanswered cannot undo it."
        )
    if pair.overlap:
        yield (
            f"{before} and {after} **overlap**: the months that both hold hide a difference, so nothing is "
            "called higher or lower."
        )
    if pair.per_month:
        one, other = pair.months
        yield (
            f"{before} has {plural(one, 'month')} and {after} {count(other)}: **amounts are shown per "
            "month**; shares are as they are."
        )
    made = made_differently(*pair.sides)
    if made:
        yield (
            f"The two were made differently: {'; '.join(made)}. A difference between the periods may come "
            "from that."
        )
    if pair.differing:
        titles = [measure.title for name, measure in pair.measures.items() if name in pair.differing]
        yield (
            f"**Defined differently**, so shown but not compared: {listed(titles)}. Both definitions stand "
            "below."
        )
    alone = _only_in_one(pair)
    if alone:
        yield f"Measured in only one of the two, so not shown: {listed(alone)}."


def _only_in_one(pair: Pair) -> list[str]:
    one, other = (side.results.measures for side in pair.sides)
    titles = [measure.title for name, measure in one.items() if name not in other]
    return titles + [measure.title for name, measure in other.items() if name not in one]


def define_words(pair: Pair) -> tuple[Definition, ...]:
    """Return the words of the page, then what its measures mean; both meanings where they differ."""
    before, after = pair.names
    words = (
        Definition(
            "Significantly higher, significantly lower",
            f"The share, or the mean per visit, in {after} differs from the practice's own in {before} by "
            "more than chance. The test is the report's, with the earlier period as the past: of shares the "
            "beta-binomial, of means the t of two means. It counts lines of a claim and visits of a patient "
            "as clusters, knows that months differ by themselves, and corrects for all figures of this page, "
            "so that at most about one page in twenty has such a word where nothing changed.",
        ),
        Definition(
            "Higher within chance, does not exceed, too few to tell",
            "Above the earlier share or mean, but no further than chance may move it; not above it; fewer "
            f"than {pair.limits.smallest_base} effective lines or visits in one of the two. The "
            f"{confidence_words(pair)} interval of the change of a share (Newcombe's, with clusters) knows "
            "neither restless months nor the other figures: it is shown, and is no source of words.",
        ),
        Definition(
            "The reports' own words",
            "Each report sets its period beside the practice's own year before; this page sets it beside the "
            "other period alone. A figure may be high beside one and not beside the other.",
        ),
        Definition(
            "Not comparable",
            "A figure that does not add up over months, where the periods differ in length: a patient of two "
            "months is one patient.",
        ),
        Definition(
            "Expected payment",
            "What lines could be expected to be allowed, by the median of the same payer and code; as each "
            "report worked it out.",
        ),
        Definition(
            "Restated",
            "A figure of the earlier period that the later files, which know more, count differently.",
        ),
    )
    named = (*HEADLINES, *pair.elements, *sorted(pair.differing))
    shown = [name for name in dict.fromkeys(named) if name in pair.measures]
    texts: list[Definition] = []
    for name in shown:
        then, now = pair.earlier.results.measures[name], pair.measures[name]
        if then.definition == now.definition:
            texts.append(Definition(now.title, now.definition))
        else:
            texts.append(Definition(f"{then.title} ({before})", then.definition))
            texts.append(Definition(f"{now.title} ({after})", now.definition))
    return (*words, *texts)


def tell_manifests(pair: Pair) -> tuple[Definition, ...]:
    """Return what each of the two was made with."""
    return (*_manifest(pair.earlier, pair.names[0]), *_manifest(pair.later, pair.names[1]))


def _manifest(side: Side, name: str) -> tuple[Definition, ...]:
    made = side.results.manifest
    files = "; ".join(f"{file.name} {file.sha256[:12]}" for file in side.results.reconciliation)
    return (
        Definition(f"{name}, version", f"Billing Self-Audit {made.version}, as of {side.as_of}"),
        Definition(f"{name}, files (SHA-256)", files or UNKNOWN),
        Definition(f"{name}, libraries", _versions(made.libraries)),
        Definition(
            f"{name}, code book and settings",
            _versions({table: digest[:12] for table, digest in made.editions.items()}),
        ),
        Definition(f"{name}, practice settings", made.settings[:12] or "none"),
    )


def _versions(names: dict[str, str]) -> str:
    return ", ".join(f"{name} {text}" for name, text in sorted(names.items())) or UNKNOWN
