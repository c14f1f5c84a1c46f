"""Known mistakes of assignment 1, as the functions that they compute: most are the reference with one thing changed.

Seen in real submissions. Where two of one function agree on a single result (dropping repeats and overwriting them leave the
same ``grad``), the other results tell them apart. Where only one result is judged, the first in the table is named: so its
sentence claims no more than that result shows.
"""

from grader.trial import Misconception
from reference.cs224n_a1.mistakes.basics import BASICS
from reference.cs224n_a1.mistakes.neural import NEURAL
from reference.word2vec_costs import COSTS
from reference.word2vec_windows import WINDOWS

MISCONCEPTIONS: tuple[Misconception, ...] = (*BASICS, *NEURAL, *COSTS, *WINDOWS)
"""In the order in which they are tried."""
