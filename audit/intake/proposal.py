"""A first map of unknown files, for `audit init`: the text of a `practice.toml` that somebody must look at.

Files go in; out come the text and a summary for the terminal. What a header's words suggest is checked
against the values below it. Whatever is a guess is said to be one, whatever the values contradict is proposed
commented out, and nothing is used until `confirmed` is true. No value of a patient's is shown.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import Struct
from msgspec.structs import replace

from audit.errors import InputError
from audit.intake.column_values import Seen, describe, short
from audit.intake.columns import spread, stack, texts_of
from audit.intake.fates import is_total
from audit.intake.header_words import BIRTH_NAMES, FIELD_NAMES, find_candidates
from audit.intake.layout_parts import (
    absolute_line,
    adjustment_tables,
    code_lines,
    decide_dates,
    decide_decimal,
    decimal_line,
    documentation_table,
    group_table,
    kinds_table,
    status_table,
)
from audit.intake.layouts import CODE_ROWS, find_layout, header_test, place_of
from audit.intake.names_seen import Named, View, alike_names, all_names, code_in_name, guess_discipline
from audit.intake.sheet import Sheet, fold
from audit.intake.sheet_study import FIELDS_OF, NEEDED, USEFUL, Study, choose_columns, guess_row, triples_of
from audit.intake.toml_text import WIDTH, assign, quote, quote_list, remark

if TYPE_CHECKING:
    from audit.settings import Layout, Settings


_MOST_FILES = 3
_TELLING = ("line_id", "claim_id", "visit_id", "item", "reason", "amount", "allowed", "paid")
MOST_NAMES = 300
"""Clinicians, items or payers listed at most."""


_IN_WORDS = {"service_date": "dates of service", "code": "procedure codes (CPT)", "patient": "patients"}
"""What a needed column holds."""


ROWS_IN_WORDS = {
    "line": "one row is one billed code",
    "adjustment": "one row is one adjustment, so that a line stands in several rows",
    "claim": "one row is a claim with several codes in a cell",
    "claim_header": "one row is a claim, its lines stand in another file",
    "posting": "one row is one payment or adjustment",
    "note": "one row is one visit note",
}


class Proposal(Struct, frozen=True):
    """`text`: the whole practice.toml; `summary`: what was recognized and proposed, for a terminal."""

    text: str
    summary: tuple[str, ...]


class Looked(NamedTuple):
    """Sheets with the same headers: the layout they are written in, or else what was found out about them."""

    places: tuple[str, ...]
    headers: tuple[str, ...]
    layout: Layout | None
    study: Study | None
    named: Named
    claim_ids: frozenset[str]

    @property
    def files(self) -> str:
        """How the files are called, a few of them."""
        more = f" and {len(self.places) - _MOST_FILES} more" if len(self.places) > _MOST_FILES else ""
        return "; ".join(map(short, self.places[:_MOST_FILES])) + more

    @property
    def row(self) -> str:
        """What one row is; "" where the files cannot be used."""
        if self.layout is not None:
            return self.layout.row
        return self.study.row if self.study is not None else ""


def propose(paths: Sequence[Path], settings: Settings) -> Proposal:
    """Return a proposal for `practice.toml` from the headers and values of files and folders.

    Raises `InputError` when a file cannot be read, or when none of the files can be used as it is.
    """
    looked = _leave_incomplete_out(_pair_claims(_look_at_all(paths, settings)))
    if not any(each.row for each in looked):
        raise InputError(_unusable(looked[0]))
    entries = _name_layouts(looked, settings)
    named = all_names(each.named for each in looked)
    return Proposal(_write(looked, entries, named, settings), tuple(_summarize(looked)))


def _find_tables(paths: Sequence[Path]) -> list[Path]:
    """Return the files that a map may be needed for: all but X12, whose standard is one."""
    from audit.intake.spreadsheet import find_files
    from audit.intake.x12_envelopes import is_x12

    files = find_files(paths)
    tables = [path for path in files if not is_x12(path)]
    if not tables:
        raise InputError(f"{files[0].name}: an X12 file needs no map; run `audit check` on it.")
    return tables


def _look_at_all(paths: Sequence[Path], settings: Settings) -> list[Looked]:
    """Return what was found in all files: those of unknown headers together, so that all of them count."""
    from audit.intake.spreadsheet import NoHeaderError, found_in_folders, read_sheets

    looked: list[Looked] = []
    unknown: dict[frozenset[str], list[Sheet]] = {}
    in_folder = found_in_folders(paths)
    strange: list[Looked] = []
    for path in _find_tables(paths):
        try:
            sheets = read_sheets(path, header_test(settings))
        except NoHeaderError:
            if not in_folder(path):
                raise
            strange.append(Looked((path.name,), (), None, None, all_names(()), frozenset()))
            continue
        for sheet in sheets:
            layout = find_layout(sheet, settings) if sheet.headers else None
            if layout is not None:
                looked.append(_look(sheet, (place_of(sheet),), layout, None, settings))
            elif sheet.headers:
                unknown.setdefault(frozenset(map(fold, sheet.headers)), []).append(sheet)
    for sheets in unknown.values():
        whole = _stack_sheets(sheets)
        places = tuple(place_of(sheet) for sheet in sheets)
        looked.append(_look(whole, places, None, study_sheet(whole, settings), settings))
    return looked + strange


def _stack_sheets(sheets: Sequence[Sheet]) -> Sheet:
    """Return sheets of the same headers as one."""
    first, *others = sheets
    if not others:
        return first
    by_name = {fold(header): header for header in first.headers}
    frames = [sheet.cells.rename(columns=lambda name: by_name[fold(name)]) for sheet in sheets]
    return replace(
        first,
        cells=stack([frame[list(first.headers)] for frame in frames]),
        rows=np.concatenate([sheet.rows for sheet in sheets]),
        ragged=np.concatenate([sheet.ragged for sheet in sheets]),
    )


def _look(
    sheet: Sheet, places: tuple[str, ...], layout: Layout | None, study: Study | None, settings: Settings
) -> Looked:
    """Return what was found with its names, but without the sheet's cells, which may be large."""
    view = View(sheet, study.columns if study else _columns_of(layout, sheet), settings)
    claim_ids = view.claim_ids()
    bare = (
        replace(study, sheet=replace(sheet, cells=sheet.cells.iloc[:0]), claim_ids=claim_ids)
        if study
        else None
    )
    return Looked(places, sheet.headers, layout, bare, view.names(), claim_ids)


