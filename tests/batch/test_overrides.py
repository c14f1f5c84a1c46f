"""Overrides: read strictly, with errors that say where and what instead; and what they do to rows."""

from fractions import Fraction

import pytest

from grader.batch.overrides import apply_overrides, load_overrides, misnamed_overrides
from grader.core.classbook import Item, Override, Person, Row, Score, Status
from grader.core.errors import UsageError
from grader.core.verdict import Outcome

ITEMS = (Item("softmax.values", "1a", "values", Fraction(4)), Item("softmax.shift", "1a", "shift", Fraction(3)))
ANN = Person("ann", "Ann Lee", "Ann@uni.edu")
PERSONS = (ANN, Person("bob", "Kim Lee", "bob@uni.edu"), Person("zoe1", "Kim Lee"), Person("zoe2", "Zoë", "bob2@uni.edu"))
ENTRY = {"student": '"ann"', "item": '"softmax.shift"', "points": "2", "note": '"by hand"', "who": '"Eve"', "when": "2026-03-05"}
DECIDED = Override("ann", "softmax.shift", Fraction(2), "by hand", "Eve", "2026-03-05")


def toml(*entries):
    """A file of these, each of them `ENTRY` with changes; None takes a field out."""
    tables = ({k: v for k, v in {**ENTRY, **e}.items() if v is not None} for e in entries)
    return "\n".join("[[override]]\n" + "".join(f"{k} = {v}\n" for k, v in t.items()) for t in tables)


