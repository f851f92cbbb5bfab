"""The loader of policies: any file is a policy that decides, or faults that each have a place in it."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from sluicegate.policy import OUTCOME_NAMES, Policy, PolicyError, decide, load_policy
from tests.fuzz.policies import FEATURES, POLICY_WORDS, SCORES, documents
from tests.fuzz.target import Target, scratch

__all__ = ["TARGET"]

_MESSAGE_MOST: Final = 100_000


def one(data: bytes) -> None:
    """Load a file, and decide by what it says."""
    path = scratch() / "policy.yaml"
    path.write_bytes(data)
    try:
        policy = load_policy(path)
    except PolicyError as refused:
        assert refused.faults
        assert 0 < len(str(refused).encode("utf-8", "surrogatepass")) <= _MESSAGE_MOST
        lines = data.decode("utf-8", "replace").split("\n")
        for fault in refused.faults:
            assert fault.file == str(path)
            assert 1 <= fault.line <= len(lines), fault
            assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1, fault
            assert fault.message
        return
    _decide(policy)


def _decide(policy: Policy) -> None:
    named = [policy.name, policy.version, *(rule.name for rule in policy.rules), *policy.harms, *policy.actions]
    assert "".join([*named, *(harm.warning for harm in policy.harms.values())]).encode() is not None
    scores = {harm: SCORES.get(harm, np.zeros(len(FEATURES))) for harm in policy.harms}
    matrix = np.stack(list(scores.values()), axis=1)
    for decided in decide(policy, FEATURES, matrix, tuple(scores)).rows():
        assert decided.outcome in OUTCOME_NAMES
        assert (decided.queue is not None) == (decided.outcome == "review")
        assert all(np.isfinite([decided.value, decided.minutes, decided.price])), decided


def _seeds() -> Sequence[bytes]:
    return [*(document.encode("utf-8", "surrogatepass") for document in documents()), b"", b"\xff", b"\0"]


TARGET: Final = Target(one, _seeds, POLICY_WORDS, longest=8_192, inputs=250)
