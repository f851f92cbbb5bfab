import numpy as np
from numpy.typing import NDArray

def columns(grams: list[str], size: int) -> NDArray[np.int64]: ...
