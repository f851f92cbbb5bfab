"""Builds the compiled kernels. Where no C compiler is at hand the install succeeds, and Python serves in their place.

A kernel is C in which the loops stand, and a thin Cython module that binds it. Everything else of the package is
declared in pyproject.toml.
"""

import os
import platform
import runpy
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

#: Module to its sources; headers that they include stand beside them.
KERNELS = {
    "sluicegate.agents.log.reading": ["reading.pyx", "parse.c", "crc32c.c"],
    "sluicegate.models.compiled.scoring": ["scoring.pyx", "grams.c", "linear.c", "fold_stub.c"],
    "sluicegate.models.compiled.languages": ["languages.pyx", "identifying.c"],
    "sluicegate.schemas.columns.reading": ["reading.pyx", "event_json.c", "cursor.c"],
    "sluicegate.schemas.columns.numbering": ["numbering.pyx", "distinct.c"],
}

#: Headers that are made of what the building Python knows of Unicode: name to the file that writes it.
MADE = {
    "word_characters.h": "models/compiled/word_characters.py",
}

#: As `SLUICEGATE_SANITIZE=address,undefined` for a build that fuzzing runs on.
_SANITIZERS = os.environ.get("SLUICEGATE_SANITIZE")

_BUILD = Path("build/kernels")


def _options() -> dict[str, list[str]]:
    if platform.system() == "Windows":
        return {"extra_compile_args": ["/O2"]}
    if _SANITIZERS:
        flags = [f"-fsanitize={_SANITIZERS}", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all"]
        return {"extra_compile_args": ["-O1", "-g", *flags], "extra_link_args": flags}
    return {"extra_compile_args": ["-O3", "-fvisibility=hidden", "-std=c11", "-Wall", "-Wextra"]}


def _extension(module: str, sources: list[str]) -> Extension:
    folder = Path("src") / module.rpartition(".")[0].replace(".", "/")
    depends = [str(header) for header in sorted(folder.glob("*.h"))]
    return Extension(
        module,
        [str(folder / source) for source in sources],
        include_dirs=[str(folder), str(_BUILD)],
        depends=depends,
        optional=True,
        **_options(),
    )


def _make_headers() -> None:
    _BUILD.mkdir(parents=True, exist_ok=True)
    for name, script in MADE.items():
        (_BUILD / name).write_text(runpy.run_path(script)["header"](), encoding="ascii")


_make_headers()
setup(
    ext_modules=cythonize(
        [_extension(module, sources) for module, sources in KERNELS.items()],
        build_dir=str(_BUILD),
        compiler_directives={"language_level": 3, "boundscheck": False, "wraparound": False, "cdivision": True},
    )
)
