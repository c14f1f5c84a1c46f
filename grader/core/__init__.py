"""The words that every room shares: errors, symbolic dims, interface, probes, observations, evidence, verdicts."""
