"""Reads a pipeline from a joblib file of others' making, which executes whatever the file says."""

import io
import warnings
from importlib.metadata import version
from typing import Any

import joblib
from sklearn.exceptions import InconsistentVersionWarning

from sluicegate.models.imported.outputs import ImportedPipelineError


def unpickle(raw: bytes, name: str) -> Any:
    """Return what a joblib file holds.

    Parameters
    ----------
    raw
        The file.
    name
        Of the file, for what is told.

    Raises
    ------
    ImportedPipelineError
        If it is no joblib file, needs what is not installed, was written by another minor version of scikit-learn, or
        holds nothing with ``predict_proba``.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            estimator = joblib.load(io.BytesIO(raw))
        except ModuleNotFoundError as error:
            raise ImportedPipelineError(
                f"{name} needs the module {error.name}, which is not installed; install what the pipeline was made with"
            ) from error
        except AttributeError as error:
            raise ImportedPipelineError(
                f"{name} needs code that is not installed ({error}); install what the pipeline was made with"
            ) from error
        except Exception as error:
            raise ImportedPipelineError(
                f"{name} is no joblib file that stands alone ({type(error).__name__}: {_short(error)}); "
                "write the fitted pipeline with joblib.dump(pipeline, FILE)"
            ) from error
    _check_version(name, [each.message for each in caught])
    if not hasattr(estimator, "predict_proba"):
        raise ImportedPipelineError(
            f"{name} holds {described(estimator)}, which has no predict_proba; give a fitted classifier that has, "
            "such as one within CalibratedClassifierCV"
        )
    return estimator


def described(estimator: object) -> str:
    """Name an estimator and what it is made of, as in ``Pipeline(TfidfVectorizer, LogisticRegression)``."""
    name = type(estimator).__name__
    for member in ("steps", "transformer_list", "transformers"):
        parts = getattr(estimator, member, None)
        if isinstance(parts, list):
            return f"{name}({', '.join(described(part[1]) for part in parts)})"
    inner = getattr(estimator, "estimator", None)
    if hasattr(inner, "get_params"):
        return f"{name}({described(inner)})"
    return str(estimator) if isinstance(estimator, str) else name


def _check_version(name: str, told: list[Warning | str]) -> None:
    for message in told:
        if isinstance(message, InconsistentVersionWarning):
            wanted, found = message.original_sklearn_version, version("scikit-learn")
            if wanted.split(".")[:2] != found.split(".")[:2]:
                raise ImportedPipelineError(
                    f"{name} was written by scikit-learn {wanted}, installed is {found}; "
                    f"install scikit-learn {'.'.join(wanted.split('.')[:2])}, or fit and write the pipeline again"
                )


def _short(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200]
