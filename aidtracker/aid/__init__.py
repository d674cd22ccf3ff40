"""Student aid (学生资助): programs, the batches of a term, and what was paid to whom."""
