"""Ledgers (台账): wide plain lists of pupils and what was done for them, to look at and to take away."""
