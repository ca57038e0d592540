-- +goose Up
-- When a record or a link of the customer last changed, and what lists of
-- customers go by.
ALTER TABLE customers ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
UPDATE customers SET changed = since;
CREATE INDEX customers_since ON customers (since, id) WHERE records > 0;
CREATE INDEX customers_changed ON customers (changed, id) WHERE records > 0;
CREATE INDEX records_customer_source ON records (customer, source);
DROP INDEX records_customer;

-- +goose Down
CREATE INDEX records_customer ON records (customer);
DROP INDEX records_customer_source;
DROP INDEX customers_changed;
DROP INDEX customers_since;
ALTER TABLE customers DROP COLUMN changed;
