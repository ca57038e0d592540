package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"customer360/idgraph"
	"customer360/idgraph/audit"
)

const insertAudit = `INSERT INTO audit_entries (seq, at, who, role, purpose, operation, digest, policy, subjects, fields, calls, lookup)
	VALUES ((SELECT COALESCE(MAX(seq), 0) + 1 FROM audit_entries), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// AppendAudit adds entries, all or none, durable when it returns nil.
func (d *DB) AppendAudit(ctx context.Context, entries []audit.Entry) error {
	err := d.appending(ctx, audits, func(s *scope) error {
		for _, e := range entries {
			subjects, err := json.Marshal(e.Subjects)
			if err != nil {
				return err
			}
			fields, err := json.Marshal(e.Fields)
			if err != nil {
				return err
			}
			err = s.exec(insertAudit, stamp(e.At), clean(e.Who), clean(e.Role), clean(e.Purpose), clean(e.Operation), clean(e.Digest), clean(e.Policy), string(subjects), string(fields), e.Calls, flag(e.Lookup))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("append audit entries: %w", err)
	}
	return nil
}

// clean is a text that every database takes: what a caller sent must not keep
// the log from being written.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// Audited answers up to limit entries after a number, in order.
func (d *DB) Audited(ctx context.Context, after int64, limit int) ([]audit.Entry, error) {
	rows, err := d.asked.QueryxContext(ctx, d.asked.Rebind(`SELECT seq, at, who, role, purpose, operation, digest, policy, subjects, fields, calls, lookup
		FROM audit_entries WHERE seq > ? ORDER BY seq LIMIT ?`), after, limit)
	if err != nil {
		return nil, fmt.Errorf("read audit entries: %w", err)
	}
	defer rows.Close()
	var out []audit.Entry
	for rows.Next() {
		var e audit.Entry
		var at, lookup int64
		var subjects, fields string
		if err := rows.Scan(&e.Seq, &at, &e.Who, &e.Role, &e.Purpose, &e.Operation, &e.Digest, &e.Policy, &subjects, &fields, &e.Calls, &lookup); err != nil {
			return nil, fmt.Errorf("read audit entries: %w", err)
		}
		e.At, e.Lookup = moment(at), lookup == 1
		var ids []idgraph.CustomerID
		if err := json.Unmarshal([]byte(subjects), &ids); err != nil {
			return nil, fmt.Errorf("read audit entry %d: %w", e.Seq, err)
		}
		e.Subjects = ids
		if err := json.Unmarshal([]byte(fields), &e.Fields); err != nil {
			return nil, fmt.Errorf("read audit entry %d: %w", e.Seq, err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}
