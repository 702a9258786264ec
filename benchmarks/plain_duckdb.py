"""The rival: a plain DuckDB script that makes the report's counts from the same three files.

`python plain_duckdb.py FOLDER OUT.json` reads charges.csv, postings.csv and visit_notes.csv of FOLDER into
tables, decides every line by the part of the decision table that these files call for, and then asks one
query after another: each measure by month, in total and by code, payer, clinician and location. Cents and
hundredths of units. OUT.json holds {"counts": {measure: {group: {value: {month: [numerator, base,
unknown]}}}}, "more": rows of splits, pairs of groups, and distinct values over several months}.

It knows these files: ISO dates, one layout, no row set aside or refused, no name to fold, at most one refusal
reason an answer, one payer a visit. It makes no page, no interval, no comparison and no list of rows. Which
codes must document what, and when a code is valid, it reads from config/, as the product does.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

CONFIG = Path(__file__).resolve().parents[1] / "config"
AS_OF = "DATE '2026-11-20'"
GIVE_UP_DAYS = 120
THREE_BEFORE = (202606, 202608)
"""The months before the month reported on, September 2026."""

MEDICARE = "'Medicare Part B'"
ALWAYS_BUNDLED = f"(code = '97010' AND payer = {MEDICARE})"
DISCIPLINES = {"Dana Whitfield": "massage", "Priya Raman": "pt", "Marcus Hale": "chiropractic"}
NOTE_ELEMENTS = (
    "technique",
    "region",
    "plan",
    "response",
    "subluxation",
    "initial_date",
    "referral",
    "reeval_reason",
    "report",
)
GROUPS = ("", "code", "payer", "clinician", "location")

Counts = dict[str, dict[str, dict[str, dict[str, list[int]]]]]


# --- the files as tables --------------------------------------------------------------------------


def read_files(db: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Read what is needed of the three files."""
    db.execute(f"""
        CREATE TABLE charges AS
        SELECT line_id, claim_id, visit_id, patient_id, clinician, location, payer,
               service_date, submitted_date, code, diagnoses,
               CAST(units * 100 AS BIGINT) AS units, CAST(charge * 100 AS BIGINT) AS charge
        FROM read_csv('{folder}/charges.csv', types = {{
            'code': 'VARCHAR', 'units': 'DECIMAL(12, 2)', 'charge': 'DECIMAL(12, 2)',
            'service_date': 'DATE', 'submitted_date': 'DATE'}})""")
    db.execute(f"""
        CREATE TABLE postings AS
        SELECT line_id, posted_on, payer_rank, kind, coalesce("group", '') AS "group",
               coalesce(reason, '') AS reason, coalesce(remarks, '') AS remarks,
               CAST(amount * 100 AS BIGINT) AS cents
        FROM read_csv('{folder}/postings.csv', types = {{
            'reason': 'VARCHAR', 'remarks': 'VARCHAR', 'group': 'VARCHAR', 'amount': 'DECIMAL(12, 2)',
            'posted_on': 'DATE', 'payer_rank': 'INTEGER'}})""")
    text = ", ".join(f"'{name}': 'VARCHAR'" for name in NOTE_ELEMENTS)
    states = ", ".join(f"{_state(name)} AS {name}" for name in NOTE_ELEMENTS)
    db.execute(f"""
        CREATE TABLE notes AS
        SELECT visit_id, signed_on, CASE WHEN signed_on IS NULL THEN 1 ELSE 0 END AS signature,
               CASE WHEN coalesce(minutes, 0) > 0 THEN 0 ELSE 1 END AS minutes, {states}
        FROM read_csv('{folder}/visit_notes.csv', types = {{
            {text}, 'minutes': 'INTEGER', 'service_date': 'DATE', 'signed_on': 'DATE'}})""")
    db.execute(f"""
        CREATE TABLE codes AS SELECT code, valid_from, valid_to
        FROM read_csv('{CONFIG}/codes.csv', header = true, comment = '#', types = {{
            'code': 'VARCHAR', 'valid_from': 'DATE', 'valid_to': 'DATE'}})""")


