"""What a refused record leaves behind."""

import gc

from sluicegate.agents.rows import read_row
from sluicegate.schemas import Refusal
from tests.unit.agents.batches import Record


def test_a_refusal_holds_no_frames_of_whoever_read_the_record() -> None:
    gc.collect()
    gc.disable()
    try:
        refused = read_row(0, Record(b"{"))
        assert isinstance(refused, Refusal)
        assert refused.__traceback__ is None
        del refused
        assert not [each for each in gc.get_objects() if isinstance(each, Refusal)]
    finally:
        gc.enable()
