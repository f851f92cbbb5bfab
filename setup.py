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
    "sluicegate.agents.encoded.writing": ["writing.pyx", "values.c", "put.c", "name_hash.c"],
    "sluicegate.agents.log.reading": ["reading.pyx", "parse.c", "crc32c.c"],
    "sluicegate.agents.log.writing": ["writing.pyx", "append.c"],
    "sluicegate.models.compiled.folding": ["folding.pyx", *FOLDING],
    "sluicegate.models.compiled.languages": ["languages.pyx", "identifying.c"],
    "sluicegate.models.compiled.scoring": ["scoring.pyx", "grams.c", "linear.c", *FOLDING],
    "sluicegate.schemas.columns.numbering": ["numbering.pyx", "distinct.c"],
    "sluicegate.schemas.columns.reading": ["reading.pyx", "event_json.c", "cursor.c"],
}

#: As `SLUICEGATE_SANITIZE=address,undefined` for a build that fuzzing runs on.
_SANITIZERS = os.environ.get("SLUICEGATE_SANITIZE")

#: Where headers are put that the build makes of what the building Python knows of Unicode.
_GENERATED = Path("build/generated")


def _options() -> dict[str, list[str]]:
    if platform.system() == "Windows":
        return {"extra_compile_args": ["/O2"]}
    if _SANITIZERS:
        # Not linked with their runtime, of which a process can have one only: that of the fuzzer, which is preloaded.
        flags = [f"-fsanitize={_SANITIZERS}", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all"]
        return {"extra_compile_args": ["-O1", "-g", *flags]}
    warned = ["-Wall", "-Wextra", "-Wno-unused-parameter"]
    return {"extra_compile_args": ["-O3", "-fvisibility=hidden", "-std=c11", *warned]}


def _extension(module: str, sources: list[str]) -> Extension:
    folder = Path("src") / module.rpartition(".")[0].replace(".", "/")
    # A source distribution has what is named here, and a change of a header builds its kernel again.
    read = [path for pattern in ("*.h", "*.pyx") for path in folder.glob(pattern)]
    if folder.name == "compiled":
        read += _GENERATED.glob("*.h")
    return Extension(
        module,
        [str(folder / source) for source in sources],
        include_dirs=[str(_GENERATED)],
        depends=sorted(map(str, read)),
        **_options(),
    )


def _make_headers() -> None:
    _GENERATED.mkdir(parents=True, exist_ok=True)
    tables = runpy.run_path("models/compiled/tables.py")
    tables["write"](_GENERATED / "fold_tables.h", Path("models/folding/tables.json"))
    words, header = _GENERATED / "word_characters.h", runpy.run_path("models/compiled/word_characters.py")["header"]()
    # A header that is as it was must not build its kernels again.
    if not words.exists() or words.read_text(encoding="ascii") != header:
        words.write_text(header, encoding="ascii")


_make_headers()
MODULES = cythonize(
    [_extension(module, sources) for module, sources in KERNELS.items()],
    build_dir="build/cython",
    compiler_directives={"language_level": 3, "boundscheck": False, "wraparound": False, "cdivision": True},
)
for module in MODULES:
    # Said here, since Cython makes extensions of its own of those that it is given, and forgets it.
    module.optional = True
setup(ext_modules=MODULES)
