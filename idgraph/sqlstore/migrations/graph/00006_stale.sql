-- +goose Up
-- stale is 1 for a record whose blocks and edges are not those of the rules in
-- force: it is put into its blocks when it, or one of its customer, is learnt.
ALTER TABLE records ADD COLUMN stale BIGINT NOT NULL DEFAULT 0;
UPDATE records SET stale = 1;
UPDATE sources SET cursor = '', complete = 0, began = 0;
-- Whose an identifier is that is more than one person's: see match.Mark.
ALTER TABLE shared ADD COLUMN mark BIGINT NOT NULL DEFAULT 2;
DROP TABLE links;

-- +goose Down
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
ALTER TABLE shared DROP COLUMN mark;
ALTER TABLE records DROP COLUMN stale;
