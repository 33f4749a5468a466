"""Contracts evolve by adding: what the ledger holds is never renamed, retyped or removed.

After adding a field with a default, write the ledger anew:
    python -m tests.architecture.test_contracts
"""

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import newsdesk.contracts
from newsdesk.contracts.base import Contract

LEDGER = Path(__file__).with_name("contract_ledger.json")


def contracts() -> list[type[Contract]]:
    """Returns every contract class, by name."""
    found = {
        value.__name__: value
        for module in pkgutil.iter_modules(newsdesk.contracts.__path__)
        for value in vars(importlib.import_module(f"newsdesk.contracts.{module.name}")).values()
        if isinstance(value, type) and issubclass(value, Contract) and value is not Contract
    }
    return [found[name] for name in sorted(found)]


def shapes() -> dict[str, dict[str, Any]]:
    """Returns, by contract, its fields' types and whether each is required."""
    return {contract.__name__: _shape(contract) for contract in contracts()}


def _shape(contract: type[Contract]) -> dict[str, Any]:
    """Returns the fields as JSON schema sees them: what is on the wire, not how Python says it."""
    schema = contract.model_json_schema()
    return {
        name: {
            "type": {key: part[key] for key in sorted(set(part) - {"title", "default"})},
            "required": name in schema.get("required", []),
        }
        for name, part in schema.get("properties", {}).items()
    }


def broken(old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> list[str]:
    """Returns what a reader of the old form would trip over."""
    found: list[str] = []
    for name, fields in old.items():
        if name not in new:
            found.append(f"{name} is gone")
            continue
        for field, shape in fields.items():
            if new[name].get(field, {}).get("type") != shape["type"]:
                found.append(f"{name}.{field} was {shape['type']}")
        added = set(new[name]) - set(fields)
        found += [
            f"{name}.{field} needs a default" for field in added if new[name][field]["required"]
        ]
    return sorted(found)


def test_contracts_only_grow() -> None:
    assert broken(json.loads(LEDGER.read_text(encoding="utf-8")), shapes()) == []


def test_the_ledger_is_up_to_date() -> None:
    assert json.loads(LEDGER.read_text(encoding="utf-8")) == shapes(), __doc__


def test_a_broken_contract_is_noticed() -> None:
    old = {"A": {"x": {"type": "int", "required": True}}, "B": {}}
    new = {"A": {"x": {"type": "str", "required": True}, "y": {"type": "int", "required": True}}}
    assert broken(old, new) == ["A.x was int", "A.y needs a default", "B is gone"]


if __name__ == "__main__":
    LEDGER.write_text(json.dumps(shapes(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
