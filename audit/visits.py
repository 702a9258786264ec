"""Visits: one patient on one day with one clinician, put together from the charges and the notes.

In: charges and notes as intake hands them over, as columns. Out: the visits table, the visit and patient of
every line. A visit is known by its number where the export has one, else by patient, day and clinician (day
alone where no clinician is exported). Patients are numbered for this run only; one the export does not tell
is a patient of their own for each claim, else for each visit, else for each line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from audit.columns import Columns, Ints, Mask, frame_of, read_numbers
from audit.lines import ABSENT, CHARTED, PRESENT, UNKNOWN, VISITS
from audit.numbering import NONE, find_only, flag, number_days, number_rows, number_texts, renumber

LATEST = np.iinfo(np.int64).max
"""Later than any date, in seconds since 1970."""

NAT = np.iinfo(np.int64).min
"""How a missing date is stored, and a number that is not told: less than any."""

STRENGTH = np.array([0, 2, 1], dtype=np.int8)
"""By state: present outweighs absent, absent outweighs unknown. Read backwards it gives the state again."""


class Visited(NamedTuple):
    """The visits table, and what the lines say of it."""

    visits: pd.DataFrame
    visit_id: Ints
    """By line: its row in `visits`."""
    patient_key: Ints
    """By line: the number of its patient."""


class _Who(NamedTuple):
    """Who was seen when, by row of the charges or the notes; NONE where the export does not tell."""

    ref: Ints
    patient: Ints
    day: Ints
    clinician: Ints


class _Sizes(NamedTuple):
    """How many numbers each of these may hold."""

    refs: int
    patients: int
    days: int
    clinicians: int


class _Rows(NamedTuple):
    """Lines and notes with the visit of each, and how many visits there are."""

    lines: Columns
    notes: Columns
    by_line: Ints
    by_note: Ints
    visits: int


def build_visits(lines: Columns, notes: Columns, elements: Sequence[str]) -> Visited:
    """Return the visits that lines or notes tell of; `elements` are the ids of the documentation elements."""
    of_lines, of_notes, sizes = _number_both(lines, notes)
    by_line, lined = _visits_of_lines(of_lines, sizes)
    by_note, count = _visits_of_notes(of_notes, of_lines, by_line, lined, sizes)
    rows = _Rows(lines, notes, by_line, by_note, count)
    patients = _least(rows, of_lines.patient, of_notes.patient, sizes.patients)
    dates = _date(rows)
    noted = _has_note(patients, dates, by_note, by_note[(of_notes.clinician < 0) & (by_note >= lined)])
    visits = {
        "visit_id": np.arange(count, dtype=np.int32),
        "patient_key": patients,
        "clinician": _name(rows, "clinician"),
        "location": _name(rows, "location"),
        "service_date": dates,
        **_document(rows, dates, noted, elements),
        **_trace(rows),
    }
    described = [column.name for column in VISITS]
    shown = [name for name in visits if name not in described]
    return Visited(frame_of(visits, [*described, *shown]), by_line, of_lines.patient)


# ---------------------------------------------------------------- who was seen when


def _number_both(lines: Columns, notes: Columns) -> tuple[_Who, _Who, _Sizes]:
    (refs, refs_noted), ref_texts = number_texts(lines["visit_ref"], notes["visit_ref"])
    (days, days_noted), day_count = number_days(lines["service_date"], notes["service_date"])
    (clinicians, clinicians_noted), names = number_texts(lines["clinician"], notes["clinician"])
    (patients, patients_noted), patient_texts = number_texts(lines["patient_ref"], notes["patient_ref"])
    known, ref_count = len(patient_texts), len(ref_texts)
    if (patients < 0).any() or (patients_noted < 0).any():
        (claims,), claim_texts = number_texts(lines["claim_id"])
        by_visit = known + len(claim_texts)
        alone = by_visit + ref_count
        own, own_noted = np.arange(len(refs)), np.arange(len(refs_noted)) + len(refs)
        of_visit = np.where(refs >= 0, by_visit + refs, alone + own)
        of_claim = np.where(claims >= 0, known + claims, of_visit)
        patients = np.where(patients >= 0, patients, of_claim)
        of_visit = np.where(refs_noted >= 0, by_visit + refs_noted, alone + own_noted)
        patients_noted = np.where(patients_noted >= 0, patients_noted, of_visit)
        known = alone + len(refs) + len(refs_noted)
    both, count = renumber(np.concatenate([patients, patients_noted]), known)
    return (
        _Who(refs, both[: len(refs)], days, clinicians),
        _Who(refs_noted, both[len(refs) :], days_noted, clinicians_noted),
        _Sizes(ref_count, count, day_count, len(names)),
    )


def _same_day(who: _Who, sizes: _Sizes) -> Ints:
    return number_rows([(who.patient, sizes.patients), (who.day, sizes.days)])


def _same_visit(who: _Who, sizes: _Sizes) -> Ints:
    """Return one number per patient, day and clinician; no clinician counts as one."""
    clinician = (who.clinician + 1, sizes.clinicians + 1)
    return number_rows([(who.patient, sizes.patients), (who.day, sizes.days), clinician])


# ---------------------------------------------------------------- which rows are one visit


def _visits_of_lines(who: _Who, sizes: _Sizes) -> tuple[Ints, int]:
    """Return the visit of every line: by its number, else by patient, day and clinician."""
    number = who.ref.astype(np.int64)
    bare = np.flatnonzero(number < 0)
    if len(bare):
        key = _same_visit(who, sizes)
        if len(bare) < len(number):  # lines without a number, beside such with one on the same visit
            numbered = np.flatnonzero(number >= 0)
            pairs = pd.DataFrame({"key": key[numbered], "ref": number[numbered]}).drop_duplicates()
            found = find_only(pairs["key"].to_numpy(), key[bare])
            number[bare[found >= 0]] = pairs["ref"].to_numpy()[found[found >= 0]]
            bare = bare[found < 0]
        number[bare] = sizes.refs + pd.factorize(key[bare])[0]
    return renumber(number, sizes.refs + len(bare))


def _visits_of_notes(who: _Who, of_lines: _Who, by_line: Ints, lined: int, sizes: _Sizes) -> tuple[Ints, int]:
    """Return the visit of every note, new ones after those of the lines, and how many visits there are.

    A note with a number belongs to the visit of that number, or to a visit without one by patient, day and
    clinician; a note without a number to the only visit of that patient, day and clinician.
    """
    seen = _Who(*(_first_of(by_line, column, lined) for column in of_lines))
    by_ref = np.full(sizes.refs + 1, NONE, dtype=np.int32)
    by_ref[of_lines.ref] = by_line
    by_ref[NONE] = NONE
    visit = by_ref[who.ref]
    for numbered in (True, False):
        rows = np.flatnonzero((visit < 0) & ((who.ref >= 0) == numbered))
        if len(rows):
            offered = np.flatnonzero(seen.ref < 0) if numbered else np.arange(lined)
            visit[rows] = _find_visit(_pick(who, rows), _pick(seen, offered), offered, sizes)
    rows = np.flatnonzero(visit < 0)
    if not len(rows):
        return visit, lined
    number = who.ref[rows].astype(np.int64)
    bare = number < 0
    number[bare] = sizes.refs + pd.factorize(_same_visit(_pick(who, rows[bare]), sizes))[0]
    new, count = renumber(number, sizes.refs + len(rows))
    visit[rows] = lined + new
    return visit, lined + count


def _find_visit(who: _Who, seen: _Who, offered: Ints, sizes: _Sizes) -> Ints:
    """Return the only visit of the same patient, day and clinician, or of the day where one is mute."""
    found = find_only(_same_visit(seen, sizes), _same_visit(who, sizes))
    day, days_seen = _same_day(who, sizes), _same_day(seen, sizes)
    for silent, offer in ((who.clinician < 0, days_seen), (who.clinician >= 0, _mute(days_seen, seen))):
        rows = np.flatnonzero((found < 0) & silent)
        found[rows] = find_only(offer, day[rows])
    return np.where(found < 0, NONE, offered[found]) if len(offered) else found


def _mute(days: Ints, seen: _Who) -> Ints:
    return np.where(seen.clinician < 0, days, NONE)


def _pick(who: _Who, rows: Ints) -> _Who:
    return _Who(*(column[rows] for column in who))


def _first_of(visit: Ints, values: Ints, count: int) -> Ints:
    first = np.full(count, NONE, dtype=values.dtype)
    first[visit[::-1]] = values[::-1]
    return first


# ---------------------------------------------------------------- what is known of a visit


def _name(rows: _Rows, name: str) -> pd.Categorical[Any]:
    """Return clinician or location of every visit: as on its lines, else as on its note; first by name."""
    (billed, noted), known = number_texts(rows.lines[name], rows.notes[name])
    texts = np.asarray(known, dtype="object")
    order = np.argsort(texts, kind="stable")
    place = np.empty(len(texts) + 1, dtype=np.int32)
    place[order] = np.arange(len(texts))
    place[NONE] = len(texts)
    chosen = _least(rows, place[billed], place[noted], len(texts))
    in_order = list(texts[order])
    if "" in in_order:
        chosen[chosen == len(texts)] = in_order.index("")
    else:
        in_order.append("")
    named: pd.Categorical[Any] = pd.Categorical.from_codes(chosen, pd.Index(in_order, dtype="str"))
    return named


def _date(rows: _Rows) -> Ints:
    """Return the date of every visit: as on its lines, else as on its note."""
    billed, noted = (table["service_date"].view(np.int64) for table in (rows.lines, rows.notes))
    return _least(rows, billed, noted, LATEST).view("datetime64[s]")


def _trace(rows: _Rows) -> dict[str, Any]:
    """Return file and row of the first note of every visit, by file name and row."""
    written = rows.notes["source_file"]
    files = pd.Index(sorted({"", *written.categories}), dtype="str")
    width = 2**31
    file = files.get_indexer(written.categories)[written.codes].astype(np.int64)
    first = np.full(rows.visits, width * len(files), dtype=np.int64)
    np.minimum.at(first, rows.by_note, file * width + rows.notes["source_row"])
    first[first == width * len(files)] = list(files).index("") * width
    return {
        "source_file": pd.Categorical.from_codes(first // width, files),
        "source_row": (first % width).astype(np.int32),
    }


def _least(rows: _Rows, billed: Ints, noted: Ints, nothing: int) -> Ints:
    """Return the least value of each visit's lines, of its notes where the lines tell `nothing`."""
    least = np.full(rows.visits, nothing, dtype=billed.dtype)
    np.minimum.at(least, rows.by_line, billed)
    if len(noted):
        of_notes = np.full(rows.visits, nothing, dtype=billed.dtype)
        np.minimum.at(of_notes, rows.by_note, noted)
        least = np.where(least == nothing, of_notes, least)
    return least


