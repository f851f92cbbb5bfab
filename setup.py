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

#: Files whose change calls for a new build, beside the sources or in a folder.
_DEPENDS = [("", "*.h"), ("", "*.pyx"), (str(GENERATED), "*.h")]

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
        # Bindings as well, which a source distribution would lack: what is compiled of them is C that is made here.
        depends=[str(path) for place, name in _DEPENDS for path in sorted(Path(place or folder).glob(name))],
        optional=True,
        **_options(),
    )


_MODELS = Path("src/sluicegate/models")
_tables = runpy.run_path(str(_MODELS / "compiled/tables.py"))
_tables["write"](GENERATED / "fold_tables.h", _MODELS / "folding/tables.json")

setup(
    ext_modules=cythonize(
        [_extension(module, sources) for module, sources in KERNELS.items()],
        build_dir="build/cython",
        compiler_directives={"language_level": 3, "boundscheck": False, "wraparound": False, "cdivision": True},
    )
)
