"""The parts of an X12 remittance (835) and of professional claims (837P) that are read, as data.

A `Loop` opens at its first segment (where one element says so) and holds the segments named; the `Table` of a
loop has one row each time it opens, a table `of` a segment one row for each such segment, or for each group
of its elements. A column is written as in the implementation guides: "CLP03" is the third element of CLP,
"DTM02 472" the second of the DTM that begins with 472, "+1" the second of a repeated group. A composite
("SVC01:") stays in one piece, its components separated by ":" whatever the sender writes, and everything
stays text: a sender who does not keep to his own delimiters loses nothing here.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Loop(NamedTuple):
    """A loop: the loop it stands in, the segment that opens it, what it holds, `when` an element says so."""

    inside: str
    opens: str
    holds: str
    when: tuple[str, str] | None = None


class Table(NamedTuple):
    """A table: the loops whose rows it has, its columns; for one `of` a segment, how its elements repeat."""

    loops: str
    columns: dict[str, str]
    of: str = ""
    repeat: tuple[int, int] | None = None


class Grammar(NamedTuple):
    """What one kind of transaction is read into."""

    loops: dict[str, Loop]
    tables: dict[str, Table]


REMITTANCE = Grammar(
    loops={
        "transaction": Loop("", "ST", "BPR TRN DTM REF CUR LX TS2 TS3 PLB"),
        "payer": Loop("transaction", "N1", "N3 N4 PER REF", ("1", "PR")),
        "payee": Loop("transaction", "N1", "N3 N4 PER REF RDM", ("1", "PE")),
        "claim": Loop("transaction", "CLP", "CAS NM1 MIA MOA REF DTM PER AMT QTY"),
        "service": Loop("claim", "SVC", "DTM CAS REF AMT QTY LQ"),
    },
    tables={
        "payments": Table(
            "transaction",
            {
                "amount": "BPR02",
                "direction": "BPR03",
                "paid_on": "BPR16",
                "produced_on": "DTM02 405",
                "trace": "TRN02",
                "payer": "payer N102",
            },
        ),
        "claims": Table(
            "claim",
            {
                "claim": "CLP01",
                "status": "CLP02",
                "charge": "CLP03",
                "paid": "CLP04",
                "payer_claim": "CLP07",
                "family": "NM103 QC",
                "given": "NM104 QC",
                "member": "NM109 QC",
                "record": "REF02 EA",
                "clinician_kind": "NM102 82",
                "clinician_family": "NM103 82",
                "clinician_given": "NM104 82",
                "from": "DTM02 232",
                "to": "DTM02 233",
                "interest": "AMT02 I",
                **{f"remark MOA{place:02}": f"MOA{place:02}" for place in (3, 4, 5, 6, 7)},
                **{f"remark MIA{place:02}": f"MIA{place:02}" for place in (5, 20, 21, 22, 23)},
            },
        ),
        "services": Table(
            "service",
            {
                "answered": "SVC01:",
                "charge": "SVC02",
                "paid": "SVC03",
                "units": "SVC05",
                "billed": "SVC06:",
                "billed_units": "SVC07",
                "on": "DTM02 472",
                "from": "DTM02 150",
                "line": "REF02 6R",
            },
        ),
        "adjustments": Table(
            "claim service", {"group": "CAS01", "reason": "+0", "amount": "+1"}, of="CAS", repeat=(2, 3)
        ),
        "remarks": Table("service", {"list": "LQ01", "remark": "LQ02"}, of="LQ"),
        "set_off": Table("transaction", {"reason": "+0:", "amount": "+1"}, of="PLB", repeat=(3, 2)),
    },
)

CLAIMS = Grammar(
    loops={
        "transaction": Loop("", "ST", "BHT REF NM1 PER PRV CUR"),
        "billing": Loop("transaction", "HL", "PRV CUR NM1 N3 N4 REF PER", ("3", "20")),
        "subscriber": Loop("transaction", "HL", "SBR PAT NM1 N3 N4 DMG REF PER", ("3", "22")),
        "patient": Loop("transaction", "HL", "PAT NM1 N3 N4 DMG REF PER", ("3", "23")),
        "claim": Loop(
            "transaction", "CLM", "DTP CL1 PWK CN1 AMT REF K3 NTE CR1 CR2 CRC HI HCP NM1 PRV N3 N4 PER LX"
        ),
        "other payer": Loop("claim", "SBR", "CAS AMT DMG OI MOA NM1 N3 N4 PER DTP REF"),
        "service": Loop(
            "claim",
            "SV1",
            "SV5 PWK CR1 CR3 CRC DTP QTY MEA CN1 REF AMT K3 NTE PS1 HCP LIN CTP NM1 PRV N3 N4 PER LQ FRM",
        ),
        "line adjudication": Loop("service", "SVD", "CAS DTP AMT"),
    },
    tables={
        "sendings": Table("transaction", {"sent_on": "BHT04"}),
        "billings": Table(
            "billing",
            {
                "clinician_kind": "NM102 85",
                "clinician_family": "NM103 85",
                "clinician_given": "NM104 85",
            },
        ),
        "subscribers": Table(
            "subscriber",
            {
                "rank": "SBR01",
                "payer": "NM103 PR",
                "family": "NM103 IL",
                "given": "NM104 IL",
                "member": "NM109 IL",
                "born": "DMG02",
            },
        ),
        "patients": Table("patient", {"family": "NM103 QC", "given": "NM104 QC", "born": "DMG02"}),
        "claims": Table(
            "claim",
            {
                "claim": "CLM01",
                "charge": "CLM02",
                "place": "CLM05:",
                "record": "REF02 EA",
                "replaces": "REF02 F8",
                "clinician_kind": "NM102 82",
                "clinician_family": "NM103 82",
                "clinician_given": "NM104 82",
                "location": "NM103 77",
            },
        ),
        "diagnoses": Table(
            "claim", {f"diagnosis_{place}": f"HI{place:02}:" for place in range(1, 13)}, of="HI"
        ),
        "services": Table(
            "service",
            {
                "code": "SV101:",
                "charge": "SV102",
                "measure": "SV103",
                "units": "SV104",
                "pointers": "SV107:",
                "on": "DTP03 472",
                "line": "REF02 6R",
                "clinician_kind": "NM102 82",
                "clinician_family": "NM103 82",
                "clinician_given": "NM104 82",
                "location": "NM103 77",
            },
        ),
    },
)

COMPOSITE = ":"
"""What a column ends with that is a composite, and what separates its components."""

PARENT = "of_"
"""What the name of a column begins with that holds the row of another table."""

_ELEMENTS = {"CAS": 19, "PLB": 14, "HI": 12, "BPR": 16, "CLP": 14, "MIA": 24}
"""Elements of a segment that are looked at, where they are more than nine."""


def describe(grammar: Grammar, kind: str) -> dict[str, Any]:
    """Return a grammar as the description that the reader of X12 wants."""
    segments = {loop.opens for loop in grammar.loops.values()}
    segments |= {name for loop in grammar.loops.values() for name in loop.holds.split()}
    return {
        "name": kind,
        "version": {"segment": "ST", "element": 1, "values": [kind]},
        "balancing": {},
        "segments": {name: _segment(_ELEMENTS.get(name, 9)) for name in sorted(segments | {"SE"})},
        "loops": {name: _loop(loop) for name, loop in grammar.loops.items()},
        "tables": {name: _table(name, table) for name, table in grammar.tables.items()},
    }


def _segment(elements: int) -> dict[str, Any]:
    return {"elements": {str(at): {"name": f"element {at}", "type": "AN"} for at in range(1, elements + 1)}}


def _loop(loop: Loop) -> dict[str, Any]:
    trigger: dict[str, Any] = {"segment": loop.opens}
    if loop.when:
        trigger["where"] = dict([loop.when])
    names = [loop.opens, *loop.holds.split()]
    described: dict[str, Any] = {
        "trigger": trigger,
        "usage": "situational",
        "occurrences": {
            name.lower(): {"segment": name, "usage": "situational", "pos": 1 + (name != loop.opens)}
            for name in names
        },
    }
    return described | ({"parent": loop.inside} if loop.inside else {"end": "SE"})


def _table(name: str, table: Table) -> dict[str, Any]:
    described: dict[str, Any] = {
        "loops": table.loops.split(),
        "columns": {column: _element(where, bool(table.of)) for column, where in table.columns.items()},
    }
    if not table.of:
        return described | {"ref": PARENT + name}
    repeated = dict(zip(("from", "step"), table.repeat, strict=True)) if table.repeat else None
    return described | {"segment": table.of} | ({"repeat": repeated} if repeated else {})


def _element(where: str, of_segment: bool) -> dict[str, Any]:
    where = where.removesuffix(COMPOSITE)
    if where.startswith("+"):
        return {"group_element": int(where[1:])}
    loop, _, rest = where.rpartition(" ") if where[0].islower() else ("", "", where)
    place, _, begins = rest.partition(" ")
    element: dict[str, Any] = {"element": int(place[-2:])}
    if loop:
        return element | {"loop": loop, "occurrence": place[:-2].lower()}
    if not of_segment:
        element["segment"] = place[:-2]
    return element | ({"where": {"1": begins}} if begins else {})
