"""Builds the compiled kernels. Where no C compiler is at hand the install succeeds, and Python serves in their place.

A kernel is C in which the loops stand, and a thin Cython module that binds it. Everything else of the package is
declared in pyproject.toml.
"""

import os
import platform
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

#: Module to its sources; headers that they include stand beside them.
KERNELS = {
    "sluicegate.models.compiled.scoring": ["scoring.pyx"],
    "sluicegate.schemas.columns.reading": ["reading.pyx", "event_json.c", "cursor.c"],
    "sluicegate.agents.encoded.writing": ["writing.pyx", "values.c", "put.c", "name_hash.c"],
}

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
    # A source distribution has what is named here, and a change of a header builds its kernel again.
    read = sorted(str(path) for pattern in ("*.h", "*.pyx") for path in Path(folder).glob(pattern))
    return Extension(module, [f"{folder}/{source}" for source in sources], depends=read, optional=True, **_options())


setup(
    ext_modules=cythonize(
        [_extension(module, sources) for module, sources in KERNELS.items()],
        build_dir="build/cython",
        compiler_directives={"language_level": 3, "boundscheck": False, "wraparound": False, "cdivision": True},
    )
)
