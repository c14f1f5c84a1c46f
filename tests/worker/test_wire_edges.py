"""Frames that are nearly right, and numbers that are nearly none."""

import math
import os

import pytest

from grader.worker.wire import MAGIC, PREFIX, Bounds, FrameReader, WireError, encode, loads, loads_all

NOT_FINITE = (math.nan, math.inf, -math.inf)


@pytest.mark.parametrize("real", [*NOT_FINITE, -0.0])
@pytest.mark.parametrize("imaginary", [*NOT_FINITE, 1.5])
def test_a_complex_number_that_is_not_finite_crosses(real: float, imaginary: float) -> None:
    """Part by part: a student's answer of NaN is an answer."""
    read = loads(encode([complex(real, imaginary)]))[0]
    assert (repr(read.real), repr(read.imag)) == (repr(real), repr(imaginary))


@pytest.mark.parametrize("magic", [b"grd0", b"GRD1", b"\0\0\0\0", MAGIC[::-1]])
def test_a_frame_begins_with_its_magic(magic: bytes) -> None:
    """Whatever follows: a frame that is right but for its first bytes is refused, here and where it is read piece by piece."""
    data = magic + encode([1])[len(MAGIC):]
    with pytest.raises(WireError, match="no frame"):
        loads(data)
    out, into = os.pipe()
    os.write(into, data)
    try:
        with pytest.raises(WireError, match="no frame"):
            FrameReader().read_frame(out)
    finally:
        os.close(out)
        os.close(into)


@pytest.mark.parametrize("missing", [1, 5])
def test_a_body_that_nobody_needs_may_not_be_missing(missing: int) -> None:
    """The number is all there, but the prefix tells of bytes that do not come."""
    cut = PREFIX.pack(MAGIC, 1, missing) + b"1"
    with pytest.raises(WireError, match="cut short"):
        loads(cut)
    with pytest.raises(WireError, match="cut short"):
        list(loads_all(encode(2) + cut))


@pytest.mark.parametrize("bounds", [Bounds(), Bounds(header=40, body=40)])
def test_header_and_body_are_bounded_each_by_its_own(bounds: Bounds) -> None:
    """As many bytes as are allowed; one more of either is refused by the prefix alone."""
    for header, body in ((bounds.header + 1, 0), (1, bounds.body + 1)):
        with pytest.raises(WireError, match="at most"):
            loads(PREFIX.pack(MAGIC, header, body), bounds)
    with pytest.raises(WireError, match="cut short"):
        loads(PREFIX.pack(MAGIC, bounds.header, bounds.body), bounds)
