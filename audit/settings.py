"""Settings: the shipped files of `config/` and a practice's own `practice.toml` as frozen, validated structs.

In: `practice.toml` (or none). Out: one `Settings`. Every setting is visible here with its default and
explained in `config/README.md`. A file that is not valid, an unknown key, a wrong type or a value out of
range is a `SettingsError` of one sentence that names the file and the key. `confirmed = false` is loaded
like any other value: it is the run command that refuses it.

What is known about payers has a room of its own (`payers.py`), and so have the practice's own rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from fnmatch import fnmatchcase
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from audit.dated import Dated, check_order
from audit.errors import SettingsError
from audit.lines import CHARTED, DECISIONS
from audit.own_rules import OwnRule
from audit.payers import PayerSetting
from audit.validation import (
    ID_PATTERN,
    CodeText,
    Count,
    Days,
    Share,
    Text,
    Texts,
    convert,
    nearest,
    parse_toml,
    read_toml,
)
from audit.watchlist import Peer, Target, merge_targets, read_peers

if TYPE_CHECKING:
    from pathlib import Path

Discipline = Literal["massage", "pt", "ot", "chiropractic", "acupuncture", "slp", "other"]

LINE_FIELDS = (
    "line_id",
    "claim_id",
    "visit_id",
    "patient",
    "patient_name",  # read only to tell a payer that is the patient; never kept
    "clinician",
    "payer",
    "location",
    "service_date",
    "submitted_date",
    "code",
    "modifiers",
    "diagnoses",
    "minutes",
    "start",
    "end",
    "units",
    "charge",
    "allowed",
    "paid",
    "patient_share",
    "frequency",
    "replaces",
    "item",
)
"""What a layout can say about a claim line."""

POSTING_FIELDS = (
    "line_id",
    "claim_id",
    "code",
    "modifiers",
    "service_date",
    "posted_on",
    "payer_rank",
    "kind",
    "group",
    "reason",
    "amount",
    "remarks",
    "claim_status",
)
"""What a layout can say about a posting."""

CHARTED_FIELDS = tuple(column.name for column in CHARTED)
"""What a layout can say about plans of care, referrals and the note itself, also beside claim lines."""

CHARTED_DATES = tuple(column.name for column in CHARTED if column.kind.startswith("datetime"))
"""Of these, dates."""

NOTE_FIELDS = (
    "visit_id",
    "patient",
    "clinician",
    "location",
    "service_date",
    "minutes",
    "signed_on",
    *CHARTED_FIELDS,
)
"""What a layout can say about a visit note, beside its documentation elements."""

FIELDS = tuple(dict.fromkeys([*LINE_FIELDS, *POSTING_FIELDS, *NOTE_FIELDS]))
"""Every field that a layout may map."""

SELF_PAY_WORDS = ("self-pay", "self pay", "selfpay", "cash", "patient", "private pay", "none - self pay")
DEFAULT_PAYER = "default"


def fold_name(text: str) -> str:
    """Return a name as it is compared: case, punctuation and repeated blanks do not count."""
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def fold_text(text: str) -> str:
    """Return a text as it is compared: as a name, but a sign such as a check mark as it is."""
    return fold_name(text) or text.strip()


# ---------------------------------------------------------------- documentation elements


class Element(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing a visit note must (or should) show for certain codes."""

    id: Annotated[str, Meta(pattern=ID_PATTERN)]
    """Short name; the visits column is `has_<id>`."""
    title: Text
    """What it is called in the report."""
    short: Text
    """The same in a word or two, for the head of a column."""
    question: Text
    """What a reader of the note asks, in plain words."""
    why: Text
    """Why it matters, in one sentence."""
    codes: Texts
    """Codes that require it; `*` and `?` stand for any text and any one character."""
    not_codes: list[Text] = []
    """Codes that do not require it although `codes` covers them."""
    disciplines: list[Discipline | Literal["*"]] = field(default_factory=lambda: ["*"])
    """Disciplines that require it; `*` = every one, also an unknown one."""
    cert_class: Literal[
        "no documentation", "insufficient documentation", "medical necessity", "incorrect coding", "other"
    ]
    """The class in which Medicare's error-rate review would count the gap."""
    source: Text
    """Where the requirement is written."""
    in_force_from: date | None = None
    """First date of service it applies to; absent = long in force or not known."""
    in_force_to: date | None = None
    """Last date of service it applies to; absent = still in force."""
    state: Literal["required", "advised"] = "required"
    """Required in general, or advised: required by some states, payers or plans only."""
    column_hint: list[Text] = []
    """Header names under which exports may show it."""

    def __post_init__(self) -> None:
        check_order(self.in_force_from, self.in_force_to, '"in_force_from"', '"in_force_to"')

    @property
    def column(self) -> str:
        """Return the visits column that holds this element's state."""
        return f"has_{self.id}"

    def applies(self, code: str, discipline: str) -> bool:
        """Tell whether a line of this code by this discipline ("" = unknown) requires the element."""
        return self.asks(discipline) and self.covers(code)

    def asks(self, discipline: str) -> bool:
        """Tell whether it is required of a discipline, for some codes."""
        return "*" in self.disciplines or discipline in self.disciplines

    def covers(self, code: str) -> bool:
        """Tell whether it is required for a code, of some disciplines."""
        return _matches(code, self.codes) and not _matches(code, self.not_codes)

    def in_force(self, day: date) -> bool:
        """Tell whether the element is asked for on a date of service."""
        starts, ends = self.in_force_from, self.in_force_to
        return (starts is None or starts <= day) and (ends is None or day <= ends)


