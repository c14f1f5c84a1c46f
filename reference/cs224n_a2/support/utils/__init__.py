"""The handout's ``utils`` package, as far as ``word2vec.py`` imports it."""
