"""Looks after what is not ours: the packages that are pinned, what is known against them, and the list of them all."""
