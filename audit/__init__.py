"""Billing Self-Audit: a practice's own billing history, read once a month, as one page an owner understands."""

__version__ = "0.1.0"
