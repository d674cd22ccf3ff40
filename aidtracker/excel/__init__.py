"""Workbooks, knowing no student: cells, columns, reader, problems, tables, writer."""
