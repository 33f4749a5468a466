"""Language models through litellm; the only home of litellm, which is imported when one is set."""

from newsdesk.llm.loading import close_litellm as close_litellm
from newsdesk.llm.opening import open_models as open_models
