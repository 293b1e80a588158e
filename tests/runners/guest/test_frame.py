"""Damage of any kind in a frame is noticed, and nothing is unpacked beyond its announced size."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners.errors import FrameError
from runners.guest.frame import PAGE_LIMIT, PAYLOAD_LIMIT, Page, open_pages, read_page, read_payload

NONCE = "6f1c0d2a9b3e4f50"
PAYLOAD = b"probe system whole 19\ndistribution=debian\nprobe long cut 0\n\nend\n"


def framed(payload: bytes = PAYLOAD, *, size: int = 10_000, packed: bytes | None = None, length: int = -1) -> list[str]:
    text = base64.b64encode(gzip.compress(payload) if packed is None else packed).decode()
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    digest = hashlib.sha256(payload).hexdigest()
    announced = len(payload) if length < 0 else length
    return [
        f"{{sealproof:1:{NONCE}:{number}:{len(parts)}:{announced}:{digest}:{part}:{NONCE}}}\n"
        for number, part in enumerate(parts, start=1)
    ]


def opened(texts: list[str]) -> bytes:
    return open_pages([read_page(text, NONCE, number) for number, text in enumerate(texts, start=1)])


def test_a_frame_gives_its_payload() -> None:
    assert opened(framed()) == PAYLOAD
    assert read_payload(PAYLOAD, ["system", "long"]).raw == {"system": b"distribution=debian", "long": None}


@given(payload=st.binary(max_size=5000), size=st.integers(1, 4000))
def test_any_payload_survives_any_number_of_pages(payload: bytes, size: int) -> None:
    texts = framed(payload, size=size)
    if len(texts) <= PAGE_LIMIT:
        assert opened(texts) == payload


@given(width=st.integers(1, 200), before=st.text(max_size=50), after=st.text(max_size=50))
def test_a_frame_survives_wrapping_and_noise_around_it(width: int, before: str, after: str) -> None:
    wrapped = "\r\n".join(textwrap.wrap(framed()[0], width))
    assert opened([f"{before}\n{wrapped}\n{after}"]) == PAYLOAD


@given(data=st.data())
def test_a_changed_character_never_changes_the_answer(data: st.DataObject) -> None:
    text = framed()[0].strip()
    at = data.draw(st.integers(0, len(text) - 1))
    new = data.draw(st.characters(codec="utf-8"))
    damaged = text[:at] + new + text[at + 1 :]
    with contextlib.suppress(FrameError):
        assert opened([damaged]) == PAYLOAD


def test_a_frame_that_is_damaged_inside_is_called_damaged_not_cut() -> None:
    (text,) = framed()
    at = text.rindex(":H4sI") + 10

    with pytest.raises(FrameError, match="the answer is damaged: the frame's start and end came back"):
        opened([text[:at] + "{" + text[at + 1 :]])


@given(cut=st.integers(1, 2000))
def test_a_frame_whose_start_is_cut_is_refused(cut: int) -> None:
    text = framed()[0].strip()
    with pytest.raises(FrameError):
        opened([text[cut:]])


@given(cut=st.integers(1, 2000))
def test_a_frame_whose_end_is_cut_is_refused(cut: int) -> None:
    text = framed()[0].strip()
    with pytest.raises(FrameError):
        opened([text[:-cut]])


@given(garbage=st.text())
def test_garbage_is_no_frame(garbage: str) -> None:
    with pytest.raises(FrameError):
        read_page(garbage, NONCE, 1)


@given(payload=st.binary())
def test_a_payload_of_garbage_is_refused(payload: bytes) -> None:
    with pytest.raises(FrameError):
        read_payload(payload, ["system"])


def test_a_payload_without_its_end_is_refused() -> None:
    with pytest.raises(FrameError, match="no probe entry begins"):
        read_payload(PAYLOAD.removesuffix(b"end\n"), ["system", "long"])


def test_a_frame_of_another_question_is_refused() -> None:
    with pytest.raises(FrameError, match="answers another question"):
        read_page(framed()[0], "0" * 16, 1)


def test_two_frames_are_refused() -> None:
    with pytest.raises(FrameError, match="2 frames"):
        read_page(framed()[0] * 2, NONCE, 1)


def test_another_page_than_the_one_asked_for_is_refused() -> None:
    texts = framed(PAYLOAD, size=40)
    with pytest.raises(FrameError, match="page 2 was asked for"):
        read_page(texts[0], NONCE, 2)


def test_pages_of_two_answers_are_refused() -> None:
    first = read_page(framed(PAYLOAD, size=60)[0], NONCE, 1)
    other = read_page(framed(PAYLOAD + PAYLOAD, size=60)[1], NONCE, 2)
    with pytest.raises(FrameError, match="does not belong"):
        open_pages([first, other])


def test_a_missing_page_is_refused() -> None:
    with pytest.raises(FrameError, match=r"1 of [23] pages came back"):
        open_pages([read_page(framed(PAYLOAD, size=60)[0], NONCE, 1)])


def test_a_bomb_is_refused_without_being_inflated() -> None:
    bomb = gzip.compress(b"\0" * (20 * 1024 * 1024))
    page = read_page(framed(b"x" * 100, packed=bomb, size=100_000)[0], NONCE, 1)
    with pytest.raises(FrameError, match="does not unpack to the 100 bytes"):
        open_pages([page])


def test_an_announced_giant_is_refused() -> None:
    with pytest.raises(FrameError, match="at most"):
        read_page(framed(length=PAYLOAD_LIMIT + 1)[0], NONCE, 1)


def test_a_second_gzip_member_is_refused() -> None:
    packed = gzip.compress(PAYLOAD) + gzip.compress(b"more")
    with pytest.raises(FrameError, match="does not unpack"):
        opened(framed(packed=packed))


def test_another_digest_is_refused() -> None:
    page = read_page(framed()[0], NONCE, 1)
    forged = Page(page.number, page.pages, page.length, hashlib.sha256(b"other").hexdigest(), page.text)
    with pytest.raises(FrameError, match="SHA-256"):
        open_pages([forged])


@pytest.mark.parametrize(
    "names", [["system"], ["long", "system"], ["system", "long", "more"], []], ids=["fewer", "order", "more", "none"]
)
def test_answers_of_other_probes_than_those_sent_are_refused(names: list[str]) -> None:
    with pytest.raises(FrameError, match="were sent"):
        read_payload(PAYLOAD, names)


def test_a_repeated_probe_is_refused() -> None:
    with pytest.raises(FrameError, match="repeated"):
        read_payload(PAYLOAD.removesuffix(b"end\n") + PAYLOAD, ["system", "long"])


def test_the_guests_own_complaint_is_passed_on_without_control_characters() -> None:
    text = f"sealproof-error[{NONCE}]: gzip is not \x1b[31minstalled\nmore"
    with pytest.raises(FrameError, match=r"could not answer: gzip is not \?\[31minstalled$"):
        read_page(text, NONCE, 1)


def test_a_cut_start_is_named_as_such() -> None:
    with pytest.raises(FrameError, match="kept only the end"):
        read_page(framed()[0][30:], NONCE, 1)
