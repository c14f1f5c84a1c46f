"""``python -m grader`` is ``grade``."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the current folder, where a submission may lie: its random.py is not the one that anybody here imports

from grader.entry import main

main()
