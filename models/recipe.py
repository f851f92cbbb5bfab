"""The recipe of a training: which harms, what is known of each source, and what its silence may mean.

A label that a source does not have is unknown. Where a source makes a harm unlikely, the recipe may
declare it assumed to be 0; where another label says it well enough, it may be derived. Both are declared
by name here and nowhere else, and neither is ever measured on as if it were annotated.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from sluicegate.models.labelled import DataError, Row
from sluicegate.models.signals import SignalRecipe
from sluicegate.models.splits import draw
from sluicegate.models.yaml_reading import NotYamlError, decode_yaml

UNKNOWN, ANNOTATED, DERIVED, ASSUMED, DOUBTED, TAUGHT = 0, 1, 2, 3, 4, 5
STATED = (ANNOTATED, DERIVED, DOUBTED)
"""What figures are measured on."""
TRAINED = (ANNOTATED, DERIVED, ASSUMED, TAUGHT)
"""What is learned from."""


#: As a policy can speak of a harm.
_HARM: Final = re.compile(r"[a-z_][a-z0-9_]{0,63}")


class Derivation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """A weak value of ``harm`` where labels are as in ``when`` and one of ``words`` (if any) occurs."""

    harm: str
    value: Literal[0, 1]
    when: dict[str, int]
    words: tuple[str, ...] = ()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(r"\b(?:" + "|".join(map(re.escape, self.words)) + r")\b", re.IGNORECASE)

    def applies(self, row: Row) -> bool:
        """Tell whether the row is one this derivation speaks of."""
        if not _holds(self.when, row):
            return False
        return not self.words or self._pattern.search(row.text) is not None


class Doubt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Annotated labels of ``harm``, where labels are as in ``when``, that are measured on but not learned from.

    For what one source calls harmless and most others do not.
    """

    harm: str
    when: dict[str, int]


class SourceRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known about one source of texts.

    ``ordinary`` gives the labels by which its ordinary texts are known; these are free of every harm.
    ``assume_share`` thins the rows out that would be used for assumed zeros alone. ``family`` names sources that share
    texts: of these none is a test of a model trained on another. Of a source to ``learn`` from nothing is ever
    calibrated or measured on. Where ``alike`` is above 0, harmless texts of one ``gid`` differ in what must not matter,
    and are to score alike: it is what a squared difference of their log-odds costs.
    """

    licence: str
    attribution: str
    use: Literal["train", "learn", "measure"] = "train"
    assume: tuple[str, ...] = ()
    assume_share: float = 1.0
    derive: tuple[Derivation, ...] = ()
    doubt: tuple[Doubt, ...] = ()
    family: str | None = None
    alike: float = 0.0
    ordinary: dict[str, int] | None = None


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to train: harms with the prevalence they are calibrated to, the known sources, signals beside the text."""

    prevalence: dict[str, float]
    inverse_regularisation: float
    sources: dict[str, SourceRecipe]
    signals: dict[str, SignalRecipe] = {}

    @property
    def harms(self) -> tuple[str, ...]:
        """Names of the harms, in the order of the weights."""
        return tuple(self.prevalence)

    def source(self, name: str) -> SourceRecipe:
        """Return what is known of a source; of an unknown one nothing is assumed."""
        return self.sources.get(name, SourceRecipe(licence="not stated", attribution="not stated"))

    def family(self, name: str) -> str:
        """Name the family of a source: those that share texts; a source of none is its own."""
        return self.source(name).family or name


def shipped_recipe_path() -> Path:
    """Return the recipe that the default bundle was made by."""
    return Path(__file__).with_name("recipe.yaml")


