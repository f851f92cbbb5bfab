"""Builds the compiled kernels. Where no C compiler is at hand the install succeeds, and Python serves in their place.

A kernel is C in which the loops stand, and a thin Cython module that binds it. Everything else of the package is
declared in pyproject.toml.
"""

import os
import platform

from Cython.Build import cythonize
from setuptools import Extension, setup

#: Module to its sources; headers that they include stand beside them.
KERNELS = {
    "sluicegate.agents.log.reading": ["reading.pyx", "parse.c", "crc32c.c"],
    "sluicegate.agents.log.writing": ["writing.pyx", "append.c"],
    "sluicegate.models.compiled.scoring": ["scoring.pyx"],
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
    return Extension(module, [f"{folder}/{source}" for source in sources], optional=True, **_options())


setup(
    ext_modules=cythonize(
        [_extension(module, sources) for module, sources in KERNELS.items()],
        build_dir="build/cython",
        compiler_directives={"language_level": 3, "boundscheck": False, "wraparound": False, "cdivision": True},
    )
)
