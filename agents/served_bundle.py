"""One bundle of a worker: a fixed one, or the one that a store's pointer names, taken up when the pointer changes.

Everything here blocks: it is to be called from a thread beside the stream.
"""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import sleep
from typing import Final, Literal

from sluicegate.models import Bundle, BundleError, Scorer, load_bundle
from sluicegate.models.drift.binning import Binning
from sluicegate.models.drift.reference import Reference
from sluicegate.models.proving import prove
from sluicegate.models.store import Promotion, Store, StoreError, bundle_folder, is_store
from sluicegate.models.trust import NOTHING_SET, Trust

__all__ = ["Role", "ServedBundle"]

_LOG: Final = logging.getLogger("sluicegate.worker")

#: Seconds between two samples of a bundle that is proved beside the stream, which needs the interpreter more.
_PAUSE: Final = 0.005

#: What a model does in a worker.
Role = Literal["main", "split", "shadow"]


class ServedBundle:
    """A bundle that is served, and where it comes from.

    Parameters
    ----------
    role
        What its model does.
    place
        Folder of a bundle, or of a store.
    check
        Raises where a model cannot do it, such as one that lacks a harm of the policy.
    trust
        What must vouch for its bundles, those that are promoted later among them; without, none is unpickled.

    Attributes
    ----------
    scorer
        The model; None before one was loaded.
    binning
        Counts its scores to watch their drift; None before one was loaded.
    refused
        Why the bundle that is set or promoted is not the one that is served; empty if it is.
    """

    def __init__(self, role: Role, place: Path, check: Callable[[Scorer], None], trust: Trust = NOTHING_SET) -> None:
        self.role: Final = role
        self.place: Final = place
        self.scorer: Scorer | None = None
        self.binning: Binning | None = None
        self.refused = ""
        self._check = check
        self._trust = trust
        self._store: Store | None = None
        self._seen: bytes | None = None
        # At the start there is no stream to give way to.
        self._pause: Callable[[], object] = partial(sleep, 0)

    def load(self) -> None:
        """Load what is set, at the start of a worker.

        Where the current version of a store is refused, the one promoted before it is served, as workers do that run
        already: a restart must not turn a bad promotion into an outage.

        Raises
        ------
        BundleError, PolicyError
            If there is nothing that can be served.
        """
        if not is_store(self.place):
            self._take(load_bundle(bundle_folder(self.place), self._trust))
            return
        self._store = store = Store(self.place, self._trust)
        self._seen = store.read()
        pointer = store.decode(self._seen)
        try:
            self._take(store.load(pointer.current))
        except Exception as error:
            self.refused = _reason(error)
            for promotion in pointer.earlier:
                if self._is_served_instead(store, promotion):
                    return
            raise

    def try_to_load(self) -> None:
        """Load what is set, or else say in the log why not and go on without."""
        try:
            self.load()
        except Exception as error:  # noqa: BLE001 - what is served beside a model must not keep it from serving
            self._refuse(error)

    def look(self) -> bool:
        """Look whether another bundle was promoted, and if so take it up; tell whether the model is another now.

        A bundle that is refused is not tried again before the pointer changes.
        """
        if self._store is None:
            return False
        try:
            pointer = self._store.read()
        except StoreError as error:
            # Told once, and again when it was readable in between.
            if self._seen is not None:
                self._refuse(error)
            self._seen = None
            return False
        if pointer == self._seen:
            return False
        self._seen = pointer
        try:
            current = self._store.decode(pointer).current
            if self.scorer is not None and current.digest == self.scorer.digest:
                self.refused = ""
                return False
            self._pause = partial(sleep, _PAUSE)
            self._take(self._store.load(current))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a new bundle, the old one goes on
            self._refuse(error)
            return False
        self.refused = ""
        return True

    def _take(self, bundle: Bundle) -> None:
        """Serve a bundle if it is proved to be well; if not, what is served stays."""
        scorer = prove(bundle, self._pause)
        self._check(scorer)
        self.scorer, self.binning = scorer, Binning(Reference.of(bundle))

    def _is_served_instead(self, store: Store, promotion: Promotion) -> bool:
        try:
            self._take(store.load(promotion))
        except Exception as error:  # noqa: BLE001 - the one before it may do
            _LOG.error("%s is refused as well: %s", promotion.version, _reason(error))
            return False
        _LOG.error("%s is served, since what is promoted is refused: %s", promotion.version, self.refused)
        return True

    def _refuse(self, error: Exception) -> None:
        self.refused = _reason(error)
        name = f"{self.scorer.name} {self.scorer.version}" if self.scorer is not None else "no model"
        _LOG.error("the bundle for the role %s is refused, %s goes on: %s", self.role, name, self.refused)


def _reason(error: Exception) -> str:
    told = str(error)
    return told if isinstance(error, BundleError) and told else f"{type(error).__name__}: {told}"
