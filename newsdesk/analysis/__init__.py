from newsdesk.analysis.alerts import is_automated_alert as is_automated_alert
from newsdesk.analysis.builtin import BuiltinAnalyzer as BuiltinAnalyzer
