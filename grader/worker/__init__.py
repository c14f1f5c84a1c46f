"""THE HOSTILE ROOM: what runs beside student code. Standard library and numpy only; short enough to read at one sitting.

Read in this order: `wire` (what crosses), `zygote` (forks one child per request), `confine` (the layers around a child),
`modules` (the student's files as modules), `plain` (from anything to plain values), `calls` (one call), `child` (the loop).
Modules import each other relatively only: inside a worker this package is called ``worker`` and there is no ``grader``.
"""