def _state(element: str) -> str:
    """A mark: 1 the element is absent, 0 present, -1 not told."""
    return f"CASE {element} WHEN 'no' THEN 1 WHEN 'yes' THEN 0 ELSE -1 END"


# --- what became of every line --------------------------------------------------------------------

REFUSED = "reason NOT IN ('', '45', '253', '23', '1', '2', '3', '246') AND kind = 'adjustment'"


def decide(db: duckdb.DuckDBPyConnection) -> None:
    """Make the answers of the first payer, the first and the last decision, and the money of every line."""
    db.execute(f"""
        CREATE TABLE answers AS
        SELECT line_id, posted_on,
               coalesce(sum(cents) FILTER (kind = 'payment'), 0) AS paid,
               coalesce(sum(cents) FILTER (reason IN ('1', '2', '3')), 0) AS share,
               coalesce(sum(cents) FILTER (reason = '253'), 0) AS taken,
               coalesce(sum(cents) FILTER ({REFUSED}), 0) AS refused,
               coalesce(sum(cents) FILTER (kind = 'adjustment'), 0) AS adjusted,
               sum(cents) FILTER (kind = 'allowed') AS told_allowed,
               max("group" || '-' || reason) FILTER ({REFUSED}) AS reason,
               coalesce(bool_and("group" = 'PR') FILTER ({REFUSED}), false) AS patient_owes,
               bool_or(contains(remarks, 'MA130')) AS rejected,
               bool_or(reason = '246') AS report_only,
               bool_or(reason IN ('97', '234', 'B15')) AS bundled
        FROM postings WHERE payer_rank = 1 AND kind <> 'reversal'
        GROUP BY line_id, posted_on
        HAVING NOT bool_or(reason IN ('133', '193'))""")
    db.execute(f"""
        CREATE TABLE decided AS
        SELECT line_id, posted_on, refused, reason, patient_owes, paid,
               coalesce(told_allowed, CASE WHEN charge = paid + adjusted THEN paid + share + taken END)
                   AS allowed,
               charge = paid + adjusted AS balanced,
               CASE WHEN rejected THEN 'rejected'
                    WHEN charge = 0 OR report_only OR code GLOB '????F' THEN 'excluded: report only'
                    WHEN bundled AND {ALWAYS_BUNDLED} THEN 'excluded: bundled as expected'
                    WHEN paid + share + taken > 0 AND refused > 0 THEN 'reduced'
                    WHEN paid + share + taken > 0 AND paid = 0 AND share > 0 THEN 'patient'
                    WHEN paid + share + taken > 0 THEN 'paid'
                    WHEN refused > 0 THEN 'denied'
                    ELSE 'nothing allowed, no reason' END AS decision
        FROM answers JOIN charges USING (line_id)""")
    db.execute("""
        CREATE TABLE answered AS
        SELECT line_id, min(posted_on) AS first_on, max(posted_on) AS last_on
        FROM decided GROUP BY line_id""")
    db.execute("""
        CREATE TABLE money AS
        SELECT line_id, sum(cents) AS paid,
               coalesce(sum(cents) FILTER (payer_rank > 1 AND kind = 'payment'), 0) AS later_paid
        FROM postings WHERE kind = 'payment' OR (kind = 'reversal' AND reason = '') GROUP BY line_id""")
    db.execute("""
        CREATE TABLE outcomes AS
        SELECT charges.*, CAST(year(service_date) * 100 + month(service_date) AS INTEGER) AS month,
               CASE WHEN payer = 'Self-pay' THEN 'not billed' WHEN early.decision IS NULL THEN 'pending'
                    ELSE early.decision END AS first_decision,
               CASE WHEN payer = 'Self-pay' THEN 'not billed' WHEN late.decision IS NULL THEN 'pending'
                    WHEN later_paid > 0 AND late.paid <= 0 THEN 'paid'
                    ELSE late.decision END AS last_decision,
               early.refused AS first_denied, early.reason AS first_reason,
               coalesce(early.patient_owes, false) AS patient_owes,
               late.posted_on AS last_decided_on, late.allowed,
               coalesce(money.paid, CASE WHEN late.balanced THEN 0 END) AS paid
        FROM charges
        LEFT JOIN answered USING (line_id)
        LEFT JOIN decided AS early ON early.line_id = charges.line_id AND early.posted_on = first_on
        LEFT JOIN decided AS late ON late.line_id = charges.line_id AND late.posted_on = last_on
        LEFT JOIN money ON money.line_id = charges.line_id""")


