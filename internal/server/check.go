package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"customer360/connectors"
	"customer360/idgraph/sqlstore"
	"customer360/internal/auth"
)

// Check says of each part of a configuration whether it would serve: the
// policy, the tokens, the keys, the weights, a store in a database, and every
// source, which is asked for one record.
func Check(ctx context.Context, c *Config, out io.Writer) error {
	pol, err := loadPolicy(c.Policy)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "policy   %s\n", pol.Digest)
	if _, err := auth.NewKeyring(c.Auth.Tokens, pol); err != nil {
		return err
	}
	fmt.Fprintf(out, "tokens   %d\n", len(c.Auth.Tokens))
	if c.Keys.IsZero() {
		return errors.New("keys: are missing; `customer360 keys new FILE` makes some")
	}
	if _, err := ReadKeys(c.Keys); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	weights, err := ReadWeights(c.Identity.Weights)
	if err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	fmt.Fprintf(out, "weights  %s\n", weights.Name())
	if err := checkStore(ctx, c, out); err != nil {
		return err
	}
	bad := 0
	for i := range c.Sources {
		s := &c.Sources[i]
		answers, took, err := checkSource(ctx, s, c.Region)
		if err != nil {
			bad++
			fmt.Fprintf(out, "source   %-16s %s: %v\n", s.Name, connectors.Code(err), err)
			continue
		}
		fmt.Fprintf(out, "source   %-16s ok, %s, answers %s\n", s.Name, took.Round(time.Millisecond), strings.Join(answers, " "))
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d sources would not answer", bad, len(c.Sources))
	}
	return nil
}

// checkStore connects to the store's database, where it is one; it makes nothing there.
func checkStore(ctx context.Context, c *Config, out io.Writer) error {
	if c.Store.IsZero() {
		return nil
	}
	at, err := c.Store.Reveal()
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := sqlstore.PingPostgres(ctx, at); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	fmt.Fprintln(out, "store    PostgreSQL, ok")
	return nil
}

func checkSource(ctx context.Context, s *Source, region string) (answers []string, took time.Duration, err error) {
	conn, err := s.Open(connectors.Setup{Region: region})
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close()
	for _, k := range connectors.CanAnswer(conn) {
		answers = append(answers, strings.ToLower(string(k)))
	}
	lister, ok := conn.(connectors.ChangeLister)
	if !ok {
		return nil, 0, errors.New("it lists no changes: its records could never be linked")
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	begun := time.Now()
	_, err = lister.Changes(ctx, "", 1)
	return answers, time.Since(begun), err
}
