-- +goose Up
-- What people said of two records; append-only. same is 1 where they are one
-- person; undoes is 0, or the number of the decision that is taken back. reason
-- is encrypted. Records stand here by their refs: a graph that is read anew
-- finds them again.
CREATE TABLE decisions (
  seq      BIGID PRIMARY KEY,
  at       BIGINT NOT NULL,
  actor    TEXT NOT NULL,
  a_source TEXT NOT NULL,
  a_id     TEXT NOT NULL,
  b_source TEXT NOT NULL,
  b_id     TEXT NOT NULL,
  same     BIGINT NOT NULL,
  undoes   BIGINT NOT NULL,
  reason   BYTES NOT NULL
);

-- +goose Down
DROP TABLE decisions;