# --- marks: 1 yes, 0 no, -1 not told, -2 the question does not arise -------------------------------

BASE = "('reduced', 'patient', 'paid', 'nothing allowed, no reason')"


def mark(db: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Make the tables that are counted: lines, visits and services. Returns the elements and their states."""
    with (CONFIG / "documentation.toml").open("rb") as file:
        elements = tomllib.load(file)["elements"]
    states = {element["id"]: element.get("state", "required") for element in elements}
    told = {name: f"notes.{name}" for name in (*NOTE_ELEMENTS, "signature", "minutes")}
    told["diagnosis"] = (
        "max(CASE WHEN coalesce(diagnoses, '') = '' THEN 1 ELSE 0 END) OVER (PARTITION BY visit_id)"
    )
    db.execute("""
        CREATE TABLE services_seen AS
        SELECT visit_id, code, min(month) AS month, min(service_date) AS service_date,
               min(patient_id) AS patient_id, min(payer) AS payer, min(clinician) AS clinician,
               min(location) AS location, min(diagnoses) AS diagnoses
        FROM outcomes GROUP BY visit_id, code""")
    marks = ", ".join(
        f"CASE WHEN {_required(element)} THEN {told[element['id']]} ELSE -2 END AS {element['id']}"
        for element in elements
    )
    required = ", ".join(name for name, state in states.items() if state == "required")
    db.execute(f"""
        CREATE TABLE services AS
        SELECT *, {_strongest_of(required)} AS gap
        FROM (SELECT visit_id, code, month, patient_id, payer, clinician, location, service_date, signed_on,
                     notes.signature AS unsigned, {marks}
              FROM services_seen LEFT JOIN notes USING (visit_id))""")
    strongest = ", ".join(f"{_strongest(name)} AS {name}" for name in (*states, "gap"))
    age = f"datediff('day', min(service_date), {AS_OF})"
    ages = ", ".join(
        f"CASE WHEN min(unsigned) = 1 AND {age} BETWEEN {low} AND {high} THEN 1"
        f" WHEN min(unsigned) = -1 THEN -1 ELSE 0 END AS unsigned_{low}_days"
        for low, high in ((0, 2), (3, 7), (8, 30), (31, 1_000_000))
    )
    db.execute(f"""
        CREATE TABLE visits AS
        SELECT visit_id, min(month) AS month, min(patient_id) AS patient_id, min(payer) AS payer,
               min(clinician) AS clinician, min(location) AS location, {strongest}, {ages}
        FROM services GROUP BY visit_id""")
    mark_lines(db, (*states, "gap"))
    return states


def _required(element: dict[str, Any]) -> str:
    """The condition under which a service must document an element."""
    texts = [_like(element["codes"])]
    if "not_codes" in element:
        texts.append(f"NOT {_like(element['not_codes'])}")
    if (wanted := element.get("disciplines", ["*"])) != ["*"]:
        names = ", ".join(f"'{name}'" for name, discipline in DISCIPLINES.items() if discipline in wanted)
        texts.append(f"clinician IN ({names})")
    if "in_force_from" in element:
        texts.append(f"service_date >= DATE '{element['in_force_from']}'")
    if "in_force_to" in element:
        texts.append(f"service_date <= DATE '{element['in_force_to']}'")
    return " AND ".join(texts)


def _like(patterns: list[str]) -> str:
    plain = ", ".join(f"'{text}'" for text in patterns if not set(text) & {"*", "?"})
    parts = [f"code IN ({plain})"] if plain else []
    parts += [f"code GLOB '{text}'" for text in patterns if set(text) & {"*", "?"}]
    return f"({' OR '.join(parts)})"


def _strongest_of(columns: str) -> str:
    return (
        f"CASE WHEN 1 IN ({columns}) THEN 1 WHEN -1 IN ({columns}) THEN -1 "
        f"WHEN 0 IN ({columns}) THEN 0 ELSE -2 END"
    )


def _strongest(name: str) -> str:
    return f"CASE WHEN max({name}) = 1 THEN 1 WHEN bool_or({name} = -1) THEN -1 ELSE max({name}) END"


def mark_lines(db: duckdb.DuckDBPyConnection, of_service: tuple[str, ...]) -> None:
    """Make the lines with what they can be expected to be allowed, and with their marks."""
    recent = (
        f"service_date > {AS_OF} - INTERVAL 12 MONTH AND service_date <= {AS_OF} "
        "AND allowed > 0 AND units > 0"
    )
    each = "median(CAST(allowed AS DOUBLE) / CAST(units AS DOUBLE)) AS each"
    db.execute(f"""
        CREATE TABLE prices AS SELECT code, payer, {each}
        FROM outcomes WHERE {recent} GROUP BY code, payer""")
    db.execute(f"""
        CREATE TABLE code_prices AS SELECT code, {each}
        FROM outcomes WHERE {recent} GROUP BY code""")
    first, last = "first_decision", "last_decision"
    denied = _decided(first, "'denied'")
    left = f"datediff('day', {AS_OF}, coalesce(last_decided_on, service_date))"
    served = f"datediff('day', {AS_OF}, service_date)"
    marks = {
        "is_denied": denied,
        "last_denied": _decided(last, "'denied'"),
        "recovered": f"""CASE WHEN {first} <> 'denied' THEN -2
            WHEN {last} IN ('paid', 'patient', 'reduced') THEN 1 ELSE 0 END""",
        "is_answered": f"CASE {first} WHEN 'not billed' THEN -2 WHEN 'pending' THEN 0 ELSE 1 END",
        "rejected": f"CASE {first} WHEN 'not billed' THEN -2 WHEN 'rejected' THEN 1 ELSE 0 END",
        "pending": f"CASE {first} WHEN 'not billed' THEN -2 WHEN 'pending' THEN 1 ELSE 0 END",
        "not_billed": f"CASE {first} WHEN 'not billed' THEN 1 ELSE 0 END",
        "excluded": f"""CASE WHEN {first} = 'not billed' THEN -2
            WHEN {first} LIKE 'excluded%' THEN 1 ELSE 0 END""",
        "not_understood": f"CASE {first} WHEN 'not billed' THEN -2 WHEN 'unknown' THEN 1 ELSE 0 END",
        "rate_zero_paid": f"""CASE WHEN {denied} < 0 THEN {denied}
            WHEN paid IS NULL THEN -1 WHEN paid = 0 THEN 1 ELSE 0 END""",
        "rate_denied_or_reduced": _decided(first, "'denied', 'reduced'"),
        "rate_with_rejected": _decided(first, "'denied', 'rejected'"),
        "rate_without_bundling": f"""CASE WHEN {denied} = 1
            AND first_reason IN ('CO-97', 'CO-234', 'CO-B15') THEN 0 ELSE {denied} END""",
        "rate_without_patient": f"CASE WHEN {denied} = 1 AND patient_owes THEN 0 ELSE {denied} END",
        "rate_nothing_allowed": _decided(first, "'denied', 'nothing allowed, no reason'"),
        "open": f"""CASE WHEN {last} <> 'denied' THEN -2
            WHEN payer = {MEDICARE} THEN CAST({served} + 365 >= 0 OR {left} + 120 >= 0 AS INTEGER)
            ELSE CAST({left} + {GIVE_UP_DAYS} >= 0 AS INTEGER) END""",
        "not_valid": """CASE WHEN NOT in_book THEN -1
            WHEN service_date < valid_from OR service_date > valid_to THEN 1 ELSE 0 END""",
        "before_signed": f"""CASE WHEN {first} = 'not billed' THEN -2
            WHEN submitted_date IS NULL OR (unsigned = 0 AND signed_on IS NULL) THEN -1
            WHEN unsigned = 1 OR submitted_date < signed_on THEN 1 ELSE 0 END""",
    }
    named = ", ".join(f"{text} AS {name}" for name, text in marks.items())
    carried = ", ".join(of_service)
    db.execute(f"""
        CREATE TABLE lines AS
        SELECT month, code, payer, clinician, location, claim_id, units, charge, allowed, paid,
               first_denied, first_reason, first_decision,
               CASE WHEN units > 0 AND price IS NOT NULL THEN CAST(round_even(price * units, 0) AS BIGINT)
                    ELSE charge END AS expected,
               {named}, {carried}
        FROM (SELECT outcomes.*, coalesce(prices.each, code_prices.each) AS price,
                     codes.code IS NOT NULL AS in_book, valid_from, valid_to, signed_on, unsigned, {carried}
              FROM outcomes
              LEFT JOIN prices ON prices.code = outcomes.code AND prices.payer = outcomes.payer
              LEFT JOIN code_prices ON code_prices.code = outcomes.code
              LEFT JOIN codes ON codes.code = outcomes.code
              LEFT JOIN services
                  ON services.visit_id = outcomes.visit_id AND services.code = outcomes.code)""")


def _decided(column: str, yes: str) -> str:
    return (
        f"CASE WHEN {column} IN ({yes}) THEN 1 "
        f"WHEN {column} = 'denied' OR {column} IN {BASE} THEN 0 ELSE -2 END"
    )


# --- the measures ---------------------------------------------------------------------------------


class Total(NamedTuple):
    """What is added up (SQL), and of which table."""

    sql: str
    table: str = "lines"


class Measure(NamedTuple):
    """A total over a total, and how many rows leave it open."""

    id: str
    numerator: Total
    base: Total | None = None
    unknown: Total | None = None
    groups: tuple[str, ...] = GROUPS
    of_whole: bool = False
    split: str = ""


def _sum(column: str, mark_name: str = "", states: str = "1", measure: str = "", **more: Any) -> Measure:
    """A sum of a column, of all rows or of those marked."""
    if mark_name:
        where = f"FILTER ({mark_name} IN ({states}))"
        unknown = Total(f"count(*) FILTER ({mark_name} = -1)")
        return Measure(measure, Total(f"sum({column}) {where}"), unknown=unknown, **more)
    return Measure(
        measure, Total(f"sum({column})"), unknown=Total(f"count(*) FILTER ({column} IS NULL)"), **more
    )


def _share(measure: str, name: str, table: str = "lines", **more: Any) -> Measure:
    """The rows marked yes out of those marked yes or no."""
    return Measure(
        measure,
        Total(f"count(*) FILTER ({name} = 1)", table),
        Total(f"count(*) FILTER ({name} >= 0)", table),
        Total(f"count(*) FILTER ({name} = -1)", table),
        **more,
    )


def _count(measure: str, name: str, table: str = "lines", **more: Any) -> Measure:
    """The rows marked yes."""
    return _share(measure, name, table, **more)._replace(base=None)


def measures(states: dict[str, str]) -> list[Measure]:
    """Every measure of the report."""
    visits = Total("count(*)", "visits")
    by_expected = Total("sum(expected) FILTER (is_denied >= 0)")
    unknown = Total("count(*) FILTER (is_denied = -1)")
    listed = [
        Measure("usage/lines", Total("count(*)")),
        _sum("units", measure="usage/units"),
        Measure("usage/visits", visits),
        Measure("usage/patients", Total("count(DISTINCT patient_id)", "visits")),
        _sum("charge", measure="usage/charge"),
        _sum("allowed", measure="usage/allowed"),
        _sum("paid", measure="usage/paid"),
        _sum("units", measure="usage/share_of_units", base=Total("sum(units)"), of_whole=True),
        _sum("units", measure="usage/units_per_visit", base=visits),
        _sum("charge", measure="usage/charge_per_visit", base=visits)._replace(
            groups=("", "payer", "clinician", "location")
        ),
        _share("usage/not_valid", "not_valid"),
        _share("denials/first_rate", "is_denied"),
        _sum("first_denied", "is_denied", "0, 1", measure="denials/first_rate_by_charge")._replace(
            base=Total("sum(charge) FILTER (is_denied >= 0)")
        ),
        Measure(
            "denials/first_rate_by_expected",
            Total("sum(expected) FILTER (is_denied = 1)"),
            by_expected,
            unknown,
        ),
        _share("denials/final_rate", "last_denied"),
        _count("reasons/denied", "is_denied", split="first_reason"),
        _sum("first_denied", "is_denied", measure="reasons/denied_amount", split="first_reason"),
        _sum("expected", "is_denied", measure="reasons/denied_expected", split="first_reason"),
        _share("answers/recovered", "recovered"),
        _sum("expected", "last_denied", measure="denials/not_recovered_expected"),
        _share("answers/answered", "is_answered"),
        _count("answers/rejected", "rejected"),
        _sum("charge", "rejected", measure="answers/rejected_charge"),
        _count("answers/pending", "pending"),
        _sum("charge", "pending", measure="answers/pending_charge"),
        _count("answers/not_billed", "not_billed"),
        _sum("charge", "not_billed", measure="answers/not_billed_charge"),
        _count("answers/excluded", "excluded", split="first_decision"),
        _count("answers/reason_unknown", "not_understood"),
        *(
            _share(f"denials/rate_{name}", f"rate_{name}", groups=("",))
            for name in (
                "zero_paid",
                "denied_or_reduced",
                "with_rejected",
                "without_bundling",
                "without_patient",
                "nothing_allowed",
            )
        ),
        Measure(
            "denials/rate_claims",
            Total("count(DISTINCT claim_id) FILTER (is_denied = 1)"),
            Total("count(DISTINCT claim_id) FILTER (is_denied >= 0)"),
            unknown,
            groups=("",),
        ),
        _share("documentation/any", "gap", "visits"),
        _sum("expected", "gap", measure="documentation/any_expected"),
        _share("signatures/before_signed", "before_signed"),
        _sum("expected", "before_signed", measure="signatures/before_signed_expected"),
        _count("denials/open", "open"),
        _sum("expected", "open", measure="denials/open_expected"),
        *(
            _count(
                f"signatures/unsigned_{low}_days", f"unsigned_{low}_days", "visits", groups=("", "clinician")
            )
            for low in (0, 3, 8, 31)
        ),
    ]
    for name in states:
        listed += [
            _share(f"documentation/{name}", name, "visits"),
            _share(f"documentation/{name}_lines", name),
            _sum("expected", name, measure=f"documentation/{name}_expected"),
        ]
    return listed


# --- one query after another ----------------------------------------------------------------------


def count_all(db: duckdb.DuckDBPyConnection, listed: list[Measure]) -> Counts:
    """Count every measure by month in total and by each of its groups."""
    return {
        measure.id: {group: _count_group(db, measure, group) for group in measure.groups}
        for measure in listed
    }


def _count_group(
    db: duckdb.DuckDBPyConnection, measure: Measure, group: str
) -> dict[str, dict[str, list[int]]]:
    found: dict[str, dict[str, list[int]]] = {}
    totals = (measure.numerator, measure.base, measure.unknown)
    tables = dict.fromkeys(
        total.table for place, total in enumerate(totals) if total and not _apart(measure, place)
    )
    for table in tables:
        places = [
            place
            for place, total in enumerate(totals)
            if total and total.table == table and not _apart(measure, place)
        ]
        sql = [total.sql for place in places if (total := totals[place])]
        for value, month, *values in _ask(db, table, group, sql):
            cell = found.setdefault(value, {}).setdefault(_text(month), [0, 0, 0])
            for place, number in zip(places, values, strict=True):
                cell[place] = int(number or 0)
    if measure.of_whole and measure.base:
        whole = {_text(month): int(number) for _, month, number in _ask(db, "lines", "", [measure.base.sql])}
        for by_month in found.values():
            for month, cell in by_month.items():
                cell[1] = whole[month]
    return found


def _text(month: int) -> str:
    return f"{month // 100}-{month % 100:02d}"


def _apart(measure: Measure, place: int) -> bool:
    return measure.of_whole and place == 1


def _ask(db: duckdb.DuckDBPyConnection, table: str, group: str, sql: list[str]) -> list[tuple[Any, ...]]:
    source = "services" if table == "visits" and group == "code" else table
    value = group or "''"
    return db.execute(
        f"SELECT {value}, month, {', '.join(sql)} FROM {source} GROUP BY {value}, month"
    ).fetchall()


def count_more(db: duckdb.DuckDBPyConnection, listed: list[Measure]) -> dict[str, list[list[Any]]]:
    """Count what stands beside the measures: splits, pairs of groups, distinct values over several months."""
    found: dict[str, list[list[Any]]] = {}

    def ask(name: str, sql: str) -> None:
        found[name] = [list(row) for row in db.execute(sql).fetchall()]

    for measure in listed:
        if measure.split:
            for group in GROUPS:
                value = group or "''"
                ask(
                    f"{measure.id};{measure.split}/{group}",
                    f"SELECT {value}, {measure.split}, month, {measure.numerator.sql} AS number FROM lines "
                    f"GROUP BY ALL HAVING number > 0",
                )
    ask(
        "denials/first_rate/code,payer",
        "SELECT code, payer, month, count(*) FILTER (is_denied = 1), "
        "count(*) FILTER (is_denied >= 0), count(*) FILTER (is_denied = -1) FROM lines GROUP BY ALL",
    )
    ask(
        "usage/lines/clinician,code",
        "SELECT clinician, code, month, count(*) FROM lines GROUP BY ALL",
    )
    start, stop = THREE_BEFORE
    for name, where in {
        "three_before": f"month BETWEEN {start} AND {stop}",
        "whole": "true",
    }.items():
        for group in GROUPS:
            source, value = "services" if group == "code" else "visits", group or "''"
            ask(
                f"usage/patients/{group}/{name}",
                f"SELECT {value}, count(DISTINCT patient_id) FROM {source} WHERE {where} GROUP BY ALL",
            )
        ask(
            f"denials/rate_claims//{name}",
            "SELECT '', count(DISTINCT claim_id) FILTER (is_denied = 1), count(DISTINCT claim_id) "
            f"FILTER (is_denied >= 0) FROM lines WHERE {where}",
        )
    return found


def main() -> None:
    """Read, decide, count, write."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    db = duckdb.connect()
    read_files(db, folder)
    decide(db)
    listed = measures(mark(db))
    counts = count_all(db, listed)
    out.write_text(json.dumps({"counts": counts, "more": count_more(db, listed)}), encoding="utf-8")


if __name__ == "__main__":
    main()
