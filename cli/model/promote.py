"""``sluicegate model promote``, ``rollback`` and ``versions``: which bundle of a store is served."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sluicegate.cli.errors import WRONG_USE, CommandError
from sluicegate.cli.trusted import served_bundle, trust

if TYPE_CHECKING:
    from sluicegate.models.store import Pointer, Store

__all__ = ["promote", "rollback", "versions"]

StoreFolder = Annotated[
    Path, typer.Argument(metavar="STORE", help="Folder of versions; workers have it as SLUICEGATE_BUNDLE.")
]


def promote(
    bundle: Annotated[
        str,
        typer.Argument(
            metavar="BUNDLE|VERSION", help="Folder of a bundle, which is copied into the store, or a version in it."
        ),
    ],
    store: StoreFolder,
) -> None:
    """Make a bundle the current one of a store; running workers take it up without stopping.

    It is checked whole before: digests, versions, weights, and that it gives the probabilities it states; if anything
    is wrong nothing changes. Only an imported pipeline that is served as such is unpickled, once its digest holds and
    something that you trust vouches for it. An empty folder becomes a store with its first promotion.
    """
    from sluicegate.models.store import Store

    opened = Store(store, trust())
    version = _version(opened, bundle)
    _tell(opened, opened.promote(version, _now()))


def rollback(store: StoreFolder) -> None:
    """Go back to the version that was promoted before the current one, checked whole as by promote."""
    from sluicegate.models.store import Store

    opened = Store(store, trust())
    _tell(opened, opened.roll_back(_now()))


def versions(store: StoreFolder) -> None:
    """List the versions of a store, and which of them is current and would be rolled back to."""
    from rich.table import Table

    from sluicegate.cli.tables import table_console
    from sluicegate.models.store import Store, is_store

    opened = Store(store)
    pointer = opened.pointer() if is_store(store) else None
    table = Table("version", "model", "", "promoted", "digest")
    for version in opened.versions():
        current = pointer is not None and pointer.current.version == version.name
        before = pointer is not None and bool(pointer.earlier) and pointer.earlier[0].version == version.name
        promotions = (pointer.current, *pointer.earlier) if pointer else ()
        promotion = next((each for each in promotions if each.version == version.name), None)
        table.add_row(
            version.name,
            version.fault or f"{version.model} {version.model_version}",
            "current" if current else "rollback goes here" if before else "",
            promotion.at if promotion else "",
            promotion.digest[:19] if promotion else "",
        )
    table_console().print(table)


def _version(store: "Store", wanted: str) -> str:
    from sluicegate.models.bundle import MANIFEST
    from sluicegate.models.store import StoreError

    path = Path(wanted)
    if not (path / MANIFEST).exists() and path.name == wanted:
        try:
            return store.find(wanted)
        except StoreError as error:
            raise CommandError(f"{wanted} is no bundle in this folder, and {error}") from error
    bundle = served_bundle(path)
    there = store.path / wanted
    if path.name == wanted and (there / MANIFEST).exists() and there.resolve() != path.resolve():
        raise CommandError(
            f"{wanted} is a bundle here and a version of {store.path}; give ./{wanted} or {there}", WRONG_USE
        )
    return store.add(bundle)


def _tell(store: "Store", pointer: "Pointer") -> None:
    current = pointer.current
    before = f"rollback goes back to {pointer.earlier[0].version}" if pointer.earlier else "there is none to go back to"
    print(f"{store.path} is at {current.version} ({current.digest[:19]}); {before}")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
