"""How values and failures are written into histories."""

import dataclasses

from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DefaultFailureConverter, PayloadConverter
from temporalio.exceptions import FailureError


class PlainFailureConverter(DefaultFailureConverter):
    """Leaves the stack trace out of failures that were raised on purpose.

    It would tell where we raise them, with this machine's paths, and push what happened out of
    sight in the Web UI. A bug keeps its trace.
    """

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        """Writes an exception into a failure."""
        super().to_failure(exception, payload_converter, failure)
        if isinstance(exception, FailureError):
            failure.stack_trace = ""


data_converter = dataclasses.replace(
    pydantic_data_converter, failure_converter_class=PlainFailureConverter
)
"""What every client of ours writes with."""
