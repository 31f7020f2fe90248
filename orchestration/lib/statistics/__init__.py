"""Estimates that are not SQL: pure functions over small aggregates, without Dagster or dbt."""
