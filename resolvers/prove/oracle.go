package prove

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"customer360/idgraph"
	"customer360/idgraph/consent"
	"customer360/idgraph/policy"
)

// An oracle says what a caller may see: from the schema's directives and the
// policy's decisions, by CONSENT.md and not by the door's code.
type oracle struct {
	categories map[string]policy.Category // by coordinate, rows by their type
	rows       map[string]bool            // fields that yield rows or lists of values
	derived    map[string][]string        // what fields are computed from
}

func newOracle(s *ast.Schema) *oracle {
	o := &oracle{map[string]policy.Category{}, map[string]bool{}, map[string][]string{}}
	for _, def := range s.Types {
		if tag := def.Directives.ForName("personal"); tag != nil {
			o.categories[def.Name], o.rows[def.Name] = policy.Category(tag.Arguments.ForName("category").Value.Raw), true
		}
		for _, f := range def.Fields {
			at := def.Name + "." + f.Name
			if tag := f.Directives.ForName("personal"); tag != nil {
				o.categories[at] = policy.Category(tag.Arguments.ForName("category").Value.Raw)
				yields := s.Types[f.Type.Name()]
				o.rows[at] = !yields.IsLeafType() && yields.Directives.ForName("personal") != nil
			}
			if tag := f.Directives.ForName("derivedFrom"); tag != nil {
				for _, child := range tag.Arguments.ForName("fields").Value.Children {
					o.derived[at] = append(o.derived[at], child.Value.Raw)
				}
			}
		}
	}
	return o
}

// coordinates are all personal ones, in order.
func (o *oracle) coordinates() []string { return slices.Sorted(maps.Keys(o.categories)) }

// shapeOf is the listed shape that a coordinate takes under PARTIAL; "" is none.
func shapeOf(coordinate string) string {
	switch coordinate {
	case "Customer.name", "Customer.givenName", "Customer.familyName":
		return "name"
	case "EmailAddress.address":
		return "email"
	case "PhoneNumber.number":
		return "phone"
	case "PostalAddress.postcode":
		return "postcode"
	}
	return ""
}

// coarseOf are the coarse fields, by what they are worked out from.
var coarseOf = map[string]string{
	"Customer.birthDate": "Customer.birthDecade", "Deal.amount": "Deal.amountBand", "Invoice.total": "Invoice.amountBand",
	"Payment.amount": "Payment.amountBand", "Order.total": "Order.amountBand",
}

func isCoarse(coordinate string) bool {
	return strings.HasSuffix(coordinate, ".amountBand") || coordinate == "Customer.birthDecade"
}

// An asking is one caller, under one effective purpose.
type asking struct {
	caller  policy.Caller
	purpose consent.Purpose
	policy  *policy.Policy
}

// A view is what an asking may see of one customer's records over links of one
// quality: the outcome of each category.
type view struct {
	oracle   *oracle
	outcomes map[policy.Category]policy.Outcome
	explain  bool
	review   bool
}

// see works a view out. Events are those of all the customer's records.
func (o *oracle) see(a asking, events []consent.Event, readable bool, link policy.LinkQuality) view {
	v := view{o, map[policy.Category]policy.Outcome{}, a.policy.May(a.caller, "privacy:explain"), a.policy.May(a.caller, "identity:review")}
	subject := policy.Subject{}
	if readable {
		subject = policy.Subject{Known: true, Standing: consent.Fold(events, now, a.policy.InForce)}
	}
	for _, category := range o.categories {
		if _, done := v.outcomes[category]; !done {
			v.outcomes[category] = a.policy.Decide(policy.Question{
				Caller: a.caller, Purpose: a.purpose, Category: category, Subject: subject, Link: link, Surface: policy.Single,
			}).Outcome
		}
	}
	return v
}

// of is the outcome of a coordinate. What is no personal data is SHOWN.
func (v view) of(coordinate string) policy.Outcome {
	category, personal := v.oracle.categories[coordinate]
	if !personal {
		return policy.Shown
	}
	if strings.HasPrefix(coordinate, "Consent.") && coordinate != "Consent.given" && !v.explain {
		return policy.Withheld
	}
	switch coordinate {
	case "CustomerIdentity.rivals", "MatchDecision.actor", "MatchDecision.reason":
		if !v.review {
			return policy.Withheld
		}
	}
	switch out := v.outcomes[category]; {
	case out == policy.Shown:
		return policy.Shown
	case out == policy.Partial && (v.oracle.rows[coordinate] || isCoarse(coordinate)):
		return policy.Shown
	case out == policy.Partial && shapeOf(coordinate) != "":
		return policy.Partial
	}
	return policy.Withheld
}

// raw is the outcome of a coordinate's category.
func (v view) raw(coordinate string) policy.Outcome {
	return v.outcomes[v.oracle.categories[coordinate]]
}

// standingEvents are the events that count for a customer: of records in doubt
// only what denies now.
func standingEvents(c idgraph.Customer, all map[idgraph.Ref][]consent.Event, inForce func(string) bool) []consent.Event {
	var out []consent.Event
	for _, ref := range c.Refs {
		events := all[ref]
		if inDoubt(c, ref) {
			events = consent.Fold(events, now, inForce).Denials()
		}
		out = append(out, events...)
	}
	return out
}
