"""Readers of what CI services take, written from their contracts and not from our code; each raises AssertionError."""

import html
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from decimal import Decimal

COMMANDS = {"error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "add-path", "set-env", "set-output", "save-state",
            "stop-commands", "echo", "add-matcher", "remove-matcher", "internal-set-repo-path"}


@dataclass(frozen=True)
class Command:
    """A workflow command as the runner reads it."""

    name: str
    properties: dict[str, str]
    data: str


def commands(log: str) -> list[Command]:
    """Every command that the runner obeys in a log, in both of its syntaxes, with stopping and resuming."""
    found: list[Command] = []
    stopped = ""
    for line in re.split(r"\r\n|\n|\r", log):
        command = _new(line, stopped) or _old(line, stopped)
        if stopped:
            stopped = "" if command and command.name == stopped else stopped
        elif command and command.name == "stop-commands":
            stopped = command.data
        elif command:
            found.append(command)
    return found


def _new(line: str, token: str) -> Command | None:
    """``::name key=value,key=value::data`` behind any blanks."""
    match = re.match(r"::([^\s:]+)(?: (.*?))?::(.*)", line.strip(" \t\x0b\x0c\xa0\u2003\ufeff\u2028\u2029\x85"), re.DOTALL)
    if not match or match[1].lower() not in COMMANDS | {token}:
        return None
    pairs = [p.split("=", 1) for p in (match[2] or "").split(",") if "=" in p]
    return Command(match[1].lower(), {k.strip(): _unescaped(v, property_=True) for k, v in pairs}, _unescaped(match[3]))


def _old(line: str, token: str) -> Command | None:
    """``##[name key=value;key=value]data`` anywhere in a line."""
    match = re.search(r"##\[([^\s\]]+)(?: ([^\]]*))?\](.*)", line, re.DOTALL)
    return Command(match[1].lower(), {}, match[3]) if match and match[1].lower() in COMMANDS | {token} else None


def _unescaped(text: str, *, property_: bool = False) -> str:
    for code, sign in [("%3A", ":"), ("%2C", ",")] if property_ else []:
        text = text.replace(code, sign)
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def check_annotations(found: list[Command], lines: dict[str, int]) -> None:
    """At most ten of each kind; each that names a file names one of these, and a line that it has."""
    for kind in ("error", "warning", "notice"):
        assert sum(c.name == kind for c in found) <= 10, kind
    for command in found:
        assert command.name in ("error", "warning", "notice"), command
        assert set(command.properties) <= {"file", "line", "endLine", "col", "endColumn", "title"}, command
        assert command.data.strip(), command
        if "file" in command.properties:
            assert command.properties["file"] in lines, command
            assert 1 <= int(command.properties["line"]) <= int(command.properties["endLine"]) <= lines[command.properties["file"]], command


def outputs(text: str) -> dict[str, str]:
    """``GITHUB_OUTPUT``: lines of ``name=value``, and ``name<<word`` to a line that is the word."""
    lines = text.split("\n")
    assert lines.pop() == "", "the last line does not end"
    found: dict[str, str] = {}
    while lines:
        line = lines.pop(0)
        heredoc = re.fullmatch(r"([\w-]+)<<(\S+)", line)
        if heredoc:
            end = lines.index(heredoc[2])
            found[heredoc[1]], lines = "\n".join(lines[:end]), lines[end + 1:]
        else:
            name, equals, value = line.partition("=")
            assert equals, line
            assert name, line
            found[name] = value
    return found


def summary(text: str) -> list[list[str]]:
    """The rows of the one table in a step's summary; nothing in it is HTML, code, a link, an image, or a mention."""
    assert len(text.encode()) <= 2**20
    for line in text.split("\n"):
        bare = re.sub(r"^(### |- )", "", line) if not line.startswith("| --- |") else ""
        assert not re.search(r"[<>`*_\[\]~\\@$!]", bare), line
        assert not re.search(r"(?i)https?:|www\.|javascript:", bare), line
        assert not re.search(r"&(?!#\d{1,7};)", bare), line
        rendered = html.unescape(bare)
        assert not re.search(r"@\w|#\w", rendered), line
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", rendered), line
    table = [line for line in text.split("\n") if line.startswith("|")]
    rows = [[html.unescape(cell).replace("\u200b", "").strip() for cell in line.strip("|").split("|")] for line in table]
    assert {len(row) for row in rows} == {4}
    return rows[2:]


def junit(text: str) -> ET.Element:
    """The one suite of a JUnit file: only the elements and attributes of the contract, and counts that add up."""
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
    root = ET.fromstring(text.encode())
    assert root.tag == "testsuites"
    (suite,) = root
    assert suite.tag == "testsuite"
    assert {"name", "tests", "failures", "errors", "skipped", "time"} <= set(suite.attrib) <= {
        "name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"}
    cases = suite.findall("testcase")
    assert [child.tag for child in suite] == ["properties", *["testcase"] * len(cases)]
    assert len({(c.get("classname"), c.get("name")) for c in cases}) == len(cases)
    for case in cases:
        assert set(case.attrib) == {"classname", "name", "time"}
        Decimal(case.attrib["time"])
        assert [c.tag for c in case][:1] == ["properties"]
        assert [c.tag for c in case][1:] in ([], ["failure"], ["error"], ["skipped"])
        for child in case[1:]:
            assert set(child.attrib) == {"message", "type"}
        for prop in (*case[0], *suite[0]):
            assert (prop.tag, set(prop.attrib)) == ("property", {"name", "value"})
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.attrib[attribute]) == sum(c.find(tag) is not None for c in cases), attribute
    assert int(suite.attrib["tests"]) == len(cases)
    return suite
