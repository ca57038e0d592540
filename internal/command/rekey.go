package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"customer360/internal/keys"
	"customer360/internal/server"
)

type rekey struct {
	storeAt
	AddKey  bool `help:"Only add the new key to the file of the keys, so that every gateway can be given it before."`
	DropOld bool `help:"At the end, take the old key out of the file: nothing is under it any more."`
}

// Run moves the store to a new key; run again, it goes on where it was stopped.
func (c *rekey) Run(ctx context.Context, p *program) error {
	begun := time.Now()
	conf, ring, err := c.read()
	if err != nil {
		return err
	}
	file, err := c.keysFile(conf)
	if err != nil {
		return err
	}
	if ring.Old() == nil {
		if ring, err = c.add(ctx, conf, ring, file); err != nil {
			return err
		}
		fmt.Fprintf(p.log, "%s has a new key, %s, and keeps the old one, %s\n", file, ring.ID(), ring.Old().ID())
	}
	if c.AddKey {
		fmt.Fprintln(p.log, "give every gateway this file and start it again; then run customer360 identity rekey")
		return nil
	}
	if err := c.move(ctx, p, conf, ring, file); err != nil {
		return err
	}
	spent(p.log, begun)
	return nil
}

// keysFile is where the keys are.
func (c *rekey) keysFile(conf *server.Config) (string, error) {
	switch {
	case c.Config == "":
		return filepath.Join(conf.Data, keys.FileName), nil
	case conf.Keys.File != "":
		return conf.Keys.File, nil
	}
	return "", usageError{errors.New("keys: come from the environment, where none can be added: keep them in a file, keys: {file: …}")}
}

// add adds a key to the file, once the store has opened with those that are there.
func (c *rekey) add(ctx context.Context, conf *server.Config, ring *keys.Ring, file string) (*keys.Ring, error) {
	db, err := openStore(ctx, conf, ring)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	next, err := ring.Next()
	if err != nil {
		return nil, err
	}
	return next, next.Replace(file)
}

func (c *rekey) move(ctx context.Context, p *program, conf *server.Config, ring *keys.Ring, file string) error {
	db, err := openStore(ctx, conf, ring)
	if err != nil {
		return err
	}
	defer db.Close()
	stages := newStages(p.log)
	err = db.Rekey(ctx, func(stage string, done, total int) { stages.at(stage, "records", done, total) })
	stages.end()
	if err != nil {
		return fmt.Errorf("%w; run it again, and it goes on", err)
	}
	fmt.Fprintf(p.log, "everything is under key %s\n", ring.ID())
	if !c.DropOld {
		fmt.Fprintln(p.log, "the old key is in the file still: take it out with -drop-old")
		return nil
	}
	if err := db.CanDropOld(ctx); err != nil {
		return err
	}
	if err := ring.Alone().Replace(file); err != nil {
		return err
	}
	fmt.Fprintf(p.log, "%s has the new key alone\n", file)
	return nil
}
