from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.render.rooms import DENSITY, Room, shape_in

SIDES = st.integers(1, 9000)


@given(SIDES, SIDES, st.integers(1, 1000), st.none() | st.integers(1, 1000), st.booleans())
def test_a_picture_never_grows_never_leaves_its_room_and_keeps_its_shape(
    width: int,
    height: int,
    across: int,
    down: int | None,
    cut: bool,  # noqa: FBT001 - given by hypothesis
) -> None:
    shape = shape_in((width, height), Room(across, down, cut))
    left, top, right, bottom = shape.part
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    for pixels, shown, part, room in zip(
        shape.pixels, shape.shown, (right - left, bottom - top), (across, down), strict=True
    ):
        assert 1 <= shown <= max(1, round(part))
        assert 1 <= pixels <= min(max(1, round(part)), DENSITY * shown + DENSITY)
        assert room is None or shown <= room
    scale = (right - left) / (bottom - top)
    assert abs(shape.shown[0] - shape.shown[1] * scale) <= 1 + scale


def test_without_a_shape_to_keep_to_nothing_is_cut_off() -> None:
    assert shape_in((1000, 10), Room(100, 50)).part == (0, 0, 1000, 10)
    assert shape_in((1000, 10), Room(100, 50)).shown == (100, 1)


def test_a_picture_with_too_few_pixels_is_not_stretched_to_a_shape() -> None:
    assert shape_in((40, 80), Room(96, 72, cut=True)).shown == (40, 30)
