import pyarrow as pa
import pytest

from tests.model_sql import CompiledModels, empty

AS_OF = "2026-01-11T00:00:00"
# As the small cases need them: days are UTC's, it is 11 January.
SMALL_VARIABLES = {
    "as_of": AS_OF,
    "business_timezone": "UTC",
    "funnel_try_days": 1,
    "funnel_friction_min_people": 1,
    "funnel_friction_z": 1.959963984540054,
}


NO_VISITS = empty(
    session_key=pa.int64(),
    channel=pa.string(),
    campaign=pa.string(),
    device=pa.string(),
    country=pa.string(),
    segment=pa.string(),
    visitor_type=pa.string(),
)
NO_SALES = empty(
    entity_type=pa.string(),
    entity_key=pa.int64(),
    channel=pa.string(),
    campaign=pa.string(),
    country=pa.string(),
    segment=pa.string(),
    product=pa.string(),
    lead_source=pa.string(),
    rep=pa.string(),
    team=pa.string(),
)


@pytest.fixture(scope="session")
def small_funnels() -> CompiledModels:
    """Conversion and tries."""
    return CompiledModels(["funnel_conversion", "int_funnel__step_tries"], SMALL_VARIABLES)


@pytest.fixture(scope="session")
def small_friction() -> CompiledModels:
    """Friction with 95 % intervals, of however few people."""
    return CompiledModels(["funnel_friction"], SMALL_VARIABLES)


@pytest.fixture(scope="session")
def demo_friction() -> CompiledModels:
    """Friction with the vars that ship, on the demo company's clock."""
    return CompiledModels(["funnel_friction"], {"as_of": "2026-06-30T22:00:00"})
