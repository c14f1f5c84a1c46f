"""The handout's ``utils`` package, as far as files that are handed in import it."""
