-- Who is who. BYTES, BIGID and CLUSTERED are spelt per database: see dialect.go.
-- Whatever tells about a person is a keyed hash or encrypted; a record's key_id
-- says under which keys its row and its identifiers are.

-- +goose Up
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value BYTES NOT NULL
);

-- A customer without records has been merged into another, or is gone.
CREATE TABLE customers (
  id          BIGID PRIMARY KEY,
  since       BIGINT NOT NULL,
  records     BIGINT NOT NULL,
  merged_into BIGINT
);
CREATE INDEX customers_living ON customers (id) WHERE records > 0;
CREATE INDEX customers_merged ON customers (merged_into) WHERE merged_into IS NOT NULL;

-- origin is the first customer that the record belonged to: where a merge is
-- undone, redirects follow it.
CREATE TABLE records (
  rid         BIGID PRIMARY KEY,
  source      TEXT NOT NULL,
  id          TEXT NOT NULL,
  customer    BIGINT NOT NULL,
  origin      BIGINT NOT NULL,
  key_id      TEXT NOT NULL,
  fingerprint BYTES NOT NULL,
  features    BYTES NOT NULL,
  UNIQUE (source, id)
);
CREATE INDEX records_customer ON records (customer);

CREATE TABLE identifiers (
  hash BYTES NOT NULL,
  rid  BIGINT NOT NULL,
  PRIMARY KEY (hash, rid)
) CLUSTERED;

-- a is the record whose ref comes first.
CREATE TABLE links (
  a            BIGINT NOT NULL,
  b            BIGINT NOT NULL,
  rule         TEXT NOT NULL,
  rule_version BIGINT NOT NULL,
  since        BIGINT NOT NULL,
  customer     BIGINT NOT NULL,
  PRIMARY KEY (a, b, rule)
) CLUSTERED;
CREATE INDEX links_customer ON links (customer);

CREATE TABLE sources (
  source   TEXT PRIMARY KEY,
  cursor   TEXT NOT NULL,
  complete BIGINT NOT NULL,
  records  BIGINT NOT NULL,
  at       BIGINT NOT NULL,
  error    TEXT NOT NULL
);

-- The last number given out, by kind: numbers are never given out twice.
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  last BIGINT NOT NULL
);

-- What became of customers and links; append-only. Records stand here by
-- number only: once they are deleted, nothing is left of them.
CREATE TABLE identity_events (
  seq          BIGID PRIMARY KEY,
  at           BIGINT NOT NULL,
  kind         TEXT NOT NULL,
  customer     BIGINT NOT NULL,
  other        BIGINT NOT NULL,
  a            BIGINT NOT NULL,
  b            BIGINT NOT NULL,
  rule         TEXT NOT NULL,
  rule_version BIGINT NOT NULL,
  cause        TEXT NOT NULL
);
CREATE INDEX identity_events_customer ON identity_events (customer, seq);

-- +goose Down
DROP TABLE identity_events;
DROP TABLE counters;
DROP TABLE sources;
DROP TABLE links;
DROP TABLE identifiers;
DROP TABLE records;
DROP TABLE customers;
DROP TABLE meta;
