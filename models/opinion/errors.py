"""What can be wrong with a second opinion."""


class OpinionError(Exception):
    """A second opinion or its encoder is refused; the message is one sentence: what, where, and what to do."""


class OtherModelError(OpinionError):
    """A second opinion was trained beside another model than the one that is served."""
