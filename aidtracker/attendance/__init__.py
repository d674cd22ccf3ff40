"""The roll: one call per class, day and session, and whoever was not simply present."""
