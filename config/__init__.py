"""The settings that ship with the product: code book, reasons, payers, documentation elements, limits, layouts."""
