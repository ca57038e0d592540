-- One row for each ref, by an index of its own: a build makes it when all rows
-- are written.

-- +goose Up
CREATE TABLE records_anew (
  rid         BIGID PRIMARY KEY,
  source      TEXT NOT NULL,
  id          TEXT NOT NULL,
  customer    BIGINT NOT NULL,
  origin      BIGINT NOT NULL,
  key_id      TEXT NOT NULL,
  fingerprint BYTES NOT NULL,
  features    BYTES NOT NULL,
  lookup      BYTES,
  stale       BIGINT NOT NULL DEFAULT 0
);
INSERT INTO records_anew (rid, source, id, customer, origin, key_id, fingerprint, features, lookup, stale)
  SELECT rid, source, id, customer, origin, key_id, fingerprint, features, lookup, stale FROM records ORDER BY rid;
DROP TABLE records;
ALTER TABLE records_anew RENAME TO records;
CREATE UNIQUE INDEX records_ref ON records (source, id);
CREATE INDEX records_customer_source ON records (customer, source);

-- +goose Down
CREATE TABLE records_anew (
  rid         BIGID PRIMARY KEY,
  source      TEXT NOT NULL,
  id          TEXT NOT NULL,
  customer    BIGINT NOT NULL,
  origin      BIGINT NOT NULL,
  key_id      TEXT NOT NULL,
  fingerprint BYTES NOT NULL,
  features    BYTES NOT NULL,
  lookup      BYTES,
  stale       BIGINT NOT NULL DEFAULT 0,
  UNIQUE (source, id)
);
INSERT INTO records_anew (rid, source, id, customer, origin, key_id, fingerprint, features, lookup, stale)
  SELECT rid, source, id, customer, origin, key_id, fingerprint, features, lookup, stale FROM records ORDER BY rid;
DROP TABLE records;
ALTER TABLE records_anew RENAME TO records;
CREATE INDEX records_customer_source ON records (customer, source);