def _columns_of(layout: Layout | None, sheet: Sheet) -> dict[str, tuple[str, ...]]:
    """Return the headers of a sheet by the fields that its layout gives them."""
    by_name = {fold(header): header for header in reversed(sheet.headers)}
    found: dict[str, tuple[str, ...]] = {}
    for name, headers in layout.columns.items() if layout else ():
        wanted = [headers] if isinstance(headers, str) else headers
        if present := tuple(by_name[fold(header)] for header in wanted if fold(header) in by_name):
            found[name] = present
    return found


# Studying a sheet -----------------------------------------------------------------------------------------


def study_sheet(sheet: Sheet, settings: Settings) -> Study:
    """Return a map of a sheet that no layout describes, as far as headers and values allow one."""
    totals = _totals(sheet)
    sheet = (
        replace(sheet, cells=sheet.cells[~totals], rows=sheet.rows[~totals], ragged=sheet.ragged[~totals])
        if totals.any()
        else sheet
    )
    seen = {header: Seen(header, sheet.cells[header].array) for header in sheet.headers}
    decimal, decimal_why = decide_decimal(seen)
    choice = choose_columns(seen, decimal)
    row, why = guess_row(sheet, choice, seen, settings)
    study = Study(sheet, choice.columns, choice.doubted, choice.others, row, why, decimal)
    return _finish(study, decimal_why, seen, settings)


