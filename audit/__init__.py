"""Billing Self-Audit: a practice's own billing history, read once a month, as one page for its owner."""

__version__ = "0.1.0"
