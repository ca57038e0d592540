package match

import "customer360/idgraph"

// Limit is how often values of a type may occur: on how many records before
// one counts as generic and links nobody, and how many a person may have
// before a cluster counts as more than one person.
type Limit struct{ Records, PerPerson int }

// LimitOf answers the limits of a type.
func LimitOf(t idgraph.IdentifierType) Limit {
	switch {
	case t == idgraph.Email:
		return Limit{Records: 30, PerPerson: 8}
	case t == idgraph.Phone:
		return Limit{Records: 30, PerPerson: 8}
	case t.IsReference():
		return Limit{Records: 30, PerPerson: 1}
	}
	return Limit{Records: 30, PerPerson: 3}
}

// OfRole says that a value is a role's mailbox: it links nobody but people of one
// name.
func OfRole(id idgraph.Identifier) bool { return id.Type == idgraph.Email && shared(id.Value) }
