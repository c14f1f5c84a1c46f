"""Forms of a submission: one file, a folder. Notebooks, archives and LMS downloads register here too."""

from grader.submission.forms import FORMS, open_submission
from grader.submission.source import SourceFile, Submission

__all__ = ["FORMS", "SourceFile", "Submission", "open_submission"]
