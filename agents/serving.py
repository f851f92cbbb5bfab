"""Which models a worker serves, each in its role, and the pipeline that they make together."""

from collections.abc import Callable, Iterator
from pathlib import Path

from sluicegate.agents.columnar.pipeline import ColumnPipeline, served_pipeline
from sluicegate.agents.encoding import Topics
from sluicegate.agents.log.codec import CODECS
from sluicegate.agents.pipeline import Pipeline
from sluicegate.agents.served_bundle import Role, ServedBundle
from sluicegate.agents.settings import Settings
from sluicegate.agents.shadow import Shadow
from sluicegate.agents.split import SplitPipeline
from sluicegate.agents.trust import load_trust
from sluicegate.models import Scorer
from sluicegate.models.language import Identifier
from sluicegate.models.opinion.consulted import Opinion
from sluicegate.models.trust import Trust
from sluicegate.policy import Policy, check_harms

__all__ = ["Serving"]


class Serving:
    """The bundles of a worker.

    Parameters
    ----------
    settings
        Of this process.
    policy
        All harms that it names must be each model's.
    main, split, shadow
        The model that decides, one that decides a share in its place, and one that is asked without effect.

    Attributes
    ----------
    pressed
        Tells whether the worker is so far behind that the shadow is not asked.
    """

    def __init__(
        self,
        settings: Settings,
        policy: Policy,
        main: ServedBundle,
        split: ServedBundle | None = None,
        shadow: ServedBundle | None = None,
    ) -> None:
        self._settings = settings
        self._policy = policy
        self.main = main
        self.split = split
        self.shadow = shadow
        self.pressed: Callable[[], bool] = lambda: False

    @classmethod
    def load(cls, settings: Settings, policy: Policy, trust: Trust | None = None) -> "Serving":
        """Load what is set; where only a split's or a shadow's bundle is refused, the worker goes on without.

        Parameters
        ----------
        trust
            What must vouch for every bundle; read from the settings without.

        Raises
        ------
        BundleError, PolicyError
            If the main bundle cannot be served.
        """

        def check(scorer: Scorer) -> None:
            check_harms(policy, scorer.harms)

        trust = load_trust(settings) if trust is None else trust
        main = ServedBundle("main", settings.bundle, check, trust)
        main.load()
        split = _optional("split", settings.split_bundle, check, trust)
        return cls(settings, policy, main, split, _optional("shadow", settings.shadow_bundle, check, trust))

    def __iter__(self) -> Iterator[ServedBundle]:
        return (bundle for bundle in (self.main, self.split, self.shadow) if bundle is not None)

    @property
    def scorer(self) -> Scorer:
        """The main model."""
        if self.main.scorer is None:
            raise RuntimeError("the main bundle is not loaded")
        return self.main.scorer

    def pipeline(
        self, topics: Topics, opinion: Opinion | None, identifier: Identifier | None
    ) -> Pipeline | ColumnPipeline | SplitPipeline:
        """Make the pipeline of the models as they are now.

        Parameters
        ----------
        topics
            Where outcomes go.
        opinion
            Scores again what the model is unsure of that it was trained beside, and says nothing of others.
        identifier
            Tells the language of texts whose events name none.
        """

        def of(bundle: ServedBundle, scorer: Scorer) -> Pipeline:
            shadow = self._shadow_of(scorer)
            return Pipeline(scorer, self._policy, topics, opinion, shadow, bundle.binning, identifier)

        first = of(self.main, self.scorer)
        second = self.split.scorer if self.split is not None else None
        if self.split is None or second is None or second.digest == self.scorer.digest:
            return served_pipeline(first, topics, CODECS[self._settings.compression])
        return SplitPipeline(first, of(self.split, second), self._settings.split_share)

    def _shadow_of(self, scorer: Scorer) -> Shadow | None:
        other = self.shadow.scorer if self.shadow is not None else None
        # A model has nothing to say beside itself, as when the one in the shadow was promoted.
        if other is None or other.digest == scorer.digest:
            return None
        return Shadow(other, self._policy, self._settings.shadow_share, self.pressed)


def _optional(role: Role, place: Path | None, check: Callable[[Scorer], None], trust: Trust) -> ServedBundle | None:
    if place is None:
        return None
    bundle = ServedBundle(role, place, check, trust)
    bundle.try_to_load()
    return bundle