def read(folder, text, name="overrides.toml"):
    """What a file of this text says."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_overrides(folder, ITEMS, PERSONS)


def refused(folder, text, name="overrides.toml"):
    """The message of the error, which names the file and is one line."""
    with pytest.raises(UsageError) as caught:
        read(folder, text, name)
    message = str(caught.value)
    assert message.startswith(f"{folder / name}")
    assert message.isprintable()
    return message.removeprefix(f"{folder / name}")


# ---- reading ---------------------------------------------------------------------------------------------------------


def test_no_file_is_no_override(tmp_path):
    """Most runs."""
    assert load_overrides(tmp_path, ITEMS, PERSONS) == ()


def test_two_files_are_one_too_many(tmp_path):
    """It must not be guessed which one counts."""
    (tmp_path / "overrides.csv").write_text("student,note,who,when\n")
    with pytest.raises(UsageError, match=r"overrides\.toml and overrides\.csv\. Keep one file"):
        read(tmp_path, toml({}))


def test_a_file_that_only_looks_like_overrides_is_told(tmp_path):
    """What it decides would be lost in silence. Near misses: the right names, what an editor leaves behind, a folder."""
    for name in ("overrides.toml", "overrides.toml~", ".overrides.toml.swp", "overrides.csv.bak", "gradebook.csv", "index.html"):
        (tmp_path / name).touch()
    assert misnamed_overrides(tmp_path) == ()
    misnamed = ["Overrides.csv", "override.toml", "overrides (1).csv", "overrides.toml.txt", "overrides.xlsx"]
    for name in misnamed:
        (tmp_path / name).touch()
    assert misnamed_overrides(tmp_path) == tuple(
        f"{tmp_path / name}: it is not read. Overrides are read from overrides.toml or overrides.csv; rename it if it is to count."
        for name in misnamed)


def test_a_toml_file_is_read_in_its_order(tmp_path):
    """Points exact, a date or a time or a text, an item or the whole."""
    found = read(tmp_path, toml(
        {}, {"item": '"softmax.values"', "points": '"1/3"', "note": None, "when": "2026-03-05 14:30:00+01:00"},
        {"item": None, "points": None, "note": '"Please see me."', "when": '"2026-03-06"'}, {"student": '"bob"', "points": "0.1"},
        {"student": '"zoe1"', "points": "0"}, {"student": '"zoe2"', "points": "3.0"},
    ))
    assert found == (
        DECIDED, Override("ann", "softmax.values", Fraction(1, 3), "", "Eve", "2026-03-05 14:30:00+01:00"),
        Override("ann", "", None, "Please see me.", "Eve", "2026-03-06"), Override("bob", "softmax.shift", Fraction(1, 10), "by hand", "Eve", "2026-03-05"),
        Override("zoe1", "softmax.shift", Fraction(0), "by hand", "Eve", "2026-03-05"),
        Override("zoe2", "softmax.shift", Fraction(3), "by hand", "Eve", "2026-03-05"),
    )


@pytest.mark.parametrize(("text", "encoding"), [
    ("student,item,points,note,who,when\nann,softmax.shift,2,by hand,Eve,2026-03-05\n", "utf-8"),
    ("student,item,points,note,who,when\r\nann,softmax.shift,2,by hand,Eve,2026-03-05\r\n", "utf-8-sig"),
    ("Student; Item ;POINTS;note;who;when\nann;softmax.shift;2,0;by hand;Eve;2026-03-05\n\n;;;;;\n", "utf-8-sig"),
    ("when,who,note,points,item,student\n2026-03-05 , Eve ,\"by hand\",4/2,softmax.shift,ann", "utf-8"),
    ("student\titem\tpoints\tnote\twho\twhen\r\nann\tsoftmax.shift\t2,0\tby hand\tEve\t2026-03-05\r\n", "utf-16"),
    ("sep=;\r\nstudent;item;points;note;who;when;;\r\nann;softmax.shift;2;by hand;Eve;2026-03-05;;\r\n", "utf-8"),
])
def test_a_csv_file_says_the_same_as_the_toml(tmp_path, text, encoding):
    """With or without a mark, either separator, columns in any order, spaces and empty lines."""
    assert read(tmp_path, text.encode(encoding), "overrides.csv") == (DECIDED,)


def test_cells_that_may_be_missing_or_hold_several_lines(tmp_path):
    """A short line; a quoted note with the separator, quotes and a newline; and lines are counted as an editor does."""
    text = 'student,note,who,when,item,points\nann,"Well, ""fine"":\nsee me",Eve,2026-03-05\nbob,,Eve,2026-03-05,softmax.shift,9\n'
    assert "line 4, field points" in refused(tmp_path, text, "overrides.csv")
    assert read(tmp_path, text.replace(",9", ",1"), "overrides.csv")[0].note == 'Well, "fine":\nsee me'


@pytest.mark.parametrize(("name", "key"), [
    ("ann", "ann"), ("Ann Lee", "ann"), ("ann@UNI.edu", "ann"), ("zoe2", "zoe2"), ("Zoë", "zoe2"), ("Zoe\u0308", "zoe2"), ("bob@uni.edu", "bob"),
])
def test_a_student_goes_by_key_e_mail_or_name(tmp_path, name, key):
    """The key is what is kept."""
    assert read(tmp_path, toml({"student": f'"{name}"'}))[0].student == key


def test_a_key_goes_before_an_e_mail_before_a_name(tmp_path):
    """Whoever calls himself like another's key gets nothing of hers."""
    (tmp_path / "overrides.toml").write_text(toml({}))
    impostor = Person("mal", "ann", "mal@uni.edu")
    assert load_overrides(tmp_path, ITEMS, (impostor, ANN))[0].student == "ann"


# ---- mistakes --------------------------------------------------------------------------------------------------------

