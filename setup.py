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

#: The folding without its binding, which other kernels call as well.
FOLDING = [
    *["fold_characters.c", "fold_memory.c", "fold_normal.c", "fold_pieces.c", "fold_references.c", "fold_special.c"],
    *["fold_text.c", "fold_token.c", "fold_words.c"],
]

#: Module to its sources; headers that they include stand beside them.
KERNELS = {
    "sluicegate.models.compiled.folding": ["folding.pyx", *FOLDING],
    "sluicegate.models.compiled.scoring": ["scoring.pyx"],
}

#: Where headers are put that the build makes of Unicode's data.
GENERATED = Path("build/generated")

#: As `SLUICEGATE_SANITIZE=address,undefined` for a build that fuzzing runs on.
_SANITIZERS = os.environ.get("SLUICEGATE_SANITIZE")


def _options() -> dict[str, list[str]]:
    if platform.system() == "Windows":
        return {"extra_compile_args": ["/O2"]}
    if _SANITIZERS:
        flags = [f"-fsanitize={_SANITIZERS}", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all"]
        return {"extra_compile_args": ["-O1", "-g", *flags], "extra_link_args": flags}
    return {
        "extra_compile_args": ["-O3", "-fvisibility=hidden", "-std=c11", "-Wall", "-Wextra", "-Wno-unused-parameter"]
    }


def _extension(module: str, sources: list[str]) -> Extension:
    folder = "src/" + module.rpartition(".")[0].replace(".", "/")
    return Extension(
        module,
        [f"{folder}/{source}" for source in sources],
        include_dirs=[str(GENERATED)],
        depends=[*map(str, Path(folder).glob("*.h")), *map(str, GENERATED.glob("*.h"))],
        optional=True,
        **_options(),
    )


_tables = runpy.run_path("models/compiled/tables.py")
_tables["write"](GENERATED / "fold_tables.h", Path("models/folding/tables.json"))

setup(
    ext_modules=cythonize(
        [_extension(module, sources) for module, sources in KERNELS.items()],
        build_dir="build/cython",
        compiler_directives={"language_level": 3, "boundscheck": False, "wraparound": False, "cdivision": True},
    )
)
