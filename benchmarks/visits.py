"""Visits of simulated practices: each claim is one visit, with units that are alike within a patient.

A patient comes three times a month on average, to one of three clinicians. Units of a line are whole, three
on average; a fourth of their variance is the patient's, so that visits count for somewhat less than they are.
The mean of each clinician moves from month to month by a normal deviate.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from msgspec.structs import replace

from audit.populations import Population, Populations
from benchmarks.simulated import MONTHS, PAYERS, Practice

CLINICIANS = ("Ames", "Bly", "Cole")
UNITS = 3.0
OF_PATIENT = 0.5
"""Deviation of patients; together with that of lines it is 1."""


def add_visits(populations: Populations, practice: Practice, draws: np.random.Generator) -> Populations:
    """Return the lines of a simulated practice with the visits they were billed for."""
    lines = populations.lines
    visit = lines.frame["claim"].to_numpy()  # lines stand by claim, claims by month, from 0 on
    first = np.flatnonzero(np.diff(visit, prepend=-1))
    month, payer = lines.month[first], lines.groups["payer"][first]
    patient = _draw_patients(month, payer, draws)
    patients = int(patient.max()) + 1
    clinician = draws.integers(0, len(CLINICIANS), patients)[patient]
    mean = UNITS + OF_PATIENT * draws.standard_normal(patients)[patient]
    mean += practice.restless * draws.standard_normal((MONTHS, len(CLINICIANS)))[month, clinician]
    own = np.sqrt(1 - OF_PATIENT**2) * draws.standard_normal(len(visit))
    units = np.maximum(np.rint(mean[visit] + own), 1).astype(np.int64)
    if practice.doubled:
        raised = lines.month >= MONTHS - practice.doubled.months
        units[raised & (lines.groups["code"] == practice.doubled.code)] *= 2
    hundredths = 100 * units
    of_visit = np.bincount(visit, weights=hundredths).astype(np.int64)
    groups = {"payer": payer, "clinician": clinician}
    by_line = {name: values[visit] for name, values in groups.items()} | {"code": lines.groups["code"]}
    return replace(
        populations,
        visits=Population(_lay_units(patient, of_visit), month, groups, {}),
        # A code stands once on a claim: each line is a service of its own.
        services=Population(_lay_units(patient[visit], hundredths), lines.month, by_line, {}),
        labels={**populations.labels, "clinician": CLINICIANS},
        service_of_line=np.arange(len(visit)),
        visit_of_service=visit,
    )


def _draw_patients(month: np.ndarray, payer: np.ndarray, draws: np.random.Generator) -> np.ndarray:
    """Return the patient of each visit: of one payer, and of one month."""
    cell = month * len(PAYERS) + payer
    order = np.argsort(cell, kind="stable")
    sizes = 1 + draws.poisson(2, len(cell))
    drawn = np.empty(len(cell), dtype=np.int64)
    drawn[order] = np.repeat(np.arange(len(cell)), sizes)[: len(cell)]
    patient, _ = pd.factorize(drawn * MONTHS * len(PAYERS) + cell)
    return np.asarray(patient, dtype=np.int64)


def _lay_units(patient: np.ndarray, units: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"patient_key": patient, "units": units, "units_squared": units**2})
