package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"customer360/idgraph"
	"customer360/idgraph/sqlstore"
	"customer360/internal/keys"
	"customer360/internal/server"
)

// A storeAt says which store is meant.
type storeAt struct {
	Config  string `help:"The configuration whose store is meant; without one, the folder of -data with its keys.json." type:"path"`
	Data    string `help:"Folder of the gateway's own store; \"data\" by default." type:"path"`
	Weights string `help:"The weights that the store was made by, where they are not the shipped ones and no configuration names them." type:"path"`
}

// read answers the configuration and its keys; errors are the operator's to mend.
func (a storeAt) read() (*server.Config, *keys.Ring, error) {
	if a.Config != "" {
		return configured(a.Config, a.Data, a.Weights)
	}
	conf := &server.Config{Data: a.Data, Identity: server.Identity{Weights: a.Weights}}
	if conf.Data == "" {
		conf.Data = "data"
	}
	file := filepath.Join(conf.Data, keys.FileName)
	if _, err := os.Stat(file); err != nil {
		return nil, nil, usageError{fmt.Errorf("%s holds no store with its keys: name another folder with -data, or the configuration with -config", conf.Data)}
	}
	if _, err := server.ReadWeights(a.Weights); err != nil {
		return nil, nil, usageError{err}
	}
	ring, err := keys.OpenOrCreate(file)
	return conf, ring, asked(err)
}

// configured reads a configuration, with its keys; where a folder of the store
// or a file of weights is given too, that one counts. Errors are the operator's
// to mend.
func configured(path, data, weights string) (*server.Config, *keys.Ring, error) {
	conf, err := server.ReadConfig(path)
	if err != nil {
		return nil, nil, usageError{err}
	}
	switch {
	case data != "" && !conf.Store.IsZero():
		return nil, nil, usageError{fmt.Errorf("-data: %s names a PostgreSQL as the gateway's own store", filepath.Base(path))}
	case conf.Keys.IsZero():
		return nil, nil, usageError{fmt.Errorf("%s: keys: are missing; `customer360 keys new FILE` makes them", filepath.Base(path))}
	case data != "":
		conf.Data = data
	}
	if weights != "" {
		conf.Identity.Weights = weights
	}
	if _, err := server.ReadWeights(conf.Identity.Weights); err != nil {
		return nil, nil, usageError{err}
	}
	ring, err := server.ReadKeys(conf.Keys)
	if err != nil {
		return nil, nil, usageError{fmt.Errorf("%s: keys: %w", filepath.Base(path), err)}
	}
	return conf, ring, nil
}

// open opens the store that there is.
func (a storeAt) open(ctx context.Context) (*sqlstore.DB, error) {
	conf, ring, err := a.read()
	if err != nil {
		return nil, err
	}
	return openStore(ctx, conf, ring)
}

// openStore opens a store, and makes none.
func openStore(ctx context.Context, conf *server.Config, ring *keys.Ring) (*sqlstore.DB, error) {
	if conf.Store.IsZero() && !sqlstore.Exists(conf.Data) {
		return nil, usageError{fmt.Errorf("%s holds no store: a gateway, identity sync and identity resolve -data make one", conf.Data)}
	}
	db, err := server.OpenStore(ctx, conf, ring)
	return db, mendable(err)
}

// asked makes any error the operator's to mend.
func asked(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

// mendable makes those errors of opening a store the operator's that are.
func mendable(err error) error {
	var locked *idgraph.LockedError
	if errors.As(err, &locked) || errors.Is(err, idgraph.ErrWrongKey) || errors.Is(err, idgraph.ErrWrongStore) || errors.Is(err, idgraph.ErrOtherRules) {
		return usageError{err}
	}
	return err
}
