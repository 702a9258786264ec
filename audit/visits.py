"""Visits: one patient on one day with one clinician, put together from the charges and the notes.

In: charges and notes as intake hands them over. Out: the visits table, the visit and the patient of every
line. A visit is known by its number where the export has one, else by patient, day and clinician (day alone
where no clinician is exported). Patients are numbered for this run only; a patient the export does not tell
is one of their own for each claim, else for each visit, else for each line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from audit.lines import ABSENT, PRESENT, UNKNOWN, VISITS, conform
from audit.numbering import NONE, Ints, Mask, find_only, number_days, number_rows, number_texts, renumber

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


def build_visits(lines: pd.DataFrame, notes: pd.DataFrame, elements: Sequence[str]) -> Visited:
    """Return the visits that lines or notes tell of; `elements` are the ids of the documentation elements."""
    of_lines, of_notes, sizes = _number_both(lines, notes)
    by_line, lined = _visits_of_lines(of_lines, sizes)
    by_note, count = _visits_of_notes(of_notes, of_lines, by_line, lined, sizes)
    visits = _describe(lines, notes, by_line, by_note, count)
    visits["patient_key"] = _least(
        (by_line, of_lines.patient), (by_note, of_notes.patient), count, sizes.patients
    )
    noted = _has_note(of_notes, visits, by_note, lined)
    visits = _document(visits, lines, notes, by_line, by_note, noted, elements)
    return Visited(visits, by_line, of_lines.patient)


# ---------------------------------------------------------------- who was seen when


def _number_both(lines: pd.DataFrame, notes: pd.DataFrame) -> tuple[_Who, _Who, _Sizes]:
    (refs, refs_noted), ref_texts = number_texts(lines["visit_ref"], notes["visit_ref"])
    (days, days_noted), day_count = number_days(lines["service_date"], notes["service_date"])
    (clinicians, clinicians_noted), names = number_texts(lines["clinician"], notes["clinician"])
    (patients, patients_noted), patient_texts = number_texts(lines["patient_ref"], notes["patient_ref"])
    known, ref_count = len(patient_texts), len(ref_texts)
    if (patients < 0).any() or (patients_noted < 0).any():
        (claims,), claim_texts = number_texts(lines["claim_id"])
        by_visit = known + len(claim_texts)
        alone = by_visit + ref_count
        own, own_noted = np.arange(len(lines)), np.arange(len(notes)) + len(lines)
        of_visit = np.where(refs >= 0, by_visit + refs, alone + own)
        of_claim = np.where(claims >= 0, known + claims, of_visit)
        patients = np.where(patients >= 0, patients, of_claim)
        of_visit = np.where(refs_noted >= 0, by_visit + refs_noted, alone + own_noted)
        patients_noted = np.where(patients_noted >= 0, patients_noted, of_visit)
        known = alone + len(lines) + len(notes)
    both, count = renumber(np.concatenate([patients, patients_noted]), known)
    return (
        _Who(refs, both[: len(lines)], days, clinicians),
        _Who(refs_noted, both[len(lines) :], days_noted, clinicians_noted),
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


def _describe(
    lines: pd.DataFrame, notes: pd.DataFrame, by_line: Ints, by_note: Ints, count: int
) -> pd.DataFrame:
    """Return clinician, location and date of every visit: as on its lines, else as on its note."""
    visits = pd.DataFrame(index=pd.RangeIndex(count))
    for name in ("clinician", "location"):
        (billed, noted), texts = number_texts(lines[name], notes[name])
        order = np.argsort(np.asarray(texts, dtype="object"), kind="stable")
        place = np.empty(len(texts) + 1, dtype=np.int32)
        place[order] = np.arange(len(texts))
        place[NONE] = len(texts)
        chosen = _least((by_line, place[billed]), (by_note, place[noted]), count, len(texts))
        sorted_texts = pd.Index([*(str(texts[at]) for at in order), ""], dtype="str")
        if "" in texts:
            chosen[chosen == len(texts)] = place[list(texts).index("")]
            sorted_texts = sorted_texts[:-1]
        visits[name] = pd.Categorical.from_codes(chosen, sorted_texts)
    day = lines["service_date"].to_numpy().view(np.int64), notes["service_date"].to_numpy().view(np.int64)
    latest = np.iinfo(np.int64).max
    seconds = _least((by_line, day[0]), (by_note, day[1]), count, latest)
    visits["service_date"] = seconds.view("datetime64[s]")
    visits["visit_id"] = np.arange(count, dtype=np.int32)
    return visits


def _least(billed: tuple[Ints, Ints], noted: tuple[Ints, Ints], count: int, nothing: int) -> Ints:
    """Return the least value of each visit's lines, of its notes where the lines tell `nothing`."""
    least = np.full(count, nothing, dtype=billed[1].dtype)
    np.minimum.at(least, *billed)
    if len(noted[0]):
        of_notes = np.full(count, nothing, dtype=billed[1].dtype)
        np.minimum.at(of_notes, *noted)
        least = np.where(least == nothing, of_notes, least)
    return least


# ---------------------------------------------------------------- what its notes show


