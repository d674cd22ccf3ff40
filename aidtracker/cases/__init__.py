"""Dropout prevention (控辍保学): one child, one case, from the first suspicion to 销号."""
