"""An invented practice, made by the seeded script that stands here."""
