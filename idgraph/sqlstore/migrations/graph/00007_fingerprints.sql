-- +goose Up
-- Fingerprints are under the keys that a rekey replaces: records are read anew,
-- as they are when rules change.
DELETE FROM meta WHERE name = 'rules';

-- +goose Down
DELETE FROM meta WHERE name = 'rules';
