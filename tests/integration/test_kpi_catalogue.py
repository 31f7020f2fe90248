"""The catalogue against the components that the models make, and a KPI added by one row."""

import csv
from datetime import date
from typing import Any

import pytest
import yaml

from orchestration.settings import PROJECT_ROOT
from tests.integration.house import House
from tests.model_sql import build, compile_models, fill, memory_warehouse

KPI_SEEDS = PROJECT_ROOT / "seeds" / "kpis"


@pytest.fixture(scope="module")
def components() -> dict[str, dict[str, Any]]:
    """What the catalogue's seed says of each component."""
    declared = yaml.safe_load((KPI_SEEDS / "_kpis__seeds.yml").read_text())["seeds"]
    (catalogue,) = (seed for seed in declared if seed["name"] == "kpi_catalogue")
    found: dict[str, dict[str, Any]] = catalogue["config"]["meta"]["components"]
    return found


def test_a_component_is_known_by_what_the_seed_says(
    demo: House, components: dict[str, dict[str, Any]]
) -> None:
    made: dict[str, set[str]] = {}
    for component, dimension in demo.warehouse(
        "select distinct component, dimension from intermediate.int_kpi__components_by_period"
    ):
        made.setdefault(component, set()).add(dimension)
    # The demo sets targets of revenue for the whole, its teams and its reps only.
    made["revenue_target"] |= {"country", "segment", "channel", "campaign", "product_category"}
    assert made == {name: set(known["known_by"]) for name, known in components.items()}


def test_what_adds_up_comes_by_day_and_nothing_else_does(
    demo: House, components: dict[str, dict[str, Any]]
) -> None:
    daily = demo.warehouse(
        "select distinct component from intermediate.int_kpi__components_daily order by all"
    )
    assert daily == sorted((name,) for name, known in components.items() if known["adds_up"])


def test_what_changes_a_component_is_what_the_seed_says(
    demo: House, components: dict[str, dict[str, Any]]
) -> None:
    made = demo.warehouse(
        "select distinct component, is_less_refunds, is_to_date, is_state "
        "from intermediate.int_kpi__component_tables order by all"
    )
    assert made == sorted(
        (name, *(known.get(flag, False) for flag in ("less_refunds", "to_date", "state")))
        for name, known in components.items()
    )


def test_every_kpi_of_the_demo_company_has_a_value_and_an_objective(demo: House) -> None:
    assert (
        demo.published(
            "select kpi_id from kpi.kpi_definitions where not is_measurable or not has_objective"
        )
        == []
    )
    assert demo.published(
        "select count(*), count(distinct objective_id) from kpi.kpi_definitions"
    ) == [(34, 4)]


def test_a_kpi_is_known_by_each_dimension_that_it_names(demo: House) -> None:
    """The demo company has every dimension, so that none of a KPI's is empty for ever."""
    assert (
        demo.published(
            """
        with named as (
            select kpi_id, unnest(string_split(dimensions, '|')) as dimension
            from kpi.kpi_definitions
        )
        select kpi_id, dimension from named
        anti join (select distinct kpi_id, dimension from kpi.kpi_values where value is not null)
            using (kpi_id, dimension)
        where kpi_id <> 'sales_vs_target'
        order by all
        """
        )
        == []
    )


def test_one_row_adds_a_kpi() -> None:
    with (KPI_SEEDS / "kpi_catalogue.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    header = rows[0]
    added = dict.fromkeys(header, "x") | {
        "kpi_id": "orders_per_lead",
        "numerator": "orders",
        "denominator": "leads",
        "scale": "100",
        "grains": "month",
        "dimensions": "overall|country",
        "warn_at": "0.95",
        "alert_at": "0.85",
        "min_sample": "1",
        "is_selected": "true",
    }
    cost = added | {"kpi_id": "spend_per_lead", "numerator": "spend", "scale": "1"}
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    models = ("int_kpi__catalogue", "int_kpi__value_grid", "int_kpi__values")
    compiled = compile_models(models)
    with memory_warehouse() as made:
        types = {
            "scale": "decimal(18, 4)",
            "warn_at": "double",
            "alert_at": "double",
            "min_sample": "bigint",
        }
        fill(
            made,
            "seeds.kpi_catalogue",
            {name: types.get(name, "varchar") for name in header},
            [
                [value or None for value in row]
                for row in [*rows[1:], list(added.values()), list(cost.values())]
            ],
        )
        fill(
            made,
            "seeds.objectives",
            dict.fromkeys(("objective_id", "name_en", "name_fr", "owner"), "text"),
        )
        fill(
            made,
            "intermediate.int_core__periods",
            {
                "period_grain": "text",
                "period_start": "date",
                "period_end": "date",
                "previous_period_start": "date",
                "silent_days": "bigint",
                "is_complete": "boolean",
            },
            [("month", january, february, date(2025, 12, 1), 0, True)],
        )
        fill(
            made,
            "intermediate.int_kpi__targets_in_force",
            {
                "kpi_id": "text",
                "period_grain": "text",
                "period_start": "date",
                "dimension": "text",
                "segment": "text",
            },
        )
        fill(
            made,
            "intermediate.int_kpi__component_extents",
            {
                "component": "text",
                "maturity_days": "bigint",
                "first_date": "date",
                "needed_from": "date",
                "known_from": "date",
                "last_date": "date",
                "known_until": "date",
                "earned_until": "date",
                "data_until": "date",
                "rests_on_web": "boolean",
            },
            [
                (name, 0, january, None, january, january, february, None, february, False)
                for name in ("orders", "leads", "spend")
            ],
        )
        fill(
            made,
            "intermediate.int_kpi__components_by_period",
            {
                "component": "text",
                "period_grain": "text",
                "period_start": "date",
                "dimension": "text",
                "segment": "text",
                "amount": "decimal(28, 4)",
                "sample": "bigint",
                "is_of_one_table": "boolean",
            },
            [
                ("orders", "month", january, "overall", "all", 3, 3, True),
                ("orders", "month", january, "country", "FR", 3, 3, True),
                ("orders", "month", january, "channel", "Email", 3, 3, True),
                ("spend", "month", january, "overall", "all", 24, 1, True),
                ("spend", "month", january, "country", "FR", 24, 1, True),
                ("leads", "month", january, "overall", "all", 12, 12, True),
                ("leads", "month", january, "country", "FR", 8, 8, True),
                ("leads", "month", january, "country", "GB", 4, 4, True),
            ],
        )
        build(made, compiled)
        assert made.execute(
            "select dimension, segment, value, sample, has_data "
            "from warehouse.intermediate.int_kpi__values "
            "where kpi_id = 'orders_per_lead' order by all"
        ).fetchall() == [
            ("country", "FR", 37.5, 8, True),
            ("country", "GB", 0.0, 4, True),
            ("overall", "all", 25.0, 12, True),
        ]
        # Nobody billed anything in Britain: what a lead cost there is unknown, not nothing.
        assert made.execute(
            "select segment, value from warehouse.intermediate.int_kpi__values "
            "where kpi_id = 'spend_per_lead' order by all"
        ).fetchall() == [("FR", 3.0), ("GB", None), ("all", 2.0)]
        assert made.execute(
            "select is_additive from warehouse.intermediate.int_kpi__catalogue "
            "where kpi_id = 'orders_per_lead'"
        ).fetchall() == [(True,)]
