"""Make the sample practice: charges, postings and visit notes of an invented practice, from a seed.

`python make_sample.py` rewrites the files that stand beside this script, byte for byte.
`--clean --seed 7 --out DIR` writes the same practice without planted faults; `--lines`, `--months`,
`--codes` and `--payers` make larger ones for benchmarks. Amounts are cents, dates are days since
1970-01-01, and -1 is blank. All chance comes from uniform draws of one PCG64 stream and is turned
into values by comparisons and whole-number arithmetic alone, so that every machine gets the same.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

# By their full names, so that this runs as a script, too.
from audit.sample_data.draws import LINES, MONTHS, REPORT_MONTH, SEED, Scale
from audit.sample_data.faults import plant, planted_toml, spoil_rows
from audit.sample_data.other_layouts import month_lines, simplepractice_table, webpt_table
from audit.sample_data.own_format import (
    charges_table,
    notes_table,
    postings_table,
    practice_toml,
    write_csv,
    write_practice,
    write_text,
)
from audit.sample_data.payment_faults import ONLY
from audit.sample_data.practice import Practice, make_practice


def write_sample(clean: Practice, folder: Path) -> None:
    """Write the shipped sample: its files with faults, their list, settings, a month in other layouts."""
    folder.mkdir(parents=True, exist_ok=True)
    practice, planting = plant(clean)
    exported = ~practice.lines["line"].isin(planting.not_exported).to_numpy()
    charges, spoiled = spoil_rows(charges_table(practice)[exported].reset_index(drop=True))
    files = {
        "charges.csv": charges,
        "postings.csv": postings_table(practice),
        "visit_notes.csv": notes_table(practice),
        "remittance_only.csv": pd.DataFrame(planting.only, columns=list(ONLY)).fillna(""),
    }
    for name, table in files.items():
        write_csv(table, folder / name)
    write_text(planted_toml([*planting.faults, *spoiled], files), folder / "planted.toml")
    write_text(practice_toml(), folder / "practice.toml")
    month = month_lines(practice, planting.sent_again)
    write_csv(simplepractice_table(month), folder / f"simplepractice_appointment_status_{REPORT_MONTH}.csv")
    write_csv(webpt_table(month), folder / f"webpt_documented_units_{REPORT_MONTH}.csv", "utf-8-sig")


def main() -> None:
    """Command line."""
    here = Path(__file__).resolve().parent
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--clean", action="store_true", help="no planted faults")
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--out", type=Path, default=here)
    options.add_argument("--lines", type=int, default=LINES, help="about how many claim lines")
    options.add_argument("--months", type=int, default=MONTHS, help="months of history, the last one partial")
    options.add_argument("--codes", type=int, default=0, help="how many codes")
    options.add_argument("--payers", type=int, default=0, help="how many payers, Self-pay among them")
    chosen = options.parse_args()
    scale = Scale(chosen.lines, chosen.months, chosen.codes, chosen.payers)
    practice = make_practice(chosen.seed, scale)
    if chosen.clean or scale != Scale():
        write_practice(practice, chosen.out)
    else:
        write_sample(practice, chosen.out)


if __name__ == "__main__":
    main()