MISTAKES = [
    ({"student": '"anne"'}, "field student: nobody of the class is called 'anne'. Write ann."),
    ({"student": '"bob@uni.ed"'}, "field student: nobody of the class is called 'bob@uni.ed'. Write 'bob@uni.edu'."),
    ({"student": '"qqqq"'}, "field student: nobody of the class is called 'qqqq'. Write a key, an e-mail or a name."),
    ({"student": '"Kim Lee"'}, "field student: 2 students are called 'Kim Lee'. Write one of their keys: 'bob', 'zoe1'."),
    ({"student": None}, 'field student: it is missing. Write student = "a key, an e-mail or a name".'),
    ({"student": "7"}, "field student: it should be a text."),
    ({"item": '"softmax.shfit"'}, "field item: there is no item 'softmax.shfit'. Write 'softmax.shift'."),
    ({"item": '"qqqq"'}, "field item: there is no item 'qqqq'. Write one of: softmax.shift, softmax.values."),
    ({"points": "3.01"}, "field points: they should be from 0 to 3, not 3.01. Write them as 2, 0.5 or \"1/3\"."),
    ({"points": "-1"}, "from 0 to 3, not -1."),
    ({"points": "nan"}, "from 0 to 3, not nan."),
    ({"points": "inf"}, "from 0 to 3, not inf."),
    ({"points": "true"}, "from 0 to 3, not True."),
    ({"points": '"1/0"'}, "from 0 to 3, not 1/0."),
    ({"points": '"2,5"'}, "from 0 to 3, not 2,5."),
    ({"points": '"1e99999999"'}, "from 0 to 3, not 1e99999999."),
    ({"points": "[2]"}, "from 0 to 3, not [2]."),
    ({"points": None, "note": None}, "field points: there are neither points nor a note. Write one of them, or both."),
    ({"points": '" "', "note": '""'}, "there are neither points nor a note."),
    ({"item": None}, "field points: points belong to an item, and none is named. Write the item too, or a note without points."),
    ({"note": "7"}, "field note: it should be a text."),
    ({"note": f'"{"x" * 10_001}"'}, "at most 10,000 characters."),
    ({"who": None}, 'field who: it is missing. Write who = "your name".'),
    ({"when": None}, "field when: it is missing. Write a date, 2026-03-05, or 2026-03-05 14:30 with the time."),
    ({"when": '"05.03.2026"'}, "field when: this is no date: '05.03.2026'. Write a date, 2026-03-05"),
    ({"when": '"2026-02-30"'}, "this is no date: '2026-02-30'."),
    ({"when": "14:30:00"}, "this is no date: '14:30:00'."),
    ({"pionts": "2"}, "field pionts: there is no such field. Write points."),
]


@pytest.mark.parametrize(("changes", "says"), MISTAKES, ids=[s[:50] for _, s in MISTAKES])
def test_a_mistake_names_the_override_the_field_and_what_to_write(tmp_path, changes, says):
    """In the second of two, the first being right."""
    message = refused(tmp_path, toml({"student": '"bob"'}, changes))
    assert message.startswith(", override number 2 (line 9), field ")
    assert says in message


def test_no_line_is_told_that_may_be_another(tmp_path):
    """The number is, where a note looks like the beginning of one."""
    assert refused(tmp_path, toml({"note": '"""\n[[override]]\n"""'}, {"points": "9"})).startswith(", override number 2, field points: ")
    assert refused(tmp_path, toml({"points": "9"}).replace("[[override]]", " [[ override ]] # a")).startswith(", override number 1 (line 1), field ")


@pytest.mark.parametrize(("text", "says"), [
    ("[[override]\n", ": this is not TOML: "), ("points = 1" + "0" * 5000, ": this is not TOML: "), ("[[overide]]\n", ": it should hold [[override]]"),
    ("[override]\nstudent = 'ann'\n", ": it should hold [[override]] tables only."), ("override = [1]", ", override number 1: it should be a table."),
    (b"\xff\xfe", ": it is not UTF-8."),
])
def test_a_file_that_is_none(tmp_path, text, says):
    """TOML of another form, another encoding, other tables."""
    assert says in refused(tmp_path, text)


