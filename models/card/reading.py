"""Reading what a card is made of, and making that of the shipped bundle."""

import hashlib
from pathlib import Path

import msgspec

from sluicegate.models.bundle import MANIFEST, default_bundle_path, read_manifest
from sluicegate.models.card.card import CardError, model_card
from sluicegate.models.card.words import CardText
from sluicegate.models.evaluation.evaluation import Evaluation, decode_evaluation
from sluicegate.models.yaml_reading import NotYamlError, decode_yaml

__all__ = ["EVALUATION", "card_of", "default_card", "read_evaluation", "read_words", "shipped_words_path"]

#: An evaluation may stand in the folder of its bundle, under this name.
EVALUATION = "evaluation.json"


def shipped_words_path() -> Path:
    """Return what people say of the bundle that ships with the project."""
    return Path(__file__).with_name("default.yaml")


def read_words(path: Path) -> CardText:
    """Read what people say of a model.

    Raises
    ------
    CardError
        If the file cannot be read, is no YAML, or has unknown members or members of a wrong type.
    """
    try:
        return decode_yaml(path.read_bytes(), CardText, str(path))
    except OSError as error:
        raise CardError(
            f"the words of the card, {path}, cannot be read ({error.strerror}); give a YAML file"
        ) from error
    except NotYamlError as error:
        raise CardError(f"the words of the card, {error}") from error
    except msgspec.ValidationError as error:
        known = ", ".join(CardText.__struct_fields__)
        raise CardError(f"the words of the card, {path}, cannot be used ({error}); its members are {known}") from error


def read_evaluation(path: Path) -> Evaluation:
    """Read an evaluation that `model evaluate --json` wrote.

    Raises
    ------
    CardError
        If the file cannot be read or is none.
    """
    try:
        return decode_evaluation(path.read_bytes())
    except OSError as error:
        raise CardError(f"evaluation {path} cannot be read ({error.strerror}); give a file of --json") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CardError(
            f"evaluation {path} cannot be used ({error}); write it with: sluicegate model evaluate --json"
        ) from error


def card_of(bundle: Path, evaluation: Path | None, words: CardText) -> str:
    """Return the card of a bundle in Markdown.

    Parameters
    ----------
    evaluation
        The one that stands in the bundle's folder, if there is one, where none is given.

    Raises
    ------
    BundleError
        If the bundle has no manifest.
    CardError
        If the evaluation cannot be read or is about another bundle.
    """
    manifest = read_manifest(bundle)
    digest = "sha256:" + hashlib.sha256((bundle / MANIFEST).read_bytes()).hexdigest()
    beside = bundle / EVALUATION
    found = evaluation or (beside if beside.is_file() else None)
    return model_card(manifest, digest, read_evaluation(found) if found else None, words)


def default_card() -> str:
    """Return the card of the bundle that ships with the project."""
    return card_of(default_bundle_path(), None, read_words(shipped_words_path()))