def _matches(code: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(code, pattern) for pattern in patterns)


class Documentation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file `config/documentation.toml`."""

    elements: Annotated[list[Element], Meta(min_length=1)]
    """The elements, in the order of the report."""

    def __post_init__(self) -> None:
        ids = [element.id for element in self.elements]
        if repeated := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f'the element "{repeated[0]}" is described twice')


# ---------------------------------------------------------------- limits


class Thresholds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every limit that decides what is shown, compared or called unusual."""

    smallest_base: Count = 11
    """Fewest lines in the base for a rate to be shown; below, only "1 of 6"."""
    cautious_base: Count = 30
    """Below this base a rate is marked as resting on few lines."""
    give_up_days: Count = 120
    """A line without an answer for this many days is no longer waited for."""
    usual_answer_share: Share = 0.90
    """Share of a payer's answers that come within what is called its usual time."""
    mature_share: Share = 0.90
    """Share of a period's billed lines that must be answered before the period is judged."""
    confidence: Annotated[float, Meta(ge=0.5, lt=1)] = 0.95
    """Confidence of every interval."""
    aging_days: Annotated[list[Count], Meta(min_length=1)] = field(default_factory=lambda: [2, 7, 30])
    """Last day of each age class of unsigned notes; the last class is older."""
    usual_range_months: Count = 12
    """Earlier months that a figure is judged beside, and that make up its usual range."""
    usual_range_fewest: Annotated[int, Meta(ge=2)] = 6
    """Fewest such months for a word of change or a usual range."""
    usual_range_width: Annotated[float, Meta(gt=0)] = 3.0
    """Half width of the usual range, in standard errors."""
    expected_allowed_months: Count = 12
    """Months of history in which the median allowed amount of a payer and code is taken."""
    most_trends: Count = 3
    """Trend charts shown at most; the rest stand in tables."""
    most_actions: Count = 5
    """Things to do shown at most in the list at the top."""
    most_groups_charted: Count = 15
    """Codes, payers or clinicians drawn in one chart at most; the table holds all."""
    shared_patients: Share = 0.50
    """Share of the notes' patients that charges must know for missing charges to be looked for."""
    late_note_days: Count = 7
    """A note unsigned for more than this many days is late."""
    deadline_soon_days: Days = 30
    """An appeal or filing deadline within this many days is called soon."""
    alike_names: Share = 0.88
    """Likeness from which two payer names are reported as nearly the same (1 = equal)."""
    hours_per_day: Annotated[float, Meta(gt=0, le=24)] = 8.0
    """Hours of treatment of one clinician on one day that may pass without a look."""
    visits_per_year: Count = 24
    """Visits of one patient in a year that may pass without a look."""
    course_weeks: Annotated[int, Meta(ge=1, le=104)] = 12
    """Weeks of a course over which its visits are counted."""
    course_visits: Count = 3
    """Visits a week, on average over a course, that call for a look."""
    visits_alike: Annotated[int, Meta(ge=2)] = 12
    """Visits on end with the same units, codes or amount that call for a look."""
    adjustments_without_exam: Count = 12
    """Adjustments with AT on end, none examined again, that may pass without a look."""
    massage_units: Count = 4
    """Units of 97124 for one patient on one day that may pass without a look."""
    sunday_share: Share = 0.05
    """Share of the visits from which Sunday is a working day of the practice."""
    low_allowed: Share = 0.70
    """Share of a payer's usual amount for a code below which what it allowed calls for a look."""

    def __post_init__(self) -> None:
        if self.aging_days != sorted(set(self.aging_days)):
            raise ValueError('"aging_days" must rise from one number to the next')
        if self.cautious_base < self.smallest_base:
            raise ValueError('"cautious_base" must not be smaller than "smallest_base"')
        if self.usual_range_fewest > self.usual_range_months:
            raise ValueError('"usual_range_fewest" must not be larger than "usual_range_months"')


