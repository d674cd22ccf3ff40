"""Summed figures for the county's own forms: reads everything, changes nothing."""
