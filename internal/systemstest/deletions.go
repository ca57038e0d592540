package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// sweepEvery is how often deleted records are looked for here.
const sweepEvery = 5 * time.Second

// A passer is somebody who comes to a system and is deleted there again.
type passer struct {
	system *system
	id     string
	remove func(context.Context) error
}

// passers are how people pass by, by the kind of the system. A helpdesk deletes
// nobody.
var passers = map[string]func(ctx context.Context, s *system, email string) (passer, error){"tryton": passTryton, "vendure": passShop}

// deletions adds somebody to each system that can delete people, and deletes
// them there, of which its list of changes says nothing: a sweep finds that
// they are gone.
func deletions(ctx context.Context, r *report, g *gateway, running fleet) error {
	var swept fleet
	var sources []source
	for _, s := range running {
		if passers[s.kind] != nil {
			from := s.source(s.url)
			from.sweep = sweepEvery
			swept, sources = append(swept, s), append(sources, from)
		}
	}
	if swept == nil {
		return nil
	}
	defer g.stop()
	if err := g.start(ctx, sources...); err != nil {
		return err
	}
	if err := g.waitSynced(ctx, swept.names()...); err != nil {
		return err
	}
	email := fmt.Sprintf("passer.by.%d@example.org", time.Now().Unix())
	for _, s := range swept {
		p, err := passers[s.kind](ctx, s, email)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		who, err := g.learns(ctx, p)
		if err := errors.Join(err, p.remove(ctx)); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		began := time.Now()
		err = g.forgets(ctx, who)
		took := time.Since(began)
		after, wrong := g.lookup(ctx, p)
		r.check(fmt.Sprintf("a record deleted in %s is gone %.1f s later, by a sweep that removed it alone", s.name, took.Seconds()),
			errors.Join(err, wrong, wantIf(after == "", "nobody under its number"), g.sweptAway(ctx, s, 1)))
	}
	g.stop()
	quiet(r, "the sweeping gateway", g, []string{email, "Passer By"}, running.secrets())
	return nil
}

// lookup is whose record that of a passer is, "" where it is nobody's.
func (g *gateway) lookup(ctx context.Context, p passer) (string, error) {
	var data struct{ Lookup struct{ ID string } }
	wrong, err := g.ask(ctx, `query ($source: String!, $id: ID!) {lookup(by: {record: {source: $source, id: $id}}) {id}}`, row{"source": p.system.name, "id": p.id}, &data)
	return data.Lookup.ID, errors.Join(err, wantIf(len(wrong) == 0, "no error, got %v", wrong))
}

// learns waits until a passer is somebody: there are thirty look-ups a minute.
func (g *gateway) learns(ctx context.Context, p passer) (who string, err error) {
	err = within(ctx, 30*time.Second, func() (err error) {
		if who, err = g.lookup(ctx, p); err == nil && who == "" {
			time.Sleep(2 * time.Second)
			err = errors.New("want a customer")
		}
		return err
	})
	return who, err
}

// forgets waits until somebody is no customer any more.
func (g *gateway) forgets(ctx context.Context, who string) error {
	return within(ctx, time.Minute, func() error {
		var data struct{ Customer *struct{ ID string } }
		wrong, err := g.ask(ctx, `query ($id: ID!) {customer(id: $id) {id}}`, row{"id": who}, &data)
		return errors.Join(err, wantIf(len(wrong) == 0, "no error, got %v", wrong), wantIf(data.Customer == nil, "no such customer"))
	})
}

// sweptAway waits until so many records were removed by sweeps of a system.
func (g *gateway) sweptAway(ctx context.Context, s *system, n int) error {
	return within(ctx, sweepEvery, func() error {
		var data struct {
			Sources []struct {
				Name        string
				RecordsGone int
			}
		}
		_, err := g.ask(ctx, `{sources {name recordsGone}}`, nil, &data)
		for _, is := range data.Sources {
			if is.Name == s.name {
				err = errors.Join(err, wantIf(is.RecordsGone == n, "%d removed from %s, got %d", n, s.name, is.RecordsGone))
			}
		}
		return err
	})
}

func passTryton(ctx context.Context, s *system, email string) (p passer, err error) {
	made, err := s.rpc.model(ctx, "model.party.party.create", nil, []any{row{
		"name": "Passer By", "contact_mechanisms": []any{[]any{"create", []any{row{"type": "email", "value": email}}}},
	}})
	if err != nil {
		return p, err
	}
	ids, _ := made.([]any)
	if len(ids) != 1 {
		return p, errors.New("no party was made")
	}
	return passer{s, text(ids[0]), func(ctx context.Context) error {
		_, err := s.rpc.model(ctx, "model.party.party.delete", nil, ids)
		return err
	}}, nil
}

func passShop(ctx context.Context, s *system, email string) (passer, error) {
	made, err := s.api.graphql(ctx, `mutation ($i: CreateCustomerInput!) {createCustomer(input: $i) {... on Customer {id} ... on ErrorResult {errorCode}}}`,
		row{"i": row{"firstName": "Passer", "lastName": "By", "emailAddress": email}})
	id := text(at(made, "createCustomer", "id"))
	return passer{s, id, func(ctx context.Context) error {
		said, err := s.api.graphql(ctx, `mutation ($i: ID!) {deleteCustomer(id: $i) {result}}`, row{"i": id})
		return errors.Join(err, wantIf(text(at(said, "deleteCustomer", "result")) == "DELETED", "the customer deleted"))
	}}, err
}
