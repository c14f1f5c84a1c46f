"""What authors of courses start from: a new course, and the files that their students start from."""
