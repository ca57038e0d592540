package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"

	"customer360/idgraph"
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

// OtherRules says what becomes of a store that was made in another region, by
// other weights or by another version of the rules than it is opened with.
type OtherRules int

const (
	// ReadAnew has the sources read anew; what was found by the old rules is
	// forgotten, who is who stays until the records come.
	ReadAnew OtherRules = iota
	// AsMade goes on in the region that the store was made in, and refuses other
	// weights and another version (idgraph.ErrOtherRules).
	AsMade
	// WithBuild leaves the store as it is until Build, which makes it by the new
	// rules, in one go: the first thing that is done with it. For a folder alone.
	WithBuild
)

// rules names all that normal forms, blocks and edges depend on, but the snapshot.
func (d *DB) rules() string {
	return strconv.Itoa(match.RuleVersion) + "/" + d.region + "/" + d.weights.Name()
}

const selectRules = `SELECT value FROM meta WHERE name = 'rules'`

// stillOurs refuses to write where another process has opened the store since
// under other rules: what it wrote and what this one would write don't meet.
func (d *DB) stillOurs(ctx context.Context, tx *sqlx.Tx) error {
	var have []byte
	if err := tx.GetContext(ctx, &have, selectRules); err != nil {
		return err
	}
	if string(have) != d.rules() {
		return fmt.Errorf("another gateway has opened the store under the rules %s, this one has %s: give all of them one version, one region and the same weights, and start them again", have, d.rules())
	}
	return nil
}

// checkRules does what is to be done where the store was made by other rules.
func (d *DB) checkRules(ctx context.Context) error {
	var have []byte
	switch err := d.write.GetContext(ctx, &have, selectRules); {
	case errors.Is(err, sql.ErrNoRows): // a new store
	case err != nil:
		return err
	case d.others == AsMade:
		return d.takeRules(string(have))
	case d.others == WithBuild:
		return nil
	}
	tx, err := d.write.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer rollback(tx)
	if err := d.changeRules(newScope(ctx, tx, newStatements(d.write))); err != nil {
		return err
	}
	return tx.Commit()
}

// takeRules takes the region of the rules that a store was made by.
func (d *DB) takeRules(made string) error {
	version, rest, _ := strings.Cut(made, "/")
	region, weights, _ := strings.Cut(rest, "/")
	switch {
	case version != strconv.Itoa(match.RuleVersion):
		return fmt.Errorf("%w: of version %s, this program has version %d: have a gateway, or identity sync, read the sources anew", idgraph.ErrOtherRules, version, match.RuleVersion)
	case weights != d.weights.Name():
		return fmt.Errorf("%w: by the weights %s, and is opened with %s: name the file of those weights, or have a gateway, or identity sync, read the sources anew by these", idgraph.ErrOtherRules, weights, d.weights.Name())
	}
	d.region = region
	return nil
}

// changeRules puts the rules in force. Where there were others, what they found
// is forgotten, and all sources are to be read anew: both other normal forms and
// other edges may come of it.
func (d *DB) changeRules(s *scope) error {
	now := []byte(d.rules())
	var have []byte
	err := s.get(&have, selectRules)
	if err != nil && !errors.Is(err, sql.ErrNoRows) || string(have) == string(now) {
		return err
	}
	for _, text := range []string{
		`UPDATE sources SET cursor = '', complete = 0, began = 0`,
		`UPDATE records SET stale = 1 WHERE stale = 0`,
		`DELETE FROM blocks`,
		`DELETE FROM edges`,
		`DELETE FROM shared`,
		`DELETE FROM crowded`,
	} {
		if err := s.exec(text); err != nil {
			return err
		}
	}
	return s.exec(`INSERT INTO meta (name, value) VALUES ('rules', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, now)
}
