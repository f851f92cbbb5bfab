"""Fuzzes one target in this process, which the runner started with the sanitizers preloaded; never returns."""

import logging
import os
import sys

from tests.fuzz.sanitized import CACHE, SITE, Kernels

__all__: list[str] = []


def main(name: str, options: list[str]) -> None:
    """Try inputs until the fuzzer's options say to end."""
    # The children of this process are none of the fuzzer's.
    os.environ.pop("LD_PRELOAD", None)
    sys.path.append(str(SITE))
    sys.meta_path.insert(0, Kernels())
    import atheris

    with atheris.instrument_imports(include=["sluicegate"]):
        from tests.fuzz.target import load

        target = load(name)
    for module in target.modules:
        # Else the ordinary kernel would be tried, in which nothing is seen.
        assert str(sys.modules[module].__file__).startswith(str(CACHE)), f"{module} is not built with sanitizers"
    # What is refused is told, a thousand times a second.
    logging.getLogger("sluicegate").setLevel(logging.CRITICAL)
    atheris.Setup([sys.argv[0], *options], target.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
