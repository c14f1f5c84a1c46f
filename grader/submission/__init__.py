"""Forms of a submission: a file, a notebook, an archive, a folder, or several that belong together."""

from grader.submission.forms import open_submission, open_together
from grader.submission.source import SourceFile, Submission

__all__ = ["SourceFile", "Submission", "open_submission", "open_together"]