def _document(
    visits: pd.DataFrame,
    lines: pd.DataFrame,
    notes: pd.DataFrame,
    by_line: Ints,
    by_note: Ints,
    noted: Mask,
    elements: Sequence[str],
) -> pd.DataFrame:
    """Return the visits with the states of their notes; several notes of a visit count as one."""
    count = len(visits)
    told = [str(name) for name in notes if str(name).startswith("has_")]
    shown = [f"has_{element}" for element in (*elements, "diagnosis", "signature", "minutes")]
    names = dict.fromkeys(["note", "signed", *shown, *told])
    states = {name: _strongest(by_note, notes, name, count) for name in names}
    minutes = notes["minutes"].to_numpy(dtype=np.int64, na_value=NONE)
    most = np.full(count, NONE, dtype=np.int64)
    np.maximum.at(most, by_note, minutes)
    states["has_minutes"] = np.where(
        (states["has_minutes"] == UNKNOWN) & (most > 0), PRESENT, states["has_minutes"]
    ).astype(np.int8)
    for missing, exported in _missing_notes(visits, notes, noted, tuple(states)):
        for name in exported:
            states[name][missing] = ABSENT

    billed = {name: _strongest(by_line, lines, name, count) for name in ("has_diagnosis", "has_minutes")}
    states["has_diagnosis"] = _stronger(states["has_diagnosis"], billed["has_diagnosis"])
    unknown = states["has_minutes"] == UNKNOWN
    states["has_minutes"] = np.where(unknown, billed["has_minutes"], states["has_minutes"])
    states["has_signature"] = states["signed"] = _stronger(states["signed"], states["has_signature"])

    last = np.iinfo(np.int64).max
    signed_on = np.full(count, last, dtype=np.int64)
    known = notes["signed_on"].notna().to_numpy()
    np.minimum.at(signed_on, by_note[known], notes["signed_on"].to_numpy().view(np.int64)[known])
    signed_on[signed_on == last] = np.iinfo(np.int64).min
    visits = visits.assign(
        **{name: state.astype(np.int8) for name, state in states.items()},
        minutes=pd.arrays.IntegerArray(np.maximum(most, 0).astype(np.int32), most < 0),
        signed_on=signed_on.view("datetime64[s]"),
    )
    return conform(_with_source(visits, notes, by_note), VISITS)


def _has_note(who: _Who, visits: pd.DataFrame, by_note: Ints, lined: int) -> Mask:
    """Mark visits with a note, or with one that may be theirs: of that day, naming no clinician."""
    noted = np.zeros(len(visits), dtype=np.bool_)
    noted[by_note] = True
    mute = by_note[(who.clinician < 0) & (by_note >= lined)]
    if len(mute):
        days = pd.MultiIndex.from_frame(visits[["patient_key", "service_date"]])
        noted |= days.isin(days[mute].unique())
    return noted


def _strongest(visit: Ints, rows: pd.DataFrame, name: str, count: int) -> Ints:
    """Return the state of each visit: present before absent before unknown."""
    strongest = np.zeros(count, dtype=np.int8)
    if name in rows and len(rows):
        np.maximum.at(strongest, visit, STRENGTH[rows[name].to_numpy()])
    state: Ints = STRENGTH[strongest]
    return state


def _stronger(one: Ints, other: Ints) -> Ints:
    stronger: Ints = STRENGTH[np.maximum(STRENGTH[one], STRENGTH[other])]
    return stronger


def _missing_notes(
    visits: pd.DataFrame, notes: pd.DataFrame, noted: Mask, states: Iterable[str]
) -> Iterable[tuple[Mask, list[str]]]:
    """Yield, for each complete notes file, the visits inside its dates without a note, and what it tells.

    What a file never tells, of any of its notes, is a column it does not export, and so unknown.
    """
    complete = notes[notes["complete"].to_numpy()]
    for _, file in complete.groupby("source_file", observed=True):
        day = visits["service_date"]
        inside = (day >= file["service_date"].min()) & (day <= file["service_date"].max())
        told = [name for name in states if name in file and (file[name] != UNKNOWN).any()]
        if file["minutes"].notna().any():
            told.append("has_minutes")
        yield inside.to_numpy() & ~noted, list(dict.fromkeys(["note", "signed", *told]))


def _with_source(visits: pd.DataFrame, notes: pd.DataFrame, by_note: Ints) -> pd.DataFrame:
    """Return the visits with file and row of their first note, by file name and row."""
    files = pd.Index(sorted({"", *notes["source_file"].cat.categories}), dtype="str")
    width = 2**31
    file = files.get_indexer(notes["source_file"].cat.categories)[notes["source_file"].cat.codes.to_numpy()]
    first = np.full(len(visits), width * len(files), dtype=np.int64)
    np.minimum.at(first, by_note, file.astype(np.int64) * width + notes["source_row"].to_numpy())
    bare = first == width * len(files)
    first[bare] = list(files).index("") * width
    return visits.assign(
        source_file=pd.Categorical.from_codes(first // width, files),
        source_row=(first % width).astype(np.int32),
    )
