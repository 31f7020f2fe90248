"""Which function computes which derived table; a new one is a line here and a source in dbt."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

# The input tables by the models' names, whose rows come in no order, and the dbt vars; the result
# has the columns that the source describes. It depends on nothing else: no clock, no file, no
# chance without a seed.
Computation = Callable[[Mapping[str, pa.Table], Mapping[str, Any]], pa.Table]

COMPUTATIONS: Mapping[str, Computation] = {}
