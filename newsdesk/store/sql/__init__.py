"""The store's SQL: `queries/*.sql` (named queries) and `migrations/*.sql` (numbered)."""
