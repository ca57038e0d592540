-- What is no cache of anything: consent, audit, and how far numbers have been
-- given out. BYTES and BIGID are spelt per database: see dialect.go, which also
-- holds the triggers that keep consent_events and audit_entries append-only.

-- +goose Up
CREATE TABLE ledger_meta (
  name  TEXT PRIMARY KEY,
  value BYTES NOT NULL
);

-- digest is over everything but seq and recorded_at: an event that comes again is the same one.
CREATE TABLE consent_events (
  seq         BIGID PRIMARY KEY,
  source      TEXT NOT NULL,
  id          TEXT NOT NULL,
  purpose     TEXT NOT NULL,
  state       TEXT NOT NULL,
  at          BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  held_by     TEXT NOT NULL,
  method      TEXT NOT NULL,
  notice      TEXT NOT NULL,
  valid_until BIGINT,
  digest      BYTES NOT NULL UNIQUE
);
CREATE INDEX consent_events_ref ON consent_events (source, id, seq);

CREATE TABLE audit_entries (
  seq       BIGID PRIMARY KEY,
  at        BIGINT NOT NULL,
  who       TEXT NOT NULL,
  role      TEXT NOT NULL,
  purpose   TEXT NOT NULL,
  operation TEXT NOT NULL,
  digest    TEXT NOT NULL,
  policy    TEXT NOT NULL,
  subjects  TEXT NOT NULL,
  fields    TEXT NOT NULL,
  calls     BIGINT NOT NULL,
  lookup    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE audit_entries;
DROP TABLE consent_events;
DROP TABLE ledger_meta;