# ---------------------------------------------------------------- what its notes show


def _document(rows: _Rows, dates: Ints, noted: Mask, elements: Sequence[str]) -> dict[str, Any]:
    """Return what the notes of every visit show; several notes of a visit count as one."""
    notes, by_note = rows.notes, rows.by_note
    told = [name for name in notes if name.startswith("has_")]
    shown = [f"has_{element}" for element in (*elements, "diagnosis", "signature", "minutes")]
    names = dict.fromkeys(["note", "signed", *shown, *told])
    states = {name: _strongest(by_note, notes, name, rows.visits) for name in names}
    most = np.full(rows.visits, NONE, dtype=np.int64)
    np.maximum.at(most, by_note, read_numbers(notes["minutes"], NONE))
    states["has_minutes"][(states["has_minutes"] == UNKNOWN) & (most > 0)] = PRESENT
    for missing, exported in _missing_notes(notes, dates, noted, tuple(states)):
        for name in exported:
            states[name][missing] = ABSENT

    billed = {
        name: _strongest(rows.by_line, rows.lines, name, rows.visits)
        for name in ("has_diagnosis", "has_minutes")
    }
    states["has_diagnosis"] = _stronger(states["has_diagnosis"], billed["has_diagnosis"])
    unknown = states["has_minutes"] == UNKNOWN
    states["has_minutes"][unknown] = billed["has_minutes"][unknown]
    states["has_signature"] = states["signed"] = _stronger(states["signed"], states["has_signature"])
    minutes = pd.arrays.IntegerArray(np.maximum(most, 0).astype(np.int32), most < 0)
    return {**states, "minutes": minutes, "signed_on": _first_signed(rows), **_chart(rows)}


