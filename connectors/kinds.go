package connectors

import (
	"slices"
	"strings"
)

// A Kind is what a record is about. Its values are the schema's RecordKind.
type Kind string

// The record kinds.
const (
	KindProfile Kind = "PROFILE"
	KindDeal    Kind = "DEAL"
	KindInvoice Kind = "INVOICE"
	KindPayment Kind = "PAYMENT"
	KindOrder   Kind = "ORDER"
	KindTicket  Kind = "TICKET"
	KindMessage Kind = "MESSAGE"
	KindBalance Kind = "BALANCE"
)

// Kinds lists them all, in the order in which they are reported.
var Kinds = []Kind{KindProfile, KindDeal, KindInvoice, KindPayment, KindOrder, KindTicket, KindMessage, KindBalance}

// CanAnswer lists the record kinds that a connector has a capability for.
func CanAnswer(c Connector) []Kind {
	var out []Kind
	for _, k := range Kinds {
		if answers(c, k) {
			out = append(out, k)
		}
	}
	return out
}

func answers(c Connector, k Kind) (ok bool) {
	switch k {
	case KindProfile:
		_, ok = c.(ProfileLister)
	case KindDeal:
		_, ok = c.(DealLister)
	case KindInvoice:
		_, ok = c.(InvoiceLister)
	case KindPayment:
		_, ok = c.(PaymentLister)
	case KindOrder:
		_, ok = c.(OrderLister)
	case KindTicket:
		_, ok = c.(TicketLister)
	case KindMessage:
		_, ok = c.(MessageLister)
	case KindBalance:
		_, ok = c.(BalanceLister)
	}
	if a, is := c.(Answerer); is && ok {
		return slices.Contains(a.Answers(), k)
	}
	return ok
}

// An Answerer is a generic connector, whose configuration decides which of its
// capabilities it really has.
type Answerer interface {
	Answers() []Kind
}

// A FieldSet is a set of a record's fields by their names in the schema
// ("number", "items.name", "emails.address"), comparable by ==.
type FieldSet string

// Fields makes a FieldSet.
func Fields(names ...string) FieldSet {
	if len(names) == 0 {
		return ""
	}
	names = slices.Clone(names)
	slices.Sort(names)
	return FieldSet("|" + strings.Join(slices.Compact(names), "|") + "|")
}

// Has says whether the field is in the set; for a list of parts ("items") it
// says whether any of its parts ("items.name") is.
func (s FieldSet) Has(name string) bool {
	return strings.Contains(string(s), "|"+name+"|") || strings.Contains(string(s), "|"+name+".")
}

// Names lists the fields in order.
func (s FieldSet) Names() []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.Trim(string(s), "|"), "|")
}

// Plus is the union with more names.
func (s FieldSet) Plus(names ...string) FieldSet { return Fields(append(s.Names(), names...)...) }
