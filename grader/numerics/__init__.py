"""Pure numerics: comparison, finite differences, sampling, and how values are shown."""