def _chart(rows: _Rows) -> dict[str, Any]:
    """Return what the notes of every visit say of plans and referrals; of several the latest or the most.

    Texts become dense numbers that say nothing but which are equal.
    """
    found: dict[str, Any] = {}
    for name, kind, _ in CHARTED:
        if name not in rows.notes:
            continue
        if kind.startswith("datetime"):
            found[name] = _most(rows, rows.notes[name].view(np.int64), NAT).view(rows.notes[name].dtype)
            continue
        most = _most(rows, read_numbers(rows.notes[name], NAT), NAT)
        told = most != NAT
        if name == "note_text":
            most = np.unique(most, return_inverse=True)[1]
        width = np.int64 if kind == "Int64" else np.int32
        found[name] = pd.arrays.IntegerArray(np.where(told, most, 0).astype(width), ~told)
    return found


def _most(rows: _Rows, noted: Ints, nothing: int) -> Ints:
    """Return the greatest value of each visit's notes, `nothing` where they tell none."""
    most = np.full(rows.visits, nothing, dtype=np.int64)
    np.maximum.at(most, rows.by_note, noted)
    return most


def _first_signed(rows: _Rows) -> Ints:
    """Return the date of each visit's first signature, missing where none is known."""
    signed_on = rows.notes["signed_on"]
    known = np.flatnonzero(~np.isnat(signed_on))
    first = np.full(rows.visits, LATEST, dtype=np.int64)
    np.minimum.at(first, rows.by_note[known], signed_on.view(np.int64)[known])
    dates = first.view("datetime64[s]")
    dates[first == LATEST] = np.datetime64("NaT", "s")
    return dates


