"""What a driver step is: a function over small tables, or one that changes its table in place.

Apart from the steps themselves, whose libraries take a second to import: a command that computes
nothing, such as a rollback, must not wait for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

# The input tables by the models' names, whose rows come in no order, and the dbt vars; the result
# has the columns that the source describes. It depends on nothing else: no clock, no file, no
# chance without a seed.
Computation = Callable[[Mapping[str, pa.Table], Mapping[str, Any]], pa.Table]


@dataclass(frozen=True)
class Update:
    """A step that changes its table in place, because computing all of it costs too much.

    `apply` gets a connection in a transaction, with the inputs as views of the models' names and
    the work database as `warehouse`, and the table's full name. What it keeps for the next time
    lies in the schema `steps` of the work database, and may be lost: the result is that of a
    computation from the inputs alone.
    """

    apply: Callable[[duckdb.DuckDBPyConnection, str], None]


Step = Computation | Update
