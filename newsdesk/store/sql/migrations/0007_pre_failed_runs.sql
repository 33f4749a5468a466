-- Operators ask what failed; runs that completed, nearly all of them, need no entry.

CREATE INDEX runs_failed ON runs (completed_at) WHERE state = 'closed' AND status <> 'completed';
