"""``sluicegate policy``: check and sign a policy, and explain what it decides for one event.

What takes long to import is imported by the commands, so that other commands start without it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sluicegate.cli.errors import FAILED, CommandError
from sluicegate.cli.examples import examples
from sluicegate.cli.signing import KeyFile, place_signature, read_key
from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sluicegate.agents.rows import Row
    from sluicegate.policy import Policy
    from sluicegate.schemas import Headers

__all__ = ["app"]

app = typer.Typer(help="Check, sign and explain policies.", no_args_is_help=True, rich_markup_mode="rich")

PolicyFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="The policy; the one that is set (or the shipped one) without.")
]


@dataclass(frozen=True)
class GivenRecord:
    """One event as a record, so that it is read as any other."""

    value: bytes
    key: bytes | None = None
    headers: "Headers" = field(default_factory=tuple)
    offset: int = 0
    timestamp: int = 0


@app.command(epilog=examples("sluicegate policy check my-policy.yaml"))
def check(
    file: PolicyFile = None,
    bundle: Annotated[
        Path | None, typer.Option(help="The model that must score its harms; the one that is set without.")
    ] = None,
) -> None:
    """Check a policy: every fault is told with its line and column. Exit code 1 if there is one.

    Of the model only the manifest is read. With SLUICEGATE_TRUSTED_KEYS its signature is looked at last.
    """
    from sluicegate.cli.settings import read_settings
    from sluicegate.cli.trusted import served_policy
    from sluicegate.models import read_manifest
    from sluicegate.models.store import bundle_folder
    from sluicegate.policy import check_harms, parse_policy
    from sluicegate.policy.loading import policy_text, read_policy
    from sluicegate.schemas.printable import escaped

    with _faults_told():
        chosen = _chosen(file)
        parse_policy(policy_text(read_policy(chosen), chosen), str(chosen))
        policy = served_policy(chosen)
        model = read_manifest(bundle_folder(bundle or read_settings().bundle))
        check_harms(policy, model.harms)
    languages = {language for queue in policy.queues for language in queue.languages or ()}
    counts = (("rule", len(policy.rules)), ("queue", len(policy.queues)), ("harm", len(policy.harms)))
    parts = ", ".join(counted(count, noun) for noun, count in counts)
    print(
        escaped(
            f"{policy.name} {policy.version} ({policy.digest[:19]}) is well formed and fits model {model.name} "
            f"{model.version}: {parts}"
        ),
        end="",
    )
    print(f"; own queues for {', '.join(sorted(languages))}" if languages else "")


@app.command(epilog=examples("sluicegate policy sign my-policy.yaml --key release.pem"))
def sign(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The policy.")],
    key: KeyFile,
) -> None:
    """Sign a policy: writes FILE.sig beside it, which a worker with SLUICEGATE_TRUSTED_KEYS asks for.

    It is checked before, as by check; its harms are not compared with a model's.
    """
    from sluicegate.policy.signing import sign_policy

    signer = read_key(key)
    with _faults_told():
        place, signature = sign_policy(file, signer)
    place_signature(place, signature)
    print(f"{file} is signed with the key {signer.name}: {place}")


@app.command(
    name="explain",
    epilog=examples(
        """echo '{"text": "hello", "signals": {"reports": 2}}' | sluicegate policy explain - --scores hate=0.4""",
    ),
)
def explain_event(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="A JSON file, or - for standard input.")],
    policy: Annotated[Path | None, typer.Option(help="The policy; the one that is set without.")] = None,
    bundle: Annotated[Path | None, typer.Option(help="The model that scores; the one that is set without.")] = None,
    scores: Annotated[
        str | None, typer.Option(help="Take these instead of a model's, as in spam=0.2,hate=0.9.")
    ] = None,
) -> None:
    """Show rule by rule what a policy decides for one event, and why.

    The event is a line as `sluicegate publish` takes it: a whole event, or its text with any of the fields.
    """
    from sluicegate.agents.rows import features_of, read_row
    from sluicegate.cli.explanation import render
    from sluicegate.cli.trusted import served_policy
    from sluicegate.policy import explain
    from sluicegate.schemas import Refusal
    from sluicegate.schemas.printable import escaped_lines

    with _faults_told():
        loaded = served_policy(_chosen(policy))
    row = read_row(0, GivenRecord(_event_value(event)))
    if isinstance(row, Refusal):
        raise CommandError(f"the event cannot be read: {row}")
    row = _with_language(row, loaded)
    harms, probabilities = _given(loaded, scores) if scores is not None else _scored(loaded, bundle, row)
    explanation = explain(loaded, features_of([row], loaded.signals), probabilities, harms)
    print(escaped_lines(render(explanation, _language_told(row))))


def _with_language(row: "Row", policy: "Policy") -> "Row":
    """Identify the language where the event names none, as the stream does."""
    from sluicegate.agents.languages import are_identified, identify_languages, load_identifier
    from sluicegate.agents.rows import is_scored
    from sluicegate.cli.settings import read_settings

    settings = read_settings()
    if row.language or not is_scored(row) or not are_identified(settings):
        return row
    return identify_languages(load_identifier(settings, policy), [row])[0]


def _language_told(row: "Row") -> str | None:
    if row.language_confidence is None:
        return None
    return f"{row.language or 'unknown'} (identified, confidence {row.language_confidence:.3f})"


def _chosen(file: Path | None) -> Path:
    if file is not None:
        return file
    from sluicegate.cli.settings import read_settings

    return read_settings().policy


@contextmanager
def _faults_told() -> Iterator[None]:
    from sluicegate.policy import PolicyError
    from sluicegate.schemas.printable import escaped_lines

    try:
        yield
    except PolicyError as error:
        # One fault a line and nothing before it, as editors and CI read them.
        print(escaped_lines(str(error)), file=sys.stderr)
        raise typer.Exit(FAILED) from error


def _read(event: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if event == "-" else Path(event).read_bytes()
    except OSError as error:
        told = f"{event}: cannot be read: {error.strerror}; give a JSON file, or - for standard input"
        raise CommandError(told) from error


def _event_value(event: str) -> bytes:
    """Read an event as ``publish`` reads a line: whole, or its data alone."""
    from sluicegate.cli.lines import UnreadLine, read_json
    from sluicegate.cli.unknown_members import UnknownMembers
    from sluicegate.schemas.printable import escaped

    unknown, line = UnknownMembers(), read_json(1, _read(event).strip())
    unknown.see(line)
    if (sentence := unknown.sentence(event)) is not None:
        print(escaped(sentence), file=sys.stderr)
    if isinstance(line, UnreadLine):
        raise CommandError(f"the event cannot be read: {line.message}")
    return line.record.value or b""


def _given(policy: "Policy", scores: str) -> "tuple[tuple[str, ...], NDArray[np.float64]]":
    """Read the scores of the command line; harms that are not named get 0."""
    import numpy as np

    found = dict.fromkeys(policy.harms, 0.0)
    for part in scores.split(","):
        harm, _, number = part.strip().partition("=")
        if harm not in found:
            raise typer.BadParameter(
                f"{harm!r} is no harm of the policy; known: {', '.join(found)}", param_hint="--scores"
            )
        try:
            found[harm] = float(number)
        except ValueError:
            raise typer.BadParameter(f"{part.strip()!r} is not as in {harm}=0.9", param_hint="--scores") from None
        if not 0.0 <= found[harm] <= 1.0:
            raise typer.BadParameter(f"{part.strip()!r} is no probability from 0 to 1", param_hint="--scores")
    return tuple(found), np.array([list(found.values())])


def _scored(policy: "Policy", bundle: Path | None, row: "Row") -> "tuple[tuple[str, ...], NDArray[np.float64]]":
    from sluicegate.agents.rows import score_rows
    from sluicegate.cli.settings import read_settings
    from sluicegate.cli.trusted import served_bundle
    from sluicegate.models.store import bundle_folder
    from sluicegate.policy import check_harms

    scorer = served_bundle(bundle_folder(bundle or read_settings().bundle)).scorer()
    with _faults_told():
        check_harms(policy, scorer.harms)
    return scorer.harms, score_rows(scorer, [row])