def read_recipe(path: Path) -> Recipe:
    """Read and check a recipe.

    Raises
    ------
    DataError
        If the file cannot be read or does not hold a recipe.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"recipe {path} cannot be read ({error.strerror}); give a file to --recipe") from error
    return decode_recipe(raw, str(path))


def decode_recipe(raw: bytes, name: str) -> Recipe:
    """Decode and check a recipe in YAML.

    Raises
    ------
    DataError
        If it is no YAML, has unknown or missing members, lists no harm, or names one that it does not list.
    """
    try:
        recipe = decode_yaml(raw, Recipe, name)
    except NotYamlError as error:
        raise DataError(f"recipe {error}") from error
    except msgspec.ValidationError as error:
        raise DataError(f"recipe {name} cannot be used: {error}; mend the member it names") from error
    if not recipe.prevalence:
        raise DataError(f"recipe {name} lists no harm; list at least one under prevalence")
    if not recipe.inverse_regularisation > 0:
        raise DataError(
            f"recipe {name}: inverse_regularisation is {recipe.inverse_regularisation}; give a number above 0, as 2"
        )
    for harm, prevalence in recipe.prevalence.items():
        if _HARM.fullmatch(harm) is None:
            raise DataError(
                f"recipe {name}: harm {harm!r} is no name that a policy could use; use a-z, 0-9 and _, not starting "
                "with a digit"
            )
        if not 0 < prevalence < 1:
            raise DataError(f"recipe {name}: prevalence of {harm} is {prevalence}; give one between 0 and 1")
    for source, known in recipe.sources.items():
        derived, doubted = (weak.harm for weak in known.derive), (doubt.harm for doubt in known.doubt)
        if not 0 <= known.assume_share <= 1:
            raise DataError(
                f"recipe {name}: assume_share of source {source} is {known.assume_share}; give one in 0 to 1"
            )
        if not 0 <= known.alike < float("inf"):
            raise DataError(f"recipe {name}: alike of source {source} is {known.alike}; give a number from 0 on")
        for harm in (*known.assume, *derived, *doubted):
            if harm not in recipe.prevalence:
                raise DataError(f"recipe {name}: source {source} names the harm {harm!r}; list it under prevalence")
    return recipe


def with_assumptions(recipe: Recipe, assumptions: Sequence[str]) -> Recipe:
    """Add assumed zeros given as ``SOURCE:HARM[,HARM...]``.

    Raises
    ------
    DataError
        If one is of another form or names a harm that the recipe does not list.
    """
    sources = dict(recipe.sources)
    for text in assumptions:
        source, _, names = text.partition(":")
        harms = tuple(name for name in names.split(",") if name)
        if not source or not harms or not set(harms) <= set(recipe.harms):
            raise DataError(
                f"assumption {text!r} cannot be used; write SOURCE:HARM[,HARM] with harms of {', '.join(recipe.harms)}"
            )
        known = recipe.source(source)
        sources[source] = msgspec.structs.replace(known, assume=tuple(dict.fromkeys(known.assume + harms)))
    return msgspec.structs.replace(recipe, sources=sources)


def is_ordinary(recipe: Recipe, row: Row) -> bool:
    """Tell whether the recipe takes the row for an ordinary text."""
    condition = recipe.source(row.source).ordinary
    return condition is not None and _holds(condition, row)


def label(recipe: Recipe, rows: Sequence[Row], seed: int) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return values (0 or 1) and kinds (UNKNOWN to TAUGHT), each of shape (n_rows, n_harms)."""
    values = np.zeros((len(rows), len(recipe.harms)), dtype=np.int8)
    kinds = np.full(values.shape, UNKNOWN, dtype=np.int8)
    column = {harm: index for index, harm in enumerate(recipe.harms)}
    for number, row in enumerate(rows):
        known = recipe.source(row.source)
        taken = draw(seed, "assume:" + row.text.encode("utf-8", "replace").hex()) < known.assume_share
        for harm in recipe.harms if is_ordinary(recipe, row) else known.assume:
            if taken:
                kinds[number, column[harm]] = ASSUMED
        for derivation in known.derive:
            if derivation.applies(row):
                values[number, column[derivation.harm]] = derivation.value
                kinds[number, column[derivation.harm]] = DERIVED
        for harm, value in row.labels.items():
            if harm in column:
                values[number, column[harm]] = value
                kinds[number, column[harm]] = ANNOTATED if known.use != "learn" else TAUGHT
        for doubt in known.doubt:
            if kinds[number, column[doubt.harm]] == ANNOTATED and _holds(doubt.when, row):
                kinds[number, column[doubt.harm]] = DOUBTED
    return values, kinds


def _holds(condition: dict[str, int], row: Row) -> bool:
    return all(row.labels.get(name) == value for name, value in condition.items())