# ---------------------------------------------------------------- layouts


class Kinds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rows of a file are services."""

    column: Text
    """Header of the column that tells the kind of row."""
    services: Texts
    """Texts that mean a service; rows with any other text are set aside."""


class Status(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a file's status words say a payer decided."""

    column: Text
    """Header of the status column."""
    words: dict[str, str]
    """Status text -> decision, or "" for no answer."""

    def __post_init__(self) -> None:
        for word, decision in self.words.items():
            if decision and decision not in DECISIONS:
                raise ValueError(
                    f'the status word "{word}" stands for "{decision}", '
                    f"which is no decision{nearest(decision, DECISIONS)}"
                )


class Adjustment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The columns of one adjustment in a file that has several of them side by side."""

    group: str = ""
    """Header of the group column; empty when the reason cell holds both, as CO-45."""
    reason: Text
    """Header of the reason column."""
    amount: Text
    """Header of the amount column."""


class Evidence(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which texts of a column prove that a documentation element is there, and which that it is not."""

    column: Text
    """Header of the column."""
    present: list[str] = []
    """Texts that mean present; `*` = any other text, "" = blank."""
    absent: list[str] = []
    """Texts that mean absent; `*` = any other text, "" = blank. Whatever is in neither list is unknown."""

    def __post_init__(self) -> None:
        present, absent = ({fold_text(text) for text in texts} for texts in (self.present, self.absent))
        both = present & absent
        if both:
            raise ValueError(f'"{min(both)}" cannot mean both present and absent')


class Layout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one kind of export becomes claim lines, postings or notes."""

    name: Text
    """What the layout is called in messages and reports."""
    system: str = ""
    """The practice software that writes such files."""
    row: Literal["line", "adjustment", "claim", "claim_header", "posting", "note"]
    """What one row of the file is."""
    headers: Texts
    """A file that has all of these headers is recognised; the layout with most headers wins."""
    columns: dict[str, Text | Texts]
    """Our field -> the file's header, or several headers to be joined."""
    optional: list[str] = []
    """Our fields whose column a file may lack."""
    dates: str | Texts = ""
    """"" = decide once per file; "iso", "month-first", "day-first", "excel", or patterns tried in order."""
    decimal: Literal[".", ","] = "."
    """Decimal sign of money and units."""
    absolute: list[str] = []
    """Money fields whose sign is dropped."""
    code_separator: str = ""
    """Sign between several codes in one cell."""
    units_are_total: bool = False
    """With several codes in a cell: the units belong to all of them together."""
    blank_payer: Literal["not told", "self-pay"] = "not told"
    """What a blank payer means: nobody says who was billed, or nobody but the patient was."""
    kinds: Kinds | None = None
    """Which rows are services, where a file mixes kinds."""
    status: Status | None = None
    """The status column and what its words mean."""
    adjustments: list[Adjustment] = []
    """Adjustment columns that stand side by side."""
    group_words: dict[str, str] = {}
    """The file's words for adjustment groups -> CO PR OA PI CR."""
    documentation: dict[str, Evidence] = {}
    """Documentation element (or note, signed) -> the column that proves it."""
    complete: bool = False
    """Notes file: a visit missing inside its dates has no note."""
    note: str = ""
    """What a reader of `audit check` should know about this layout."""

    @property
    def tells_refusals(self) -> bool:
        """Whether such a file can show a denial: by a reason, or by a word that means denied.

        Where none can, what is not paid may be refused or still open, and a rate of 0 % would be no finding.
        """
        words = self.status.words.values() if self.status else ()
        return "reason" in self.columns or bool(self.adjustments) or "denied" in words

    def __post_init__(self) -> None:
        _check_fields("columns", self.columns, FIELDS)
        _check_fields("optional", self.optional, tuple(self.columns))
        _check_fields("absolute", self.absolute, ("amount", "charge", "allowed", "paid", "patient_share"))
        patterns = [self.dates] if isinstance(self.dates, str) else self.dates
        for pattern in patterns:
            if "%" not in pattern and pattern not in ("", "iso", "month-first", "day-first", "excel"):
                raise ValueError(
                    f'"dates" may not be "{pattern}"; '
                    "use iso, month-first, day-first, excel or a pattern such as %m/%d/%Y"
                )
        for word, group in self.group_words.items():
            if group not in ("CO", "PR", "OA", "PI", "CR"):
                raise ValueError(f'"group_words" turns "{word}" into "{group}"; use CO, PR, OA, PI or CR')