def _totals(sheet: Sheet) -> npt.NDArray[np.bool_]:
    """Return which rows are totals by a word of theirs: their sums would pass for amounts of a line."""
    found = np.zeros(len(sheet.cells), dtype=bool)
    for header in sheet.headers:
        column: pd.Categorical = sheet.cells[header].array
        found |= spread(column, np.array([is_total(text) for text in texts_of(column)], dtype=bool))
    return found


def _finish(study: Study, decimal_why: str, seen: Mapping[str, Seen], settings: Settings) -> Study:
    """Return the study with the fields that rows of its kind have, and everything in words."""
    allowed = FIELDS_OF.get(study.row, tuple(FIELD_NAMES))
    columns = {name: headers for name, headers in study.columns.items() if name in allowed}
    if study.row == "posting" and "amount" not in columns and "paid" in study.columns:
        columns["amount"] = study.columns["paid"]
    if "code" in columns:
        columns.pop("item", None)
    if "reason" not in columns and study.row in (*CODE_ROWS, "claim_header"):
        columns.pop("amount", None)
    settled = {*columns, "code"} if "item" in columns else set(columns)
    doubted = {name: why for name, why in study.doubted.items() if name in allowed and name not in settled}
    study = replace(study, columns=columns, doubted=doubted)
    view = View(study.sheet, columns, settings)
    order, order_lines = decide_dates(study, seen)
    said = {name: describe(name, view.seen(name), order, study.decimal) for name in columns}
    lines = [
        *order_lines,
        *decimal_line(study, decimal_why),
        *absolute_line(study, seen),
        *code_lines(study, seen),
        *_blank_payer_line(study, view),
    ]
    shown = {header: view.strangers.hide("", each) for header, each in seen.items()}
    tables = [*kinds_table(study, shown), *status_table(study, shown), *group_table(study, seen)]
    tables += [*adjustment_tables(study), *documentation_table(study, seen, settings)]
    return replace(study, said=said, settings=tuple(lines), tables=tuple(tables))


def _blank_payer_line(study: Study, view: View) -> list[str]:
    """Return how a blank payer may be taken for a patient who pays: only the practice knows."""
    if study.row not in (*CODE_ROWS, "claim_header") or "payer" not in study.columns:
        return []
    if not (blank := view.seen("payer").blank):
        return []
    rows = f"{blank:,} rows have no payer; take the # away if this means that the patient pays"
    return [f"# {assign('blank_payer', quote('self-pay'), rows)}"]


def _pair_claims(looked: list[Looked]) -> list[Looked]:
    """Return what was found with files of claims beside files of their lines known as such."""
    lines = [each for each in looked if each.row in CODE_ROWS and each.claim_ids]
    return [_as_claim_header(each, lines) for each in looked]


def _as_claim_header(looked: Looked, lines: Sequence[Looked]) -> Looked:
    study = looked.study
    if study is None or study.row or not looked.claim_ids:
        return looked
    for other in lines:
        shared = len(other.claim_ids & looked.claim_ids)
        if 2 * shared >= min(len(other.claim_ids), len(looked.claim_ids)):
            why = f"it has no codes, and {shared:,} of its claims have lines in {other.files}"
            return looked._replace(study=_only_fields_of("claim_header", replace(study, row_why=why)))
    return looked


def _leave_incomplete_out(looked: list[Looked]) -> list[Looked]:
    """Return what was found without maps that cannot be used, where there are others that can.

    A list of codes beside the billing would be taken for it, and stop the run.
    """
    if not any(each.row and not (each.study and each.study.missing) for each in looked):
        return looked
    return [_leave_out(each) if each.study and each.row and each.study.missing else each for each in looked]


