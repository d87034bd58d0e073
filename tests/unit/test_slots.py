"""Slots: never more than there are, in the order of asking, and no wait without an end."""

import threading
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal.sagemaker.jobs.slots import Slots


@settings(max_examples=25)
@given(count=st.integers(1, 4), wishes=st.lists(st.integers(1, 6), max_size=12))
def test_everybody_gets_a_turn_and_never_too_many_at_once(count: int, wishes: list[int]) -> None:
    slots = Slots(count)
    lock = threading.Lock()
    in_use: list[int] = []

    def use(wish: int) -> int:
        taken = slots.take(wish, threading.Event())
        with lock:
            in_use.append(taken)
            assert sum(in_use) <= count
        with lock:
            in_use.remove(taken)
        slots.give_back(taken)
        return taken

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, wishes)) == [min(wish, count) for wish in wishes]


def test_who_gives_up_or_waits_too_long_gets_none() -> None:
    slots = Slots(2)
    assert slots.take(1, threading.Event()) == 1
    assert slots.take(2, threading.Event(), seconds=0) == 0
    given_up = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(slots.take, 2, given_up)
        given_up.set()
        slots.wake()
        assert waiting.result() == 0
    assert slots.take(1, threading.Event()) == 1
