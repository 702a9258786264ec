"""What can go wrong, told to a person: one sentence that says where and what to do.

A message names file, row and column and never a value of a patient's. Each kind carries
the exit code of the command line.
"""


class AuditError(Exception):
    """A problem the user can cure. Its text is one sentence that says what to do."""

    exit_code = 2


class SettingsError(AuditError):
    """An option or a setting is wrong (exit code 2)."""


class InputError(AuditError):
    """A billing file cannot be trusted: unreadable, not recognised, does not reconcile (exit code 3)."""

    exit_code = 3


class OutputError(AuditError):
    """A report could not be written (exit code 4)."""

    exit_code = 4
