-- Times are milliseconds since 1970 (to_timestamp(created_at / 1000.0) shows them), so that both databases share their statements.
CREATE TABLE jobs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text NOT NULL,
  submit_key text NOT NULL,
  kind text NOT NULL,
  payload text NOT NULL,
  priority integer NOT NULL,
  slot_kind text NOT NULL,
  state text NOT NULL CHECK (state IN
    ('validating', 'queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled', 'dead')),
  cancel_requested boolean NOT NULL,
  pause_requested boolean NOT NULL,
  epoch bigint NOT NULL,
  attempt integer NOT NULL,
  fruitless_attempts integer NOT NULL,
  memory_reductions integer NOT NULL,
  progress bigint NOT NULL,
  rank bigint NOT NULL,
  due_at bigint NOT NULL,
  lease_until bigint,
  worker text,
  node text,
  slot integer,
  claim_token text,
  result text,
  failure_kind text,
  failure_message text,
  created_at bigint NOT NULL,
  started_at bigint,
  ended_at bigint,
  last_event bigint NOT NULL,
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
  job_id bigint,
  epoch bigint,
  PRIMARY KEY (node, slot_kind, slot)
);

CREATE TABLE job_events (
  job_id bigint NOT NULL REFERENCES jobs ON DELETE CASCADE,
  sequence bigint NOT NULL,
  kind text NOT NULL,
  message text NOT NULL,
  data text NOT NULL,
  at bigint NOT NULL,
  batch text,
  PRIMARY KEY (job_id, sequence)
);

CREATE TABLE job_metrics (
  job_id bigint NOT NULL REFERENCES jobs ON DELETE CASCADE,
  key text NOT NULL,
  step bigint NOT NULL,
  value double precision NOT NULL,
  PRIMARY KEY (job_id, key, step)
);

CREATE TABLE job_checkpoints (
  job_id bigint NOT NULL REFERENCES jobs ON DELETE CASCADE,
  step bigint NOT NULL,
  location text NOT NULL,
  data text NOT NULL,
  epoch bigint NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (job_id, step)
);