def _leave_out(looked: Looked) -> Looked:
    study = looked.study
    if study is None:
        return looked
    lacks = " and ".join(_IN_WORDS.get(name, name.replace("_", " ")) for name in study.missing)
    study = replace(study, row="", row_why=f"not proposed, because it has no column with {lacks}")
    return looked._replace(study=study, named=all_names(()))


def _only_fields_of(row: str, study: Study) -> Study:
    fields = FIELDS_OF[row]
    columns = {name: headers for name, headers in study.columns.items() if name in fields}
    doubted = {name: found for name, found in study.doubted.items() if name in fields}
    return replace(study, row=row, columns=columns, doubted=doubted)


# The text -------------------------------------------------------------------------------------------------


class _Entry(NamedTuple):
    """One layout to be written: its name, the headers it is recognized by, and what it describes."""

    name: str
    headers: tuple[str, ...]
    study: Study
    looked: Looked


def _name_layouts(looked: Sequence[Looked], settings: Settings) -> list[_Entry]:
    """Return the layouts to write, each with a name of its own and recognized by its own headers."""
    entries: list[_Entry] = []
    for each in looked:
        if each.study is not None and each.study.row:
            name = _free_name(each.study.sheet, {entry.name for entry in entries})
            entries.append(_Entry(name, _telling_headers(each.study), each.study, each))
    if all(_is_told(each, entries, settings) for each in looked):
        return entries
    return [entry._replace(headers=entry.study.sheet.headers) for entry in entries]


def _free_name(sheet: Sheet, taken: set[str]) -> str:
    stem = re.sub(r"\.(csv|txt|tsv|xlsx|xls)(\.gz)?$", "", sheet.file, flags=re.IGNORECASE)
    wanted = f"{stem} {sheet.sheet}".strip()
    numbered = (wanted if number == 1 else f"{wanted} ({number})" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name not in taken)


def _telling_headers(study: Study) -> tuple[str, ...]:
    """Return the headers that tell this kind of file: those of the fields it must have, and repeats.

    A header that stands twice must be named, or the reader would ask which one is meant.
    """
    fields = (*NEEDED[study.row], *USEFUL[study.row], *_TELLING) if study.row in CODE_ROWS else study.columns
    known = {header for name in fields for header in study.columns.get(name, ())}
    known |= {reason for _, reason, _ in triples_of(study)}
    mapped = {fold(header) for headers in study.columns.values() for header in headers}
    repeats = [header for header in study.sheet.headers if re.search(r"#\d+$", header)]
    known |= {header for header in repeats if fold(re.sub(r"#\d+$", "", header)) in mapped}
    return tuple(header for header in study.sheet.headers if header in known)


def _is_told(looked: Looked, entries: Sequence[_Entry], settings: Settings) -> bool:
    """Whether the files would be read by the layout meant for them, with no other as good."""
    found = frozenset(map(fold, looked.headers))
    own = [(entry.name, frozenset(map(fold, entry.headers))) for entry in entries]
    sizes = {name: len(headers) for name, headers in own if headers <= found}
    shipped = [frozenset(map(fold, layout.headers)) for layout in settings.layouts]
    most = max([*sizes.values(), *(len(headers) for headers in shipped if headers <= found)], default=0)
    best = [name for name, size in sizes.items() if size == most]
    return best == [entry.name for entry in entries if entry.looked is looked]


_CLAIM_DOLLARS = (
    "# The dollars of a claim cannot be divided among its lines: no column of money is used here.",
)

HEAD = """\
# Proposed by `audit init` from the headers and values of your files. `audit run` uses nothing of it yet.
# 1. Read every line. What is said to be a guess is one; a line that begins with # is not in use.
# 2. Correct what is wrong, take the # away from what is right, then write: confirmed = true
# 3. `audit check` with the same files shows what the map yields.
confirmed = false

name = "Your practice"  # as the report shall show it
"""


