"""The page: its skeleton, one partial per section, its style and its script."""
