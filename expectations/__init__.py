"""What must be true of a release before anybody reads it; imports neither dagster nor dbt."""
