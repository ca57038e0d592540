package sqlstore

import (
	"encoding/json"
	"fmt"

	"customer360/idgraph/match"
	"customer360/internal/keys"
)

const (
	selectVersion  = `SELECT COALESCE(MAX(version), 0) FROM snapshots`
	selectSnapshot = `SELECT body FROM snapshots WHERE version = ?`
	insertSnapshot = `INSERT INTO snapshots (version, at, records, body) VALUES (?, ?, ?, ?)`
)

// newRules are rules under a snapshot, whose keys are under a ring.
func (d *DB) newRules(s *match.Snapshot, ring *keys.Ring) *match.Rules {
	return match.NewRules(d.weights, s, hashUnder(ring))
}

// rulesInForce are those of the newest snapshot, by the index.
func (d *DB) rulesInForce(s *scope) (*match.Rules, keying, error) {
	k, err := d.keyingIn(s.each)
	if err != nil {
		return nil, k, err
	}
	rules, err := d.rulesUnder(s, k.index)
	return rules, k, err
}

func (d *DB) rulesUnder(s *scope, ring *keys.Ring) (*match.Rules, error) {
	var version int
	if err := s.get(&version, selectVersion); err != nil {
		return nil, fmt.Errorf("read the snapshot's version: %w", err)
	}
	if rules := d.inForce.Load(); rules.ring == ring && rules.Snapshot().Version == version {
		return rules.Rules, nil
	}
	if version == 0 {
		rules := d.newRules(match.NoSnapshot(), ring)
		d.inForce.Store(&inUse{rules, ring})
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
	rules := d.newRules(snapshot, ring)
	d.inForce.Store(&inUse{rules, ring})
	return rules, nil
}

// keepSnapshot writes a snapshot, whose version must be above all there are.
// Everything compared under an older one must be compared anew.
func (d *DB) keepSnapshot(s *scope, ring *keys.Ring, snapshot *match.Snapshot) error {
	plain, err := json.Marshal(snapshot)
	if err != nil {
		return err
	}
	body, err := ring.Encrypt(plain, snapshotPlace(snapshot.Version))
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
