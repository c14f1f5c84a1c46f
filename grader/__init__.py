"""grade: an automatic grader for numerical and machine-learning assignments.

A grading run is three steps in three places: *ask* (checks plan probes), *observe* (a runner carries the probes to the
student's functions, in a process of their own) and *judge* (checks turn observations into verdicts).

Importing this package imports neither numpy nor jinja2: those are loaded when a run needs them.
"""

__version__ = "0.1.0"