def _write(looked: Sequence[Looked], entries: Sequence[_Entry], named: Named, settings: Settings) -> str:
    parts = [
        HEAD.splitlines(),
        _alias_lines(named.payers, settings.thresholds.alike_names),
        _discipline_lines(named),
        _item_lines(named.items),
        *(_layout_lines(entry, looked) for entry in entries),
        *(remark(f"Not used: {_unusable(each)}") for each in looked if not each.row),
    ]
    return "\n\n".join("\n".join(part).strip() for part in parts if part) + "\n"


def _alias_lines(payers: Mapping[str, int], likeness: float) -> list[str]:
    firsts: dict[str, str] = {}
    for rare, frequent in alike_names(payers, likeness):
        firsts.setdefault(rare, frequent)
    lines = ["[aliases.payers]  # payer as your files write it = payer as the report shall show it"]
    for rare, frequent in sorted(firsts.items()):
        rows = f"nearly the same name: {payers[rare]:,} and {payers[frequent]:,} rows"
        lines.append(f"# {assign(quote(rare), quote(frequent), rows)}")
    return lines if firsts else [*lines, "# no two payers of these files have nearly the same name"]


def _discipline_lines(named: Named) -> list[str]:
    lines = ["[disciplines]  # clinician = massage, pt, ot, chiropractic, acupuncture, slp or other"]
    clinicians = sorted(named.clinicians)
    for name in clinicians[:MOST_NAMES]:
        guess, why = guess_discipline(name, named.bills.get(name, Counter()))
        lines.append(f"# {assign(quote(name), quote(guess), why)}")
    if len(clinicians) > MOST_NAMES:
        lines.append(f"# ... and {len(clinicians) - MOST_NAMES:,} more")
    return lines if clinicians else [*lines, "# no names of clinicians were seen"]


def _item_lines(items: Counter[str]) -> list[str]:
    if not items:
        return []
    lines = ["[items]  # name of a treatment = its code; rows of treatments without a code are refused"]
    for item in sorted(items, key=lambda name: (-items[name], name))[:MOST_NAMES]:
        code = code_in_name(item)
        why = "the code stands in the name" if code else "no code in the name: write it"
        lines.append(f"# {assign(quote(item), quote(code), f'{items[item]:,} rows; {why}')}")
    if len(items) > MOST_NAMES:
        lines.append(f"# ... and {len(items) - MOST_NAMES:,} more")
    return lines


def _layout_lines(entry: _Entry, looked: Sequence[Looked]) -> list[str]:
    study = entry.study
    above = f" {study.sheet.above} rows above the header are set aside." if study.sheet.above else ""
    return [
        *remark(f"Files: {entry.looked.files}.{above}"),
        "[[layouts]]",
        assign("name", quote(entry.name)),
        assign("row", quote(study.row), f"a guess to check: {ROWS_IN_WORDS[study.row]}; {study.row_why}"),
        assign("headers", quote_list(entry.headers), "a file that has all of these is read by this layout"),
        *study.settings,
        *_complete_line(study),
        "",
        "[layouts.columns]  # our field = the column of your file",
        *(_CLAIM_DOLLARS if study.row == "claim_header" else ()),
        *_column_lines(study, _told_by_claims(study, looked)),
        *study.tables,
    ]


def _complete_line(study: Study) -> list[str]:
    if study.row != "note":
        return []
    return [
        "# complete = true  # if every visit of these dates is in the file: one that is not then has no note"
    ]


def _told_by_claims(study: Study, looked: Sequence[Looked]) -> set[str]:
    """Return the fields that the lines take from a file of their claims."""
    headers = [each.study for each in looked if each.study and each.study.row == "claim_header"]
    return {name for header in headers if header.claim_ids & study.claim_ids for name in header.columns}


