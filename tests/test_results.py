"""Saved results: what is written is read back, and a file that is not ours gets one sentence."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from msgspec import structs

from audit.comparison import Comparison, compare
from audit.errors import InputError
from audit.figures import Resolved
from audit.measures import Measure, Tabulation, Total, answered, marked
from audit.periods import Period, month_text, parse_period
from audit.results import encode, read_results, save_figures, save_measures, schema
from audit.series import lay_spans
from audit.settings import Thresholds
from tests.saved import finding, saved

ROOT = Path(__file__).resolve().parents[1]

FULL = saved(
    "2026-07",
    """
    figure                                top  base  effective  unknown  outcome
    denials/first_rate                     20   400     310.25        3  higher_within_chance
    denials/first_rate/payer=Blue%2FCross   9   120     100           0  significantly_higher
    usage/lines                           420     -          -        0  -
    usage/lines/payer=                     12     -          -        0  too_few_to_tell
    """,
    history={"denials/first_rate": {"2026-06": (11, 380), "2026-07": (20, 400)}},
    findings=(finding("denials/open", "Work the 12 lines", 12), finding("usage/x", "Look", 1, None)),
)


def write(folder: Path, text: str) -> Path:
    path = folder / "2026-07" / "results.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_saved_is_read_back_whole(tmp_path: Path) -> None:
    assert read_results(write(tmp_path, encode(FULL))) == FULL


def test_what_became_of_findings_is_saved_and_read_back(tmp_path: Path) -> None:
    """Older results without it are read too: see the findings above."""
    told = structs.replace(
        finding("usage/x", "Look", 1), state="worse", month=3, first_shown=date(2026, 5, 15)
    )
    gone = Resolved("usage/y", 4, None, "2026-06", date(2026, 6, 15))
    full = structs.replace(FULL, findings=[told], resolved=[gone])
    assert read_results(write(tmp_path, encode(full))) == full
    jsonschema.validate(json.loads(encode(full)), schema())


def test_a_figure_stands_on_a_line_of_its_own() -> None:
    """So that two files can be told apart line by line."""
    lines = encode(FULL).splitlines()
    assert sum(line.startswith('{"id":"denials/') for line in lines) == 3  # two figures, one finding
    assert encode(FULL) == encode(FULL)


def test_the_kept_schema_is_the_one_of_the_structs() -> None:
    kept = json.loads((ROOT / "config" / "results.schema.json").read_text(encoding="utf-8"))
    assert kept == schema(), "keep it anew: json.dumps(schema(), indent=2) and a line end"


def test_saved_results_are_valid_by_the_kept_schema() -> None:
    kept = json.loads((ROOT / "config" / "results.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(encode(FULL)), kept)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(encode(FULL)) | {"figures": [{"id": "usage/lines"}]}, kept)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "\x00\x01 not JSON",
        "[" * 100_000,
        '{"schema": 1}',
        encode(FULL).replace('"schema": 1', '"schema": 2'),
        encode(FULL).replace('"schema": 1', '"schema": 1, "extra": 1'),
        encode(FULL).replace('"period": "2026-07"', '"period": "../x"'),
        encode(FULL).replace('"as_of": "2026-12-15"', '"as_of": "yesterday"'),
        encode(FULL).replace('"numerator":20', '"numerator":500'),
        encode(FULL).replace('"effective":310.25', '"effective":0.0'),
        encode(FULL).replace('"id":"usage/lines"', '"id":"other/lines"'),
        encode(FULL).replace('"2026-06":', '"June":'),
        encode(FULL).replace('"history":', '"squares":{"2026-05":1},"history":'),
        encode(FULL).replace('"history":', '"squares":{"2026-06":-1},"history":'),
        encode(FULL).replace('"unknown":3', '"unknown":"Mary Poppins"'),
    ],
)
def test_a_broken_or_foreign_file_gets_one_sentence(tmp_path: Path, text: str) -> None:
    assert text != encode(FULL), "the case changes nothing"
    with pytest.raises(InputError) as error:
        read_results(write(tmp_path, text))
    said = str(error.value)
    assert said.startswith("results.json in 2026-07 is not a results file of this version;")
    assert said.endswith(".")
    assert "\n" not in said
    assert "Poppins" not in said


def test_bytes_that_are_no_text_get_the_same_sentence(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes(b"\xff\xfe\x80\x81")
    with pytest.raises(InputError, match="is not a results file"):
        read_results(path)


def test_a_missing_file_and_a_folder_in_its_place_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no results\.json in 2026-07; run `audit run`"):
        read_results(tmp_path / "2026-07" / "results.json")
    (tmp_path / "2026-08" / "results.json").mkdir(parents=True)
    with pytest.raises(InputError, match=r"results\.json in 2026-08 cannot be read"):
        read_results(tmp_path / "2026-08" / "results.json")


# --- figures as they are saved ------------------------------------------------------------

RATE = Measure(
    "denials/first_rate",
    "Rate",
    "A rate.",
    marked("denied"),
    answered("denied"),
    unit="share",
    groups=("code", "payer"),
    pairs=(("code", "payer"),),
)
OPEN = Measure("denials/open", "Open", "Open lines.", marked("open"), groups=())
FIRST = parse_period("2026-01").first
MONTHS = 4


def compared() -> Comparison:
    """Return April 2026 of two codes at one payer: 20 lines each a month, one and four of them denied."""
    top, base = np.array([[1] * MONTHS, [4] * MONTHS]), np.full((2, MONTHS), 20)
    unsure = np.zeros((2, MONTHS), dtype=np.int64)
    counts: dict[tuple[Total, str], np.ndarray] = {}
    for measure, by_code in ((RATE, top), (OPEN, top)):
        for total, rows in ((measure.numerator, by_code), (measure.base, base), (measure.unknown, unsure)):
            if total is not None:
                counts[total, "code"] = rows
                counts[total, "payer"] = counts[total, ""] = rows.sum(axis=0, keepdims=True)
    cells = pd.DataFrame(
        [(code, 0, month, top[code, month], 20, 0) for code in (0, 1) for month in range(MONTHS)],
        columns=["code", "payer", "month", "numerator", "base", "unknown"],
    )
    labels = {"code": ("97124", "97140"), "payer": ("Blue/Cross",)}
    tabulation = Tabulation(counts, {}, {(RATE.id, "code,payer"): cells}, {}, labels)
    april, limits = Period(FIRST + 3, FIRST + 3), Thresholds()
    spans = lay_spans(april, FIRST, MONTHS, limits, judged=True)
    effects = {(RATE.id, group): 2.0 for group in ("", "code", "payer")}
    return Comparison(
        frame=compare(tabulation, [RATE], [OPEN], spans, limits, effects),
        tabulation=tabulation,
        measures={one.id: one for one in (RATE, OPEN)},
        lasting=frozenset({OPEN.id}),
        effects=effects,
        spans=spans,
        period=april,
        first_month=FIRST,
        limits=limits,
    )


def test_every_figure_is_saved_under_its_own_name_with_its_months() -> None:
    """Pairs of groups too, whose months are not kept."""
    figures = {one.id: one for one in save_figures(compared())}
    assert list(figures) == [
        "denials/first_rate",
        "denials/first_rate/code=97124",
        "denials/first_rate/code=97140",
        "denials/first_rate/payer=Blue%2FCross",
        "denials/first_rate/code=97124/payer=Blue%2FCross",
        "denials/first_rate/code=97140/payer=Blue%2FCross",
        "denials/open",
    ]
    code = figures["denials/first_rate/code=97140"]
    assert (code.numerator, code.denominator, code.effective) == (4, 20, 10.0)
    assert code.history == {month_text(FIRST + at): (4, 20, 10.0) for at in range(MONTHS)}
    assert figures["denials/first_rate/code=97140/payer=Blue%2FCross"].history == {}


def test_a_figure_of_the_whole_history_is_compared_with_nothing() -> None:
    """Nor is it a figure of the period: its measure says so."""
    comparison = compared()
    figure = save_figures(comparison)[-1]
    assert (figure.id, figure.numerator, figure.denominator, figure.outcome) == ("denials/open", 20, None, "")
    assert figure.compared == {}
    kept = save_measures(comparison.measures.values(), comparison.lasting)
    assert [kept[one.id].standing for one in (RATE, OPEN)] == [False, True]
