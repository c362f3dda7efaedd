CREATE TABLE job_schedules (
  tenant text NOT NULL,
  name text NOT NULL,
  cron text NOT NULL,
  kind text NOT NULL,
  payload text NOT NULL,
  priority integer NOT NULL,
  slot_kind text NOT NULL,
  next_due integer,
  last_job_id integer,
  PRIMARY KEY (tenant, name)
);
CREATE INDEX job_schedules_due ON job_schedules (next_due);
