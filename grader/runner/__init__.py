"""Carry probes into the hostile room and bring back observations: one file per isolation level behind a Protocol."""
