"""``sluicegate score``: decides the events of a file with the worker's own pipeline, without a broker."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import typer

from sluicegate.agents.batch import RecordBatch
from sluicegate.agents.encoding import Topics
from sluicegate.agents.pipeline import Pipeline
from sluicegate.agents.settings import load_settings
from sluicegate.cli.errors import FAILED, CommandError
from sluicegate.cli.lines import ReadLine, UnreadLine
from sluicegate.cli.progress import with_progress
from sluicegate.cli.readers import EventFile, ReaderError
from sluicegate.models import BundleError, load_scorer
from sluicegate.policy import PolicyError, load_policy
from sluicegate.schemas import Headers, read_error_headers

__all__ = ["decide_lines", "score"]

_DECISIONS = "decisions"
_DEAD_LETTERS = "dead letters"
_UNLIMITED = sys.maxsize