def _column_lines(study: Study, elsewhere: set[str]) -> list[str]:
    lines = []
    for name in FIELD_NAMES:
        if name in study.columns:
            lines.append(_column_line(study, name))
        elif name in study.doubted:
            header, why = study.doubted[name]
            lines.append(f"# {assign(name, quote(header), f'not used: {why}')}")
        elif name in study.missing:
            lines.append(f"# {assign(name, quote(''), 'NEEDED, no column was found: write its header')}")
        elif name in study.lacking:
            where = "stands in the file of claims" if name in elsewhere else "no column was found"
            lines.append(f"# {assign(name, quote(''), where)}")
    used = {header for headers in study.columns.values() for header in headers}
    used |= {header for triple in triples_of(study) for header in triple}
    used |= {header for header in study.sheet.headers if any(quote(header) in line for line in study.tables)}
    unused = [header for header in study.sheet.headers if header not in used]
    return (
        [*lines, *remark(f"Columns not used: {', '.join(quote(short(h)) for h in unused)}")]
        if unused
        else lines
    )


def _column_line(study: Study, name: str) -> str:
    headers = study.columns[name]
    value = quote(headers[0]) if len(headers) == 1 else quote_list(headers)
    notes = [study.said.get(name, "")]
    if name == "code" and headers[0] not in find_candidates(headers, FIELD_NAMES["code"]):
        notes.append("found by its values, its name does not say it")
    if more := study.others.get(name):
        notes.append(f"could also be {', '.join(quote(short(header)) for header in more)}")
    if (
        name == "patient"
        and (births := find_candidates(study.sheet.headers, BIRTH_NAMES))
        and _by_name(study)
    ):
        both = quote_list([*headers, births[0]])
        notes.append(f"patients of the same name count as one; {both} parts them where all files have both")
    return assign(name, value, "; ".join(filter(None, notes)))


def _by_name(study: Study) -> bool:
    return "patient_name" not in study.columns and not find_candidates(
        study.columns["patient"], FIELD_NAMES["patient"]
    )


def _unusable(looked: Looked) -> str:
    """Return why files cannot be used, and what to do."""
    study = looked.study
    if study is not None and study.row_why:
        return f"{looked.files}: {study.row_why}."
    if study is None or not (study.columns or study.doubted):
        return (
            f"{looked.files}: none of the column names says what a claim line, a payment or a note needs; "
            "check that this is a billing export with its header row."
        )
    header, why = study.doubted.get("code", ("", ""))
    doubt = f' (of its column "{short(header)}", {why})' if header else ""
    return (
        f"{looked.files} has no column with procedure codes (CPT){doubt}; "
        "ask the practice software for a line-level export."
    )


# The summary ----------------------------------------------------------------------------------------------


def _summarize(looked: Sequence[Looked]) -> Iterator[str]:
    for each in looked:
        if each.layout is not None:
            yield f"{each.files}: written as {each.layout.name}, nothing to map"
        elif each.study is None or not each.row:
            yield f"Not used: {_unusable(each)}"
        else:
            yield from _summarize_study(each.files, each.study, looked)


def _summarize_study(files: str, study: Study, looked: Sequence[Looked]) -> Iterator[str]:
    yield f"{files}: not known yet, a map is proposed (check this: {ROWS_IN_WORDS[study.row]})"
    columns = [(name, study.columns[name]) for name in FIELD_NAMES if name in study.columns]
    found = [f"{name} = {' + '.join(map(short, headers))}" for name, headers in columns]
    yield from textwrap.wrap(
        f"found: {', '.join(found)}", WIDTH, initial_indent="  ", subsequent_indent="    "
    )
    for name, (header, why) in study.doubted.items():
        yield f'  left out: {name}; of the column "{short(header)}", {why}'
    if study.missing:
        yield f"  NEEDED and not found: {', '.join(study.missing)}"
    elsewhere = _told_by_claims(study, looked)
    lacking = [name for name in study.lacking if name not in study.missing and name not in elsewhere]
    if lacking:
        yield f"  not found, so not in the report: {', '.join(lacking)}"
    if any(line.startswith('dates = ""  # NEEDED') for line in study.settings):
        yield "  NEEDED: say whether its dates have the day or the month first"
