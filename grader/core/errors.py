"""Who is at fault, as exception types.

A student's mistake is never an exception on this side: it travels as an observation and ends as a verdict.
"""

from dataclasses import dataclass


class GradeError(Exception):
    """Something that stops a run and that somebody other than the student has to mend."""


class UsageError(GradeError):
    """The caller asked for something that does not exist: check the path, the item or the option named here.

    Several arguments are as many lines.
    """


@dataclass
class CourseError(GradeError):
    """The course (its interface, rubric or reference) is at fault; its author mends it.

    Parameters
    ----------
    file : str
        The file at fault, as the author knows it.
    place : str
        Where in it: ``line 12`` or ``item softmax.shift, field points``; empty for the whole file.
    problem : str
        What is wrong, one sentence.
    remedy : str
        What to write instead, one sentence.
    """

    file: str
    place: str
    problem: str
    remedy: str = ""

    def __str__(self) -> str:
        where = f"{self.file}, {self.place}" if self.place else self.file
        return f"{where}: {self.problem}" + (f" {self.remedy}" if self.remedy else "")


class GraderError(GradeError):
    """We or the machine are at fault (wire, sandbox, disk): what it touched is *ungraded*, never zero."""
