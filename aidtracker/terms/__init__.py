"""School years, terms and school days: the calendar that every rule counts by."""
