"""The Excel door: a workbook is checked, reviewed, committed."""
