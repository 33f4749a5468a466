"""The only reader of the environment: strict, once, at the start of a process."""

from newsdesk.settings.declared import DATABASE_URL as DATABASE_URL
from newsdesk.settings.declared import SETTINGS as SETTINGS
from newsdesk.settings.declared import TEMPORAL_UI_URL as TEMPORAL_UI_URL
from newsdesk.settings.loading import STATE_DEFAULT as STATE_DEFAULT
from newsdesk.settings.loading import Settings as Settings
from newsdesk.settings.loading import current_environment as current_environment
from newsdesk.settings.loading import names_temporal as names_temporal
from newsdesk.settings.loading import parse_env_file as parse_env_file
from newsdesk.settings.models import BUILTIN as BUILTIN
from newsdesk.settings.models import ModelSettings as ModelSettings
from newsdesk.settings.values import STATE_ENV_FILE as STATE_ENV_FILE
from newsdesk.settings.values import Price as Price
from newsdesk.settings.values import Setting as Setting
