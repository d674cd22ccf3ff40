"""What a county may set: thresholds, windows, quotas, rules of accounts; each with default, unit and source, from a day on."""