@pytest.mark.parametrize(("text", "says"), [
    ("", ", line 1: there is no column 'student'. Write the header student,item,points,note,who,when."),
    ("ann,softmax.shift,2,,Eve,2026-03-05\n", ", line 1: there is no column 'ann'."),
    ("student,itme,who,when\n", ", line 1: there is no column 'itme'. Write item."),
    ("student,who,who,when\n", ", line 1: there are two columns 'who'. Keep one."),
    ("student,note,who\n", ", line 1: there is no column 'when'."),
    ("student,note,who,when\nann,Well, fine,Eve,2026-03-05\n", ", line 2: it has 5 cells, but the header has 4. Put a cell with ',' in it in double quotes."),
    ('student,note,who,when\nann,"fine,Eve,2026-03-05\n', ", line 2: this is no line of a CSV file (unexpected end of data). Close every quotation mark, and save it as CSV."),
    ("student,note,who,when\nann,fine,Eve,yesterday\n", ", line 2, field when: this is no date: 'yesterday'."),
    ("student,note,who,when\nqq\x1b]0;x\x07,fine,Eve,2026-03-05\n", r"nobody of the class is called 'qq\x1b]0;x\x07'."),
    ("student,item,points,note,who,when\nann,softmax.shift,\"2,5\",,Eve,2026-03-05\n", "from 0 to 3, not 2,5."),
    ("student;note;who;when\nann;fine;Eve;2026-03-05;Tutor\n", ", line 2: it has 5 cells, but the header has 4. Put a cell with ';' in it"),
    (b"PK\x03\x04rest", ": this file is a workbook of a spreadsheet program. Save its sheet as CSV"),
])
def test_mistakes_of_a_csv_file(tmp_path, text, says):
    """Line, column and what to do."""
    assert says in refused(tmp_path, text, "overrides.csv")


def test_a_csv_file_as_a_spreadsheet_in_windows_saves_it(tmp_path):
    """Its code has dashes and quotation marks where Latin-1 has none."""
    [override] = read(tmp_path, "student;note;who;when\nann;Ann’s – fine;Jürgen;2026-03-05\n".encode("cp1252"), "overrides.csv")
    assert (override.note, override.who) == ("Ann’s – fine", "Jürgen")


@pytest.mark.parametrize("when", ["05.03.2026", "05.03.26 14:30", "3/5/2026", "3/5/2026 2:30 PM", "5-3-2026", "2026/3/5 14:30:00"])
def test_a_date_that_a_spreadsheet_has_rewritten_is_kept_as_it_is(tmp_path, when):
    """In a CSV file alone: whoever types 2026-03-05 into a spreadsheet gets such a thing, and cannot write otherwise."""
    assert read(tmp_path, f"student,note,who,when\nann,fine,Eve,{when}\n", "overrides.csv")[0].when == when


@pytest.mark.parametrize("when", ["5.3", "05.03-2026", "3/5/2026 soon", "2026-02-30", "5/3/20260"])
def test_what_is_no_date_in_a_spreadsheet_either(tmp_path, when):
    """Or no day of the calendar."""
    assert f"this is no date: {when!r}" in refused(tmp_path, f"student,note,who,when\nann,fine,Eve,{when}\n", "overrides.csv")


@pytest.mark.parametrize("second", [{}, {"points": "3"}, {"points": None}, {"student": '"Ann Lee"'}])
def test_a_second_override_of_one_item_is_an_error(tmp_path, second):
    """The same or another, the student called the same or otherwise: neither order nor luck decides a grade."""
    message = refused(tmp_path, toml({}, {"student": '"bob"'}, second))
    assert message == ", override number 3 (line 17): override number 1 (line 1) is already about softmax.shift of 'ann'. Keep one of the two."


def test_comments_on_the_whole_may_be_several_but_not_twice_the_same(tmp_path):
    """Two people may have something to say."""
    whole = {"item": None, "points": None}
    assert len(read(tmp_path, toml(whole, {**whole, "note": '"another"'}))) == 2
    assert "override number 1 (line 1) is already about the whole, with this note, of 'ann'" in refused(tmp_path, toml(whole, whole))


# ---- rows ------------------------------------------------------------------------------------------------------------


def row(*persons, status=Status.GRADED, values=4, shift=0, **more):
    """A row; None is ungraded."""
    earned = {"softmax.values": values, "softmax.shift": shift}
    scores = {k: Score(None if v is None else Fraction(v), Outcome.UNGRADED if v is None else Outcome.NOT_MET) for k, v in earned.items()}
    return Row(persons or (ANN,), status, scores, submission="a.py", **more)


