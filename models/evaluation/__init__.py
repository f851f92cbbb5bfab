"""How good a bundle is on labelled texts, with intervals; nothing here draws numbers but from a seed."""
