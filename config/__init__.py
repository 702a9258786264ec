"""Tables and settings that ship with the program: codes, reasons, payers, elements, limits, layouts."""
