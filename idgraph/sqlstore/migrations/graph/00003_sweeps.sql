-- How far the reading of a source has come in time, and what came of comparing
-- all of its records with those held. Times are 0 where there is none.

-- +goose Up
ALTER TABLE sources ADD COLUMN began BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN read_to BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN total BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN whole_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN swept_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN gone BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN missed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN missed_are TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN sweep_error TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE sources DROP COLUMN began;
ALTER TABLE sources DROP COLUMN read_to;
ALTER TABLE sources DROP COLUMN total;
ALTER TABLE sources DROP COLUMN whole_at;
ALTER TABLE sources DROP COLUMN swept_at;
ALTER TABLE sources DROP COLUMN gone;
ALTER TABLE sources DROP COLUMN missed;
ALTER TABLE sources DROP COLUMN missed_are;
ALTER TABLE sources DROP COLUMN sweep_error;
