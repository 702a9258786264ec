"""Benchmarks: ratios against plain scripts, measured side by side in one run (`make bench`)."""
