package door

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"customer360/connectors"
	"customer360/idgraph"
	"customer360/idgraph/match"
	"customer360/idgraph/policy"
)

// A SurvivorshipRule is why a golden value was chosen.
type SurvivorshipRule string

// The rules.
const (
	OnlyValue          SurvivorshipRule = "ONLY_VALUE"
	SourceRank         SurvivorshipRule = "SOURCE_RANK"
	MostRecent         SurvivorshipRule = "MOST_RECENT"
	FallbackOfWithheld SurvivorshipRule = "FALLBACK_OF_WITHHELD"
)

// A Provenance is where one golden value comes from.
type Provenance struct {
	Field  string
	Source idgraph.Source
	AsOf   *time.Time
	Rule   SurvivorshipRule
	Rivals []idgraph.Source
}

// ranks order the roles of sources by how far their word counts about a person.
var ranks = []connectors.Role{
	connectors.CRM, connectors.ERP, connectors.Commerce, connectors.Helpdesk,
	connectors.Marketing, connectors.Warehouse, connectors.Events,
}

// A profile is what all sources say of who the customer is, best-ranked first, masked.
type profile struct {
	rows   []connectors.Profile
	silent bool
	err    error
}

// who waits for the profiles and ranks them, once per customer.
func (s *subject) who(ctx context.Context) ([]connectors.Profile, error) {
	s.profileOnce.Do(func() {
		g, err := gather[connectors.Profile](ctx, s, connectors.KindProfile, 0)
		rows := slices.Clone(g.rows)
		slices.SortStableFunc(rows, func(a, b connectors.Profile) int {
			return cmp.Or(cmp.Compare(s.rank(a), s.rank(b)), -compareTimes(a.UpdatedAt, b.UpdatedAt), compareRefs(a.Owner, b.Owner))
		})
		s.profile = profile{rows, g.silent(), err}
	})
	return s.profile.rows, s.profile.err
}

func (s *subject) rank(p connectors.Profile) int {
	if src := s.op.door.sources[p.Source]; src != nil {
		return slices.Index(ranks, src.about.Role)
	}
	return len(ranks)
}

func compareTimes(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return a.Compare(*b)
}

func compareRefs(a, b idgraph.Ref) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID))
}