def override(item="softmax.shift", points=2, student="ann", note="", who="Eve"):
    """One by Eve."""
    return Override(student, item, None if points is None else Fraction(points), note, who, "2026-03-05")


def decided(before, *overrides):
    """That row with these."""
    (after,) = apply_overrides([before], overrides, ITEMS)
    return after


def test_points_of_a_person_win_and_are_shown_as_such():
    """Over more and over less; what the grader said stays to be read, and the other item is untouched."""
    for points in (0, 2, 3):
        after = decided(row(shift=1), override(points=points))
        assert (after.total, after.scores["softmax.shift"].counted) == (4 + points, points)
        assert after.scores["softmax.shift"].earned == 1
        assert after.scores["softmax.shift"].override == override(points=points)
        assert after.scores["softmax.values"] == row().scores["softmax.values"]
        assert (after.status, after.remarks) == (Status.GRADED, ())


def test_a_note_on_an_item_changes_no_points():
    """Nor does it make an ungraded item final."""
    after = decided(row(shift=None, status=Status.PARTLY_UNGRADED), override(points=None, note="look at it"))
    assert (after.total, after.is_final, after.status) == (4, False, Status.PARTLY_UNGRADED)
    assert after.scores["softmax.shift"].override.note == "look at it"


def test_a_note_on_the_whole_is_a_comment():
    """And gives a row that has none no scores."""
    note = override("", None, note="Please see me.")
    absent = Row((ANN,), Status.ABSENT)
    assert decided(row(), note).comments == (note,)
    assert (decided(absent, note).comments, decided(absent, note).total) == ((note,), None)


def test_an_ungraded_item_that_a_person_decides_makes_the_row_final():
    """The status follows, and the remark says by whom."""
    after = decided(row(shift=None, status=Status.PARTLY_UNGRADED, remarks=("first",)), override())
    assert (after.is_final, after.status, after.total) == (True, Status.GRADED, 6)
    assert after.remarks == ("first", "Decided by Eve, where the grader had no verdict (partly ungraded).")


@pytest.mark.parametrize("status", [Status.UNREADABLE, Status.FAILED, Status.ABSENT])
def test_a_row_without_any_score_is_final_once_every_item_is_decided(status):
    """With one of two it has points, and is still open."""
    before = Row((ANN,), status, submission="a.rar")
    half = decided(before, override())
    assert (half.total, half.is_final, half.status) == (2, False, status)
    assert half.scores["softmax.values"] == Score(None, Outcome.UNGRADED)
    whole = decided(before, override(), override("softmax.values", 4, who="Tom"))
    assert (whole.total, whole.is_final, whole.status) == (6, True, Status.GRADED)
    assert whole.remarks == (f"Decided by Tom, Eve, where the grader had no verdict ({status.value}).",)
    assert list(whole.scores) == [i.id for i in ITEMS]


def test_rows_of_others_are_the_same_objects():
    """In the same order."""
    rows = [row(p) for p in PERSONS]
    after = apply_overrides(rows, [override(student="zoe1")], ITEMS)
    assert [a is b for a, b in zip(after, rows, strict=True)] == [True, True, False, True]


def test_an_override_of_one_member_holds_for_the_group():
    """Two members may say the same; what differs is an error, and who has no row is named."""
    group = row(ANN, PERSONS[1])
    assert decided(group, override(student="bob")).total == 6
    assert decided(group, override(), override(student="bob")).total == 6
    with pytest.raises(UsageError, match=r"'ann' and 'bob' handed in together, and softmax\.shift is decided differently"):
        decided(group, override(), override(student="bob", points=1))
    with pytest.raises(UsageError, match="the class has no row of 'zoe2'"):
        decided(group, override(student="zoe2"))


def test_overrides_survive_a_second_judging():
    """The same file on rows judged anew gives the same decisions."""
    once, again = decided(row(shift=0), override()), decided(row(shift=3), override())
    assert once.total == again.total == 6
