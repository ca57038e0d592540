package sqlstore

import (
	"encoding/json"
	"fmt"

	"customer360/idgraph/match"
)

const (
	selectVersion  = `SELECT COALESCE(MAX(version), 0) FROM snapshots`
	selectSnapshot = `SELECT body FROM snapshots WHERE version = ?`
	insertSnapshot = `INSERT INTO snapshots (version, at, records, body) VALUES (?, ?, ?, ?)`
)

// newRules are rules under a snapshot, with the store's own keys.
func (d *DB) newRules(s *match.Snapshot) *match.Rules {
	return match.NewRules(d.weights, s, d.hash)
}

// hash makes the keys of blocks: the first bytes of keyed hashes.
func (d *DB) hash(kind, text string) uint64 { return hashOf(d.ring.Hash(kind, text)) }

// rulesInForce are those of the newest snapshot.
func (d *DB) rulesInForce(s *scope) (*match.Rules, error) {
	var version int
	if err := s.get(&version, selectVersion); err != nil {
		return nil, fmt.Errorf("read the snapshot's version: %w", err)
	}
	if rules := d.inForce.Load(); rules.Snapshot().Version == version {
		return rules, nil
	}
	var body []byte
	if err := s.get(&body, selectSnapshot, version); err != nil {
		return nil, fmt.Errorf("read snapshot %d: %w", version, err)
	}
	snapshot, err := d.openSnapshot(version, body)
	if err != nil {
		return nil, err
	}
	rules := d.newRules(snapshot)
	d.inForce.Store(rules)
	return rules, nil
}

// keepSnapshot writes a snapshot, whose version must be above all there are.
// Everything compared under an older one must be compared anew.
func (d *DB) keepSnapshot(s *scope, snapshot *match.Snapshot) error {
	plain, err := json.Marshal(snapshot)
	if err != nil {
		return err
	}
	body, err := d.ring.Encrypt(plain, snapshotPlace(snapshot.Version))
	if err != nil {
		return fmt.Errorf("encrypt snapshot %d: %w", snapshot.Version, err)
	}
	return s.exec(insertSnapshot, snapshot.Version, stamp(d.now()), snapshot.Records, body)
}

func (d *DB) openSnapshot(version int, body []byte) (*match.Snapshot, error) {
	plain, err := d.ring.Decrypt(body, snapshotPlace(version))
	if err != nil {
		return nil, fmt.Errorf("snapshot %d: %w", version, err)
	}
	snapshot := &match.Snapshot{}
	if err := json.Unmarshal(plain, snapshot); err != nil || snapshot.Version != version {
		return nil, fmt.Errorf("snapshot %d: broken", version)
	}
	return snapshot, nil
}

// snapshotPlace is what a snapshot is bound to.
func snapshotPlace(version int) []byte { return fmt.Appendf(nil, "snapshot\x00%d", version) }
