-- Evidence, whole: what two records have in common weighs, and what follows.
-- Keys are the first eight bytes of keyed hashes.

-- +goose Up
-- a is the record whose ref comes first. weight is in hundredths of a bit, levels
-- a byte for each field. strong is 1 for what links unasked, decided 1 where a
-- person said that they are one, 2 where that they are two. rule is '' where
-- there is nothing but a person's word. customer is 0 where the two are not one
-- customer, review 0 where there is no question, else what its answer is worth.
CREATE TABLE edges (
  a            BIGINT NOT NULL,
  b            BIGINT NOT NULL,
  rule         TEXT NOT NULL,
  rule_version BIGINT NOT NULL,
  levels       BYTES NOT NULL,
  weight       BIGINT NOT NULL,
  strong       BIGINT NOT NULL,
  decided      BIGINT NOT NULL,
  since        BIGINT NOT NULL,
  customer     BIGINT NOT NULL,
  review       BIGINT NOT NULL,
  PRIMARY KEY (a, b)
) CLUSTERED;
CREATE INDEX edges_b ON edges (b);
CREATE INDEX edges_customer ON edges (customer) WHERE customer > 0;
CREATE INDEX edges_review ON edges (review, a, b) WHERE review > 0;

-- Who stands in a block of a combination, a name and a city, say. The blocks of
-- identifiers are their own table.
CREATE TABLE blocks (
  key BIGINT NOT NULL,
  rid BIGINT NOT NULL,
  PRIMARY KEY (key, rid)
) CLUSTERED;

-- Identifiers that are several people's.
CREATE TABLE shared (
  key BIGID PRIMARY KEY
);

-- Blocks over their cap: nobody is compared there. kind is an identifier's type,
-- or '' for a combination.
CREATE TABLE crowded (
  key     BIGID PRIMARY KEY,
  kind    TEXT NOT NULL,
  records BIGINT NOT NULL
);

-- Customers that reached a limit, and what it is worth to look at them.
CREATE TABLE frozen (
  customer BIGID PRIMARY KEY,
  since    BIGINT NOT NULL,
  review   BIGINT NOT NULL
);
CREATE INDEX frozen_review ON frozen (review, customer);

-- How often values occur, as weights go by it; the newest counts. body is encrypted.
CREATE TABLE snapshots (
  version BIGID PRIMARY KEY,
  at      BIGINT NOT NULL,
  records BIGINT NOT NULL,
  body    BYTES NOT NULL
);

CREATE INDEX identity_events_other ON identity_events (other, seq) WHERE other > 0;

-- +goose Down
DROP INDEX identity_events_other;
DROP TABLE snapshots;
DROP TABLE frozen;
DROP TABLE crowded;
DROP TABLE shared;
DROP TABLE blocks;
DROP TABLE edges;
