"""``sluicegate model card``: what a bundle is and what may be relied on, for people."""

from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli.model.chosen import BundleFolder, chosen_bundle

__all__ = ["card"]


def card(
    bundle: BundleFolder = None,
    evaluation: Annotated[
        Path | None,
        typer.Option(help="Figures that model evaluate --json wrote; evaluation.json of the bundle without."),
    ] = None,
    words: Annotated[
        Path | None, typer.Option(help="What only people can say, in YAML: licence, contact, uses, risks.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write, as HTML where it ends in .html; Markdown to the output without.")
    ] = None,
) -> None:
    """Write the model card of a bundle: what it is for, its data with licences, its figures and its limits."""
    from sluicegate.models.bundle import default_bundle_path
    from sluicegate.models.card import CardText, card_of, card_page, read_words, shipped_words_path

    folder = chosen_bundle(bundle)
    shipped = folder.resolve() == default_bundle_path().resolve()
    said = words or (shipped_words_path() if shipped else None)
    written = card_of(folder, evaluation, read_words(said) if said else CardText())
    if out is None:
        print(written, end="")
    elif out.suffix.lower() in {".html", ".htm"}:
        out.write_text(card_page(written, f"Model card of {folder.name}"), encoding="utf-8")
    else:
        out.write_text(written, encoding="utf-8")
