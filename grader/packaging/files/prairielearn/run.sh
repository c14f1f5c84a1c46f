#!/usr/bin/env bash
# The entrypoint of PrairieLearn's external grader. The result that is there first says that grading did not finish; it stays if
# anything below is lost.
root="${GRADE_ROOT:-/grade}"
tests="$root/tests"
results="$root/results"
umask 022

mkdir -p "$results"
cp "$tests/provisional.json" "$results/.provisional.part"
mv -f "$results/.provisional.part" "$results/results.json"

# The course is nobody's but root's; student code runs as an unused user, and confined besides.
chmod -R go= "$tests" "$root/data" 2> /dev/null

mapfile -t options < "$tests/options"
PYTHONPATH="$tests/grade" "${GRADE_PYTHON:-python3}" -P -m grader result prairielearn "$root/student" --course "$tests/course" \
    --out "$results" "${options[@]}" < /dev/null
exit 0
