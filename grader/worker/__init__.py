"""THE HOSTILE ROOM: what runs beside student code. Standard library and numpy only; short enough to read at one sitting."""
