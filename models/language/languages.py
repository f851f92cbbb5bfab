"""Codes of languages: which may be configured, and what is said of others."""

import difflib
from collections.abc import Sequence

__all__ = ["LanguageError", "check_languages"]


class LanguageError(Exception):
    """Languages cannot be identified as configured; the message says what, where and what to do."""


def check_languages(languages: Sequence[str], known: Sequence[str]) -> None:
    """Check that every language is one of those that can be identified.

    Parameters
    ----------
    languages
        Primary subtags, as configured.
    known
        Those that can be identified.

    Raises
    ------
    LanguageError
        With every code that is none of them, what may have been meant, and what is allowed.
    """
    wrong = [language for language in dict.fromkeys(languages) if language not in known]
    if not wrong:
        return
    named = []
    for language in wrong:
        primary = language.replace("_", "-").partition("-")[0].lower()
        close = [primary] if primary in known else difflib.get_close_matches(primary, known, n=1)
        named.append(repr(language) + (f" (did you mean {close[0]}?)" if close else ""))
    raise LanguageError(
        f"SLUICEGATE_LANGUAGES: {', '.join(named)} cannot be identified; give primary subtags, separated by commas, "
        f"of {', '.join(known)}"
    )