// goldenValue is the first value in rank order.
func goldenValue[T any](ctx context.Context, c *Customer, value func(connectors.Profile) *T) (*T, error) {
	rows, err := c.subject.who(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range rows {
		if v := value(p); v != nil {
			return v, nil
		}
	}
	return nil, nil
}

// Name is the full name.
func (c *Customer) Name(ctx context.Context) (*string, error) {
	return goldenValue(ctx, c, func(p connectors.Profile) *string { return p.Name })
}

// GivenName is the given name.
func (c *Customer) GivenName(ctx context.Context) (*string, error) {
	return goldenValue(ctx, c, func(p connectors.Profile) *string { return p.GivenName })
}

// FamilyName is the family name.
func (c *Customer) FamilyName(ctx context.Context) (*string, error) {
	return goldenValue(ctx, c, func(p connectors.Profile) *string { return p.FamilyName })
}

// BirthDate is the day of birth.
func (c *Customer) BirthDate(ctx context.Context) (*connectors.Date, error) {
	return goldenValue(ctx, c, func(p connectors.Profile) *connectors.Date { return p.BirthDate })
}

// BirthDecade is the first year of the decade of birth.
func (c *Customer) BirthDecade(ctx context.Context) (*int, error) {
	return goldenValue(ctx, c, func(p connectors.Profile) *int { return p.BirthDecade })
}

// Language is the customer's language.
func (c *Customer) Language(ctx context.Context) (*string, error) {
	return goldenValue(ctx, c, func(p connectors.Profile) *string { return p.Language })
}

// Company is the employer.
func (c *Customer) Company(ctx context.Context) (*string, error) {
	return goldenValue(ctx, c, func(p connectors.Profile) *string { return p.Company })
}

// Emails are the addresses, each once. Under PARTIAL there is one, never a count.
func (c *Customer) Emails(ctx context.Context) ([]connectors.EmailAddress, error) {
	return values(ctx, c, "emails", func(p connectors.Profile) []connectors.EmailAddress { return p.Emails },
		func(e *connectors.EmailAddress) bool {
			if e.Address == nil {
				return false
			}
			if trimmed := strings.TrimSpace(*e.Address); trimmed != *e.Address {
				e.Address = &trimmed
			}
			return *e.Address != ""
		},
		func(a, b connectors.EmailAddress) bool { return strings.EqualFold(*a.Address, *b.Address) })
}

// Phones are the numbers, each once, in E.164 where they can be read so.
func (c *Customer) Phones(ctx context.Context) ([]connectors.PhoneNumber, error) {
	region := c.subject.op.door.Region
	return values(ctx, c, "phones", func(p connectors.Profile) []connectors.PhoneNumber { return p.Phones },
		func(n *connectors.PhoneNumber) bool {
			if n.Number == nil {
				return false
			}
			if id, ok := match.Normalise(idgraph.Identifier{Type: idgraph.Phone, Value: *n.Number}, region); ok && id.Value != *n.Number {
				n.Number = &id.Value
			}
			return *n.Number != ""
		},
		func(a, b connectors.PhoneNumber) bool { return *a.Number == *b.Number })
}

// Addresses are the postal addresses, each once.
func (c *Customer) Addresses(ctx context.Context) ([]connectors.PostalAddress, error) {
	return values(ctx, c, "addresses", func(p connectors.Profile) []connectors.PostalAddress { return p.Addresses },
		func(a *connectors.PostalAddress) bool {
			return slices.ContainsFunc(parts(*a), func(p *string) bool { return p != nil && strings.TrimSpace(*p) != "" })
		},
		func(a, b connectors.PostalAddress) bool { return slices.EqualFunc(parts(a), parts(b), samePart) })
}

func parts(a connectors.PostalAddress) []*string {
	return []*string{a.Street, a.City, a.Postcode, a.Region, a.Country}
}

// samePart compares without case, and without how words are spaced.
func samePart(a, b *string) bool {
	words := func(s *string) []string {
		if s == nil {
			return nil
		}
		return strings.Fields(*s)
	}
	return slices.EqualFunc(words(a), words(b), strings.EqualFold)
}

// values merges lists of values in rank order, each distinct one once. there
// tidies a value up, and says whether anything of it is shown. The values are
// copies of the mask's own.
func values[T any](ctx context.Context, c *Customer, field string, of func(connectors.Profile) []T, there func(*T) bool, same func(a, b T) bool) ([]T, error) {
	s := c.subject
	if !s.shows("Customer", field) {
		return nil, nil
	}
	rows, err := s.who(ctx)
	if err != nil || s.profile.silent {
		return nil, err
	}
	out := []T{}
	for _, p := range rows {
		for _, v := range of(p) {
			if there(&v) && !slices.ContainsFunc(out, func(have T) bool { return same(have, v) }) {
				out = append(out, v)
			}
		}
	}
	if s.outcomes[policy.Verified][s.op.door.columns.of("Customer", field).class] != policy.Shown {
		out = out[:min(1, len(out))]
	}
	return out, nil
}

// Provenance says of each golden value where it comes from. It is computed over
// shown cells: a rival that is withheld has not been there.
func (c *Customer) Provenance(ctx context.Context) ([]Provenance, error) {
	s := c.subject
	if !s.shows("Customer", "provenance") {
		return nil, nil
	}
	rows, err := s.who(ctx)
	if err != nil || s.profile.silent {
		return nil, err
	}
	var out []Provenance
	r := s.op.door.rules.of(connectors.KindProfile)
	for _, name := range golden {
		if p, ok := s.provenance(r.field(name), rows); ok {
			out = append(out, p)
		}
	}
	return out, nil
}

func (s *subject) provenance(f *fieldRule, rows []connectors.Profile) (Provenance, bool) {
	var winner *connectors.Profile
	var best any
	out := Provenance{Field: f.name, Rule: OnlyValue, Rivals: []idgraph.Source{}}
	for i := range rows {
		field := reflect.ValueOf(rows[i]).Field(f.index)
		if field.IsNil() {
			continue
		}
		v := field.Elem().Interface()
		if winner == nil {
			winner, best = &rows[i], v
			continue
		}
		if v == best {
			continue
		}
		if out.Rule == OnlyValue {
			out.Rule = SourceRank
			if s.rank(rows[i]) == s.rank(*winner) {
				out.Rule = MostRecent
			}
		}
		if !slices.Contains(out.Rivals, rows[i].Source) {
			out.Rivals = append(out.Rivals, rows[i].Source)
		}
	}
	if winner == nil {
		return out, false
	}
	out.Source = winner.Source
	if s.shows("Provenance", "asOf") {
		out.AsOf = winner.UpdatedAt
	}
	return out, true
}
