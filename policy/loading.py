"""Loads a policy: reads the document, checks it, compiles it. Nothing that has a fault leaves here."""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sluicegate.policy.cel.ast import And, Bool, Compare, If, Node, Not, Or, Score, walk
from sluicegate.policy.cel.compiling import Compiler
from sluicegate.policy.checks import run_checks
from sluicegate.policy.document import Evidence, Policy, Rule
from sluicegate.policy.draft import Draft, RuleDraft
from sluicegate.policy.faults import Fault, PolicyError, did_you_mean
from sluicegate.policy.parsing import parse_draft
from sluicegate.policy.reading import Reader
from sluicegate.policy.source import MAX_BYTES, read_source
from sluicegate.schemas.signatures import SIGNATURE_MOST, SignatureError, remedy
from sluicegate.schemas.signing_keys import TrustedKeys


def default_policy_path() -> Path:
    """Give the path of the policy that ships with Sluicegate."""
    return Path(__file__).with_name("default.yaml")


def load_policy(path: Path | str, keys: TrustedKeys | None = None) -> Policy:
    """Load a policy from a file.

    Parameters
    ----------
    path
        The file; its signature stands beside it, in ``<path>.sig``.
    keys
        Of which one must have signed it; without, it need not be signed.

    Raises
    ------
    PolicyError
        With all faults, when it cannot be read, is not signed or must not run.
    """
    path = Path(path)
    content = read_policy(path)
    if keys is not None:
        _check_signature(path, content, keys)
    return parse_policy(policy_text(content, path), str(path))


def read_policy(path: Path) -> bytes:
    """Read the file of a policy, which is read once: what is checked is what is used.

    Raises
    ------
    PolicyError
        When it cannot be read.
    """
    try:
        return _read(path, MAX_BYTES)
    except OSError as error:
        told = error.strerror or type(error).__name__
        raise PolicyError([Fault(str(path), 0, 0, f"cannot be read: {told}", "check the path")]) from error


def policy_text(content: bytes, path: Path) -> str:
    """Decode the file of a policy.

    Raises
    ------
    PolicyError
        When it is not UTF-8.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PolicyError([Fault(str(path), line, 1, "not UTF-8", "save the file as UTF-8")]) from error


def signature_path(path: Path) -> Path:
    """Give the place of a policy's signature."""
    return path.with_name(path.name + ".sig")


def parse_policy(text: str, name: str) -> Policy:
    """Read, check and compile a policy.

    Parameters
    ----------
    text
        The YAML document.
    name
        What faults call it: its path.

    Raises
    ------
    PolicyError
        With all faults, sorted by place.
    """
    source, root = read_source(name, text)
    reader = Reader(source)
    draft = parse_draft(reader, root)
    faults = [*reader.faults, *run_checks(draft)]
    if faults:
        raise PolicyError(faults)
    return _compile(draft, hashlib.sha256(text.encode("utf-8")).hexdigest())


def check_harms(policy: Policy, harms: Sequence[str]) -> None:
    """Check that a model scores every harm that a policy names.

    Parameters
    ----------
    policy
        The policy.
    harms
        Those that the model scores.

    Raises
    ------
    PolicyError
        With a fault for each harm that it does not score.
    """
    faults = [
        Fault(policy.file, harm.line, harm.column, f"the model scores no harm {name!r}", did_you_mean(name, harms))
        for name, harm in policy.harms.items()
        if name not in harms
    ]
    if faults:
        raise PolicyError(faults)


def _compile(draft: Draft, digest: str) -> Policy:
    compiler = Compiler()
    places = {name: index for index, name in enumerate(draft.queues)}
    first, second = draft.class_bounds
    return Policy(
        name=draft.name,
        version=draft.revision,
        digest=f"sha256:{digest}",
        harms=draft.harms,
        queues=tuple(stated.queue for stated in draft.queues.values()),
        rules=tuple(_rule(rule, compiler, places) for rule in draft.rules),
        missed=draft.missed,
        false_alarm=draft.false_alarm,
        wait_minutes=draft.wait_minutes,
        class_bounds=(first, second),
        views=draft.views,
        watch=None if draft.watch is None else compiler.compile(draft.watch.condition),
        watch_condition=None if draft.watch is None else draft.watch.condition,
        file=draft.source.name,
    )


def _rule(rule: RuleDraft, compiler: Compiler, places: dict[str, int]) -> Rule:
    condition = Bool(False) if rule.when is None else rule.when.condition
    return Rule(
        name=rule.name,
        outcome=rule.then,  # type: ignore[arg-type]
        queues=tuple(places[node.text] for node in rule.queues),
        action=rule.action,
        condition=condition,
        text="" if rule.when is None else rule.when.node.text.strip(),
        fires=compiler.compile(condition),
        evidence=tuple(
            Evidence(harms, compiler.compile(comparison), held) for comparison, harms, held in reasons(condition)
        ),
    )


def reasons(condition: Node, held: bool = True) -> list[tuple[Compare, tuple[str, ...], bool]]:
    """Give the comparisons by which a condition asks for a high score.

    Each stands with its harms and with how it must come out.

    Under ``!`` a comparison asks for a high score when it must not hold.
    """
    match condition:
        case Not(operand):
            return reasons(operand, not held)
        case And(items) | Or(items):
            return [reason for item in items for reason in reasons(item, held)]
        case If(_, then, otherwise):
            return [*reasons(then, held), *reasons(otherwise, held)]
        case Compare(operator, left, right):
            if operator in (">", ">="):
                high = left if held else right
            elif operator in ("<", "<="):
                high = right if held else left
            else:
                return []
            harms = tuple(dict.fromkeys(part.harm for part in walk(high) if isinstance(part, Score)))
            return [(condition, harms, held)] if harms else []
        case _:
            return []


def _read(path: Path, most: int) -> bytes:
    # Opened without waiting: a named pipe into which nobody writes would otherwise never be open. It is empty then.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        os.set_blocking(descriptor, True)
        return file.read(most + 1)


def _check_signature(path: Path, content: bytes, keys: TrustedKeys) -> None:
    signature: bytes | None = None
    try:
        with suppress(FileNotFoundError):
            signature = _read(signature_path(path), SIGNATURE_MOST)
        keys.check("policy", content, signature)
    except (SignatureError, OSError) as error:
        told = str(error) if isinstance(error, SignatureError) else f"its signature cannot be read ({error.strerror})"
        raise PolicyError([Fault(str(path), 1, 1, told, remedy(error, "sluicegate policy sign"))]) from error
