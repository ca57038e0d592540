-- +goose Up
-- What a source must be asked by where its ids won't do (a login), encrypted;
-- NULL where the id does. The sources are read anew, so that it is learnt.
ALTER TABLE records ADD COLUMN lookup BYTES;
UPDATE sources SET cursor = '', complete = 0;

-- +goose Down
ALTER TABLE records DROP COLUMN lookup;
