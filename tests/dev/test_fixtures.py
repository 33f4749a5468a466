import asyncpg
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from newsdesk.contracts.names import SEARCH_ATTRIBUTES


async def test_a_bare_database_is_empty_and_orders_by_code_point(bare_database_url: str) -> None:
    connection = await asyncpg.connect(bare_database_url)
    try:
        tables = await connection.fetchval(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        )
        ordered = await connection.fetch(
            "SELECT x FROM unnest(ARRAY['b', 'B', 'a', 'é', 'z']) AS x ORDER BY x"
        )
    finally:
        await connection.close()
    assert tables == 0
    assert [row["x"] for row in ordered] == ["B", "a", "b", "z", "é"]


async def test_temporal_keeps_histories_for_thirty_days(temporal_client: Client) -> None:
    answer = await temporal_client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace="default")
    )
    assert answer.config.workflow_execution_retention_ttl.ToTimedelta().days == 30


async def test_temporal_knows_our_search_attributes(temporal_client: Client) -> None:
    answer = await temporal_client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace="default")
    )
    assert set(SEARCH_ATTRIBUTES) <= set(answer.custom_attributes)
