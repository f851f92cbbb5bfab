"""Names of languages for readers; of others the tag itself stands."""

from typing import Final

__all__ = ["language_name"]

_NAMES: Final = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "tr": "Turkish",
    "und": "texts of unknown language",
    "zh": "Chinese",
}


def language_name(tag: str) -> str:
    """Return the English name of a language tag, or the tag."""
    return _NAMES.get(tag.lower(), tag)
