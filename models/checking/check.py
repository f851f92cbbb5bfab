"""All checks of training data, in one pass over the files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from sluicegate.models import splits
from sluicegate.models.checking.corpus import read_rows
from sluicegate.models.checking.finding import ERROR, Finding
from sluicegate.models.checking.groups import group_findings
from sluicegate.models.checking.labels import SCARCE, constant_findings, name_findings, scarcity_findings
from sluicegate.models.checking.lines import line_findings
from sluicegate.models.checking.repeated import both_labels_findings, shared_findings
from sluicegate.models.checking.shuffled import Looked, look, shuffled_findings
from sluicegate.models.labelled import DataError, LabelledFile, Row
from sluicegate.models.recipe import Recipe

__all__ = ["Checked", "TrainingDataError", "check_files"]

Progress = Callable[[str, int, int], None]


class TrainingDataError(DataError):
    """Checks found errors in training data, which stop a training."""


@dataclass(frozen=True)
class Checked:
    """What was found.

    Attributes
    ----------
    findings
        Errors first.
    looked
        How well texts tell each label of each source.
    """

    findings: tuple[Finding, ...]
    looked: Looked

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What stops a training."""
        return tuple(finding for finding in self.findings if finding.severity == ERROR)

    def require(self) -> None:
        """Refuse to train where there are errors; that a harm is too scarce is left to whoever labels and splits.

        Raises
        ------
        TrainingDataError
            If there is one.
        """
        errors = [finding for finding in self.errors if finding.kind != SCARCE]
        if errors:
            named = ", ".join(
                f"{finding.kind} ({' '.join(filter(None, (finding.source, finding.harm)))})" for finding in errors
            )
            raise TrainingDataError(
                f"the training data cannot be trusted: {named}; mend the data, keep a source out of training "
                "by use: measure in the recipe, or train all the same with --despite-errors"
            )


def check_files(
    recipe: Recipe, files: Sequence[LabelledFile], own: Sequence[Row], seed: int, progress: Progress
) -> Checked:
    """Check labelled files before anything is trained on them.

    Parameters
    ----------
    recipe, files, seed
        Of the training.
    own
        Rows of the project's own, which count towards what a harm needs and are not checked.
    progress
        Called with a stage, the steps done and all steps.

    Returns
    -------
    Checked
    """
    checked = read_rows(recipe, files, seed)
    rows = [*checked.rows, *own]
    groups = splits.group_names(rows, [*checked.texts, *(splits.wording(row.text) for row in own)])
    with threadpool_limits(limits=1):
        looked = look(recipe, checked, groups, seed, lambda done, total: progress("check", done, total))
    found = [
        *line_findings(files),
        *scarcity_findings(recipe, rows, groups, seed),
        *shuffled_findings(recipe, checked, looked),
        *name_findings(recipe, checked),
        *constant_findings(recipe, checked),
        *both_labels_findings(recipe, checked),
        *group_findings(checked, groups),
        *shared_findings(recipe, checked),
    ]
    return Checked(tuple(sorted(found, key=lambda finding: finding.severity != ERROR)), looked)
