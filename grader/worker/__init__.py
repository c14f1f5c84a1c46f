"""THE HOSTILE ROOM: what runs beside student code. Standard library and numpy only; short enough to read at one sitting.

Read in this order: `wire` (what crosses), `zygote` (forks one child per request), `alone` (is one, where none can be forked),
`confine` (the layers around a child),
`landlock` and `seccomp` (two of them), `attempts` (whether they hold), `preload`, `trace` (for authors of courses),
`child` (its life), `modules` and `missing` (the student's files as modules), `calls` (one call), `generators` (of random numbers,
as every call finds them), `capture` (what it prints), `plain` (from anything that it returns to plain values), `standins`.
Modules import each other relatively only: inside a worker this package is called ``worker`` and there is no ``grader``.
"""
