-- Times are milliseconds since 1970 (datetime(created_at / 1000, 'unixepoch') shows them), so that both databases share their statements.
CREATE TABLE jobs (
  id integer PRIMARY KEY AUTOINCREMENT,
  tenant text NOT NULL,
  submit_key text NOT NULL,
  kind text NOT NULL,
  payload text NOT NULL,
  priority integer NOT NULL,
  slot_kind text NOT NULL,
  state text NOT NULL CHECK (state IN
    ('validating', 'queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled', 'dead')),
  cancel_requested integer NOT NULL,
  pause_requested integer NOT NULL,
  epoch integer NOT NULL,
  attempt integer NOT NULL,
  fruitless_attempts integer NOT NULL,
  memory_reductions integer NOT NULL,
  progress integer NOT NULL,
  rank integer NOT NULL,
  due_at integer NOT NULL,
  lease_until integer,
  worker text,
  node text,
  slot integer,
  claim_token text,
  result text,
  failure_kind text,
  failure_message text,
  created_at integer NOT NULL,
  started_at integer,
  ended_at integer,
  last_event integer NOT NULL,
  UNIQUE (tenant, submit_key),
  CHECK ((state = 'running') = (lease_until IS NOT NULL)),
  CHECK ((state = 'succeeded') = (result IS NOT NULL))
);
CREATE INDEX jobs_waiting ON jobs (slot_kind, rank, id) WHERE state = 'queued';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_by_tenant ON jobs (tenant, id);

-- Who holds a slot: the job named, while it runs at that epoch.
CREATE TABLE job_slots (
  node text NOT NULL,
  slot_kind text NOT NULL,
  slot integer NOT NULL,
  job_id integer,
  epoch integer,
  PRIMARY KEY (node, slot_kind, slot)
);

CREATE TABLE job_events (
  job_id integer NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  sequence integer NOT NULL,
  kind text NOT NULL,
  message text NOT NULL,
  data text NOT NULL,
  at integer NOT NULL,
  batch text,
  PRIMARY KEY (job_id, sequence)
);

CREATE TABLE job_metrics (
  job_id integer NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  key text NOT NULL,
  step integer NOT NULL,
  value real NOT NULL,
  PRIMARY KEY (job_id, key, step)
);

CREATE TABLE job_checkpoints (
  job_id integer NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  step integer NOT NULL,
  location text NOT NULL,
  data text NOT NULL,
  epoch integer NOT NULL,
  at integer NOT NULL,
  PRIMARY KEY (job_id, step)
);
