"""Why points were lost, as data: each reason carries its category and a hint for the student."""

from enum import Enum
from typing import Final


class Reason(Enum):
    """Code, what it means, and what to try.

    The code is what JSON carries; adding a reason is adding a member.
    """

    # nothing to judge
    MISSING = (
        "missing", "The function is missing.",
        "Define a function of exactly this name at the top level of the file.",
    )
    CANNOT_LOAD = (
        "cannot_load", "The file cannot be loaded.",
        "Mend the error shown: until then nothing in this file can run.",
    )
    SYNTAX = (
        "syntax", "The file is not valid Python.",
        "Open the file at the line shown; the mistake is there or just above it.",
    )
    PYTHON_2 = (
        "python_2", "The file is written in Python 2.",
        "Port it to Python 3: print(...) with brackets, range for xrange, `except E as e` for `except E, e`, // for whole numbers.",
    )
    NOT_ATTEMPTED = ("not_attempted", "Not attempted: nothing of your own is computed in it yet.", "")
    BLOCKED = ("blocked", "Means nothing until another item is met.", "Mend the item named here first.")
    # the call did not end well
    RAISED = ("raised", "The function raises an exception.", "Call it yourself with the input shown.")
    TIMED_OUT = (
        "timed_out", "The function takes too long.",
        "Look for a loop that never ends, or for work that a matrix product would do.",
    )
    DIED = (
        "died", "The function ended the whole process.",
        "Do not call exit() or os._exit() in a function that is imported.",
    )
    FORBIDDEN = (
        "forbidden", "The code tried something that a submission may not do.",
        "Compute from the arguments alone: no files, no other processes, no network.",
    )
    MEMORY = ("memory", "The function runs out of memory.", "Look for an array that is much larger than the inputs.")
    MALFORMED = (
        "malformed", "The process answered with something that is no answer.",
        "Return plain numbers and numpy arrays.",
    )
    # the answer has the wrong form
    TYPE = ("type", "The answer is of the wrong type.", "Return plain numbers or numpy arrays.")
    SHAPE = (
        "shape", "The answer has the wrong shape.",
        "Print .shape of each intermediate result and compare it with the handout.",
    )
    NOT_FINITE = (
        "not_finite", "The answer has NaN or infinite entries.",
        "NaN comes from 0/0, inf/inf, inf - inf, or the log of a negative number; infinity from an overflow, a division by 0, or log(0).",
    )
    DEGENERATE = (
        "degenerate", "The answer does not depend on the input as it must.",
        "Call it with two different inputs and compare: the entries of the answer have to change with them.",
    )
    # the answer is wrong
    VALUE = ("value", "The values are wrong.", "Work the input shown by hand and compare step by step.")
    GRADIENT = ("gradient", "The gradient is wrong.", "Compare it with a central difference of your own cost.")
    OTHER_COST = (
        "other_cost", "The gradient is right, but for another cost than the handout's.",
        "Compare your cost with the handout's formula.",
    )
    INCONSISTENT = (
        "inconsistent", "The gradient does not follow from the cost.",
        "Compute the cost anew from the arguments, in every call.",
    )
    RELATION = (
        "relation", "A relation that must hold does not.",
        "Print the intermediate results of both calls, and see where they part.",
    )
    UNSTABLE = (
        "unstable", "The function breaks down at large inputs.",
        "Rewrite the formula so that every exponent is at most 0.",
    )
    PROBABILITY = ("probability", "The rows are no probabilities.", "Each row must be non-negative and add up to 1.")
    COUNT = ("count", "The number of parameters is wrong.", "Count W1, b1, W2 and b2 one by one.")
    CHANGED_INPUT = (
        "changed_input", "The function changes its arguments.",
        "Work on a copy: x = x.copy(), and never use +=, -= on an argument.",
    )
    STATEFUL = (
        "stateful", "The same call gives different answers.",
        "Keep nothing in globals or default arguments between calls.",
    )
    PRINTED = (
        "printed", "The printed verdict is wrong.",
        "Call it with a function whose gradient you know, such as x^2, and print the two numbers that it compares.",
    )
    STEPS = (
        "steps", "The steps taken are wrong.",
        "Print x after each iteration, and compare it with x - step * gradient, worked by hand.",
    )
    MISCONCEPTION = ("misconception", "A known mistake explains the answer on every trial.", "")
    # not the student's
    ENVIRONMENT = (
        "environment", "The code needs something that is not available here.",
        "Tell your instructor, or do without it.",
    )
    HOST = ("host", "The grader or the machine failed.", "")
    OWN_CHECK = ("own_check", "The course's own check fails.", "")
    NOT_ASKED = ("not_asked", "The submission was not asked this.", "")

    def __init__(self, code: str, sentence: str, hint: str) -> None:
        self.code = code
        self.sentence = sentence
        self.hint = hint


REASONS: Final = {reason.code: reason for reason in Reason}
"""By code."""