def _has_note(patients: Ints, dates: Ints, by_note: Ints, mute: Ints) -> Mask:
    """Mark visits with a note, or with one that may be theirs: `mute`, of that day, naming no clinician."""
    noted = flag(by_note, len(dates))
    if len(mute):
        (day,), days = number_days(dates)
        who_when = number_rows([(patients, int(patients.max()) + 1), (day, days)])
        noted |= np.isin(who_when, who_when[mute])
    return noted


def _strongest(visit: Ints, rows: Columns, name: str, count: int) -> Ints:
    """Return the state of each visit: present before absent before unknown."""
    strongest = np.zeros(count, dtype=np.int8)
    if name not in rows:
        return strongest
    np.maximum.at(strongest, visit, STRENGTH[rows[name]])
    state: Ints = STRENGTH[strongest]
    return state


def _stronger(one: Ints, other: Ints) -> Ints:
    stronger: Ints = STRENGTH[np.maximum(STRENGTH[one], STRENGTH[other])]
    return stronger


def _missing_notes(
    notes: Columns, dates: Ints, noted: Mask, states: Sequence[str]
) -> Iterator[tuple[Mask, list[str]]]:
    """Yield, for each complete notes file, the visits inside its dates without a note, and what it tells.

    What a file never tells, of any of its notes, is a column it does not export, and so unknown.
    """
    complete = np.flatnonzero(notes["complete"])
    files = notes["source_file"].codes[complete]
    for file in np.unique(files):
        rows = complete[files == file]
        day = notes["service_date"][rows]
        inside = (dates >= day.min()) & (dates <= day.max())
        told = [name for name in states if name in notes and (notes[name][rows] != UNKNOWN).any()]
        if not notes["minutes"][rows].isna().all():
            told.append("has_minutes")
        yield inside & ~noted, list(dict.fromkeys(["note", "signed", *told]))
