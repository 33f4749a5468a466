"""`newsdesk db migrate|status`: the schema of the database."""

import argparse
import asyncio
from pathlib import Path

from newsdesk.settings import STATE_DEFAULT, Settings, current_environment


def configure_parser(parser: argparse.ArgumentParser) -> None:
    """Adds the sub-commands of `newsdesk db`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, text in (
        ("migrate", "apply the migrations that are missing"),
        ("status", "list the migrations and when each was applied; exit code 1 if one is missing"),
    ):
        action = actions.add_parser(name, help=text, description=f"{text.capitalize()}.")
        action.add_argument(
            "--state",
            type=Path,
            default=STATE_DEFAULT,
            metavar="DIR",
            help="folder of `newsdesk dev` (default: %(default)s)",
        )
        action.set_defaults(parser=action)


def run(args: argparse.Namespace) -> int:
    """Migrates or lists; returns the exit code (status: 1 where a migration is missing)."""
    from newsdesk.store import migrations

    url = Settings.load(current_environment(), args.state).require_database_url()
    if args.action == "migrate":
        applied = asyncio.run(migrations.migrate(url))
        for name in applied:
            print(f"applied {name}")
        if not applied:
            print("nothing to apply: the database is up to date")
        return 0
    found = asyncio.run(migrations.status(url))
    for migration in found:
        at = migration.applied_at
        print(f"{migration.name}  {'missing' if at is None else at.isoformat(timespec='seconds')}")
    return 1 if any(migration.applied_at is None for migration in found) else 0
