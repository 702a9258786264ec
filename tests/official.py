"""CMS' practitioner files in small, as they are written: notices, headers of several lines, tabs, blanks.

    pairs_text("97140 97124 19960101 * 0")

gives the text of a file of code pairs with that row. `WHOLE` holds a row for each digit that the first codes
of a whole table begin with.
"""

from __future__ import annotations

NOTICE = (
    "CPT only copyright 2025 American Medical Association. All rights reserved.\r\n"
    "CPT\xae is a registered trademark of the American Medical Association\r\n"
    "\r\n"
    "Practitioner Column1/Column2 Edits\t\t\t\t\t\t\r\n"
)
HEADERS = (
    'Column 1\tColumn 2\t"*=in existence\r\nprior to 1996"\tEffective\r\nDate\t"Deletion\r\nDate\r\n'
    '*=no data"\t"Modifier\r\n0=not allowed\r\n1=allowed\r\n9=not applicable"\tPTP Edit Rationale\r\n'
)
RATIONALE = "Misuse of column two code with column one code \x96 see manual"

WHOLE = (*(f"{digit}0100 {digit}0101 20100101 * 1" for digit in "012345678"), "90901 90902 20100101 * 1")

LIMITS_NOTICE = '"CPT codes only are copyright 2025 American Medical Association. All rights reserved."\r\n'
LIMITS_HEADERS = (
    "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\r\n"
)
BY_INDICATOR = {
    "1": "1 Line Edit",
    "2": "2 Date of Service Edit: Policy",
    "3": "3 Date of Service Edit: Clinical",
}


def pairs_text(*rows: str, notice: str = NOTICE) -> bytes:
    """Return a file of code pairs; a row is `column1 column2 effective deletion indicator`."""
    lines = []
    for row in rows:
        paid, bundled, began, ended, modifier = row.split()
        lines.append(f"{paid}\t{bundled} \t*\t{began}\t{ended} \t{modifier}\t{RATIONALE}\r\n")
    return (notice + HEADERS + "".join(lines)).encode("latin-1")


def limits_text(*rows: str, notice: str = LIMITS_NOTICE, headers: str = LIMITS_HEADERS) -> bytes:
    """Return a file of unit limits; a row is `code units indicator`."""
    lines = []
    for row in rows:
        code, units, per = row.split()
        lines.append(f'{code},{units},"{BY_INDICATOR[per]}",Nature of Service/Procedure\r\n')
    return (notice + headers + "".join(lines)).encode("latin-1")