def _check_fields(key: str, names: Iterable[str], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f'"{key}" names the unknown field "{name}"{nearest(name, known)}')


# ---------------------------------------------------------------- the practice


class Aliases(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other spellings of the same payer or clinician."""

    payers: dict[str, Text] = {}
    """Payer as an export writes it -> payer as the report shall show it."""
    clinicians: dict[str, Text] = {}
    """Clinician as an export writes it -> clinician as the report shall show it."""

    def payer(self, name: str) -> str:
        """Return the payer's name for the report."""
        return _look_up(self.payers, name, name)

    def clinician(self, name: str) -> str:
        """Return the clinician's name for the report."""
        return _look_up(self.clinicians, name, name)


Fee = Annotated[float, Meta(gt=0)]
"""Dollars."""


class Away(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days on which a clinician did not treat: vacation, illness, a course."""

    clinician: Text
    """Who, as the report names the clinician."""
    start: date = field(name="from")
    """`from`: first day."""
    end: date = field(name="to")
    """`to`: last day."""

    def __post_init__(self) -> None:
        check_order(self.start, self.end, '"from"', '"to"')


class Practice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file `practice.toml`: what only the practice can tell."""

    confirmed: bool = True
    """Set to false by `audit init` until somebody has looked at the proposal; `audit run` refuses false."""
    name: str = "Your practice"
    """The practice's name on the report."""
    aliases: Aliases = Aliases()
    """Other spellings of payers and clinicians."""
    items: dict[str, CodeText] = {}
    """Treatment name -> code, for exports that name treatments instead of codes."""
    disciplines: dict[str, Discipline] = {}
    """Clinician -> discipline."""
    self_pay: list[Text] = field(default_factory=lambda: list(SELF_PAY_WORDS))
    """Payer words that mean nobody but the patient was billed."""
    layouts: list[Layout] = []
    """The practice's own column maps, tried before the shipped ones."""
    payers: dict[str, PayerSetting] = {}
    """Overrides of `config/payers.toml`, setting by setting, and payers of the practice's own."""
    thresholds: Thresholds = Thresholds()
    """Overrides of `config/thresholds.toml`, limit by limit."""
    targets: dict[str, Target] = {}
    """Overrides of `config/targets.toml`, setting by setting, and targets of the practice's own."""
    peers: Text | None = None
    """A file of published values to stand beside the practice's own, found from where this file lies."""
    edits: Text = "edits"
    """Folder of imported code pairs and unit limits (`audit rules import`), beside this file."""
    fees: dict[CodeText, Fee | list[Dated[Fee]]] = {}
    """Code -> the practice's own charge for one unit, in dollars; may be dated."""
    away: list[Away] = []
    """Days on which a clinician was not there to treat."""
    rules: list[OwnRule] = []
    """Rules of the practice's own: a payer's contract, an agreement."""
    at_request_of_counsel: bool = False
    """Whether a lawyer asked for the report, which `--for-counsel` then says."""

    def __post_init__(self) -> None:
        ids = [rule.id for rule in self.rules]
        if repeated := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f'two rules have the id "{repeated[0]}"')

    def discipline_of(self, clinician: str) -> str:
        """Return the clinician's discipline, "" when not told."""
        return _look_up(self.disciplines, clinician, "")

    def is_self_pay(self, payer: str) -> bool:
        """Tell whether a payer cell means that nobody but the patient was billed."""
        return fold_name(payer) in {fold_name(word) for word in self.self_pay}

    def item_code(self, item: str) -> str:
        """Return the code of a treatment name, "" when not told."""
        return _look_up(self.items, item, "")


def _look_up(names: Mapping[str, str], name: str, otherwise: str) -> str:
    folded = fold_name(name)
    return next((found for written, found in names.items() if fold_name(written) == folded), otherwise)


# ---------------------------------------------------------------- all together


class Settings(Struct, frozen=True, kw_only=True, dict=True):  # dict: room for what is worked out once
    """All settings of one run."""

    practice: Practice
    thresholds: Thresholds
    elements: tuple[Element, ...]
    payers: dict[str, PayerSetting]
    layouts: tuple[Layout, ...]
    targets: dict[str, Target] = {}
    peers: tuple[Peer, ...] = ()
    edits: Path | None = None
    """Folder of imported code pairs and unit limits; None where there is none."""

    def payer(self, name: str) -> PayerSetting:
        """Return what is known about a payer by any of its names; the default when it is not known."""
        return self._payers_by_name.get(fold_name(name), self.payers[DEFAULT_PAYER])

    @cached_property
    def _payers_by_name(self) -> dict[str, PayerSetting]:
        """What is known about payers by their folded names and aliases; the first to claim a name has it."""
        by_name: dict[str, PayerSetting] = {}
        for setting in self.payers.values():
            for name in setting.names:
                by_name.setdefault(fold_name(name), setting)
        aliases: dict[str, str] = {}
        for written, name in self.practice.aliases.payers.items():
            aliases.setdefault(fold_name(written), fold_name(name))
        default = self.payers[DEFAULT_PAYER]
        return by_name | {alias: by_name.get(name, default) for alias, name in aliases.items()}

    def element(self, element_id: str) -> Element:
        """Return the documentation element of that id."""
        return next(element for element in self.elements if element.id == element_id)


def load_settings(practice: Path | None = None) -> Settings:
    """Read the shipped settings and, on top of them, the practice's own file.

    Raises `SettingsError` when a file is missing, not valid TOML, or holds a key or value not allowed.
    """
    table, file = ({}, "") if practice is None else (read_toml(practice), practice.name)
    own = convert(table, Practice, file)
    documentation = convert(_shipped("documentation.toml"), Documentation, "documentation.toml")
    limits = {**_shipped("thresholds.toml"), **table.get("thresholds", {})}
    thresholds = convert(limits, Thresholds, file if "thresholds" in table else "thresholds.toml")
    shipped = _shipped_layouts()
    elements = tuple(documentation.elements)
    _check_documentation(own.layouts, elements, file)
    for name, layout in shipped.items():
        _check_documentation([layout], elements, name)
    return Settings(
        practice=msgspec.structs.replace(own, thresholds=thresholds),
        thresholds=thresholds,
        elements=elements,
        payers=_merge_payers(table.get("payers", {}), file),
        layouts=(*own.layouts, *shipped.values()),
        targets=merge_targets(
            _shipped("targets.toml"), table.get("targets", {}), file if own.targets else "targets.toml"
        ),
        peers=read_peers(practice.parent / own.peers) if practice and own.peers else (),
        edits=_find_edits(practice, own),
    )


def _find_edits(practice: Path | None, own: Practice) -> Path | None:
    """Return the folder of imported edits, where it is there."""
    folder = practice.parent / own.edits if practice else None
    return folder if folder and folder.is_dir() else None


def _merge_payers(overrides: dict[str, Any], file: str) -> dict[str, PayerSetting]:
    """Return the shipped payers with the practice's overrides, setting by setting, and its own payers."""
    merged = _shipped("payers.toml")
    convert(merged, dict[str, PayerSetting], "payers.toml")
    for key, override in overrides.items():
        folded = fold_name(key)
        known = (
            name
            for name, table in merged.items()
            if folded in {fold_name(n) for n in [name, *table.get("names", [])]}
        )
        place = next(known, key)
        names = [
            *merged.get(place, {}).get("names", []),
            *override.get("names", []),
            *([key] if place == key else []),
        ]
        merged[place] = {**merged.get(place, {}), **override, "names": list(dict.fromkeys(names))}
    payers: dict[str, PayerSetting] = convert(merged, dict[str, PayerSetting], file or "payers.toml")
    _check_payer_names(payers, file or "payers.toml")
    return payers


def _check_payer_names(payers: dict[str, PayerSetting], file: str) -> None:
    owners: dict[str, str] = {}
    for key, setting in payers.items():
        for name in {fold_name(name) for name in setting.names}:
            if owners.setdefault(name, key) != key:
                raise SettingsError(
                    f'{file}: the payer name "{name}" stands under both "{owners[name]}" and "{key}".'
                )


def _shipped_layouts() -> dict[str, Layout]:
    names = sorted(entry.name for entry in files("audit.config").iterdir())
    found = [name for name in names if name.startswith("layout_") and name.endswith(".toml")]
    return {name: convert(_shipped(name), Layout, name) for name in found}


def _check_documentation(layouts: Iterable[Layout], elements: Iterable[Element], file: str) -> None:
    known = ("note", "signed", *(element.id for element in elements))
    for layout in layouts:
        for name in layout.documentation:
            if name not in known:
                raise SettingsError(
                    f'{file}: the layout "{layout.name}" names the unknown documentation element '
                    f'"{name}"{nearest(name, known)}'
                )


def _shipped(name: str) -> dict[str, Any]:
    return parse_toml(files("audit.config").joinpath(name).read_bytes(), name)
