"""What every contract has in common: frozen, tolerant of newer writers, hashed by content."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


def _to_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


UtcDatetime = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""A moment. Input without an offset is refused; whatever the offset, it is kept in UTC."""


class Contract(BaseModel):
    """Base of all models that travel or are stored."""

    # "ignore": a worker of the old version must read what a newer one wrote, mid-deploy.
    model_config = ConfigDict(frozen=True, extra="ignore")


def content_hash(model: BaseModel) -> str:
    """Returns the SHA-256 (64 hex digits) of a model's canonical JSON: sorted keys, no spaces."""
    canonical = json.dumps(
        model.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
