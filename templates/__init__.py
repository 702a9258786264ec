"""The look of the report: Jinja templates, one style sheet and one script, all inlined by `audit.page`."""
