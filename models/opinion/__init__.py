"""A second opinion: a small sentence encoder on CPU that scores again what the model is unsure of.

Optional: it needs the extra ``opinion`` and weights from a path. Nothing here is fetched.
"""
