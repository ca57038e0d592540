package connectors

import (
	"time"

	"customer360/idgraph"
	"customer360/idgraph/consent"
)

// A Record is what every record has. Owner is the ref that it was asked for;
// ID is the source's own id of the record, sealed before it goes up.
type Record struct {
	Owner  idgraph.Ref    `personal:"-"`
	ID     string         `personal:"-"`
	Source idgraph.Source `personal:"-"`
}

// Key returns what a row is known by.
func (r Record) Key() Record { return r }

// NewRecord is the head of a row that belongs to owner.
func NewRecord(owner idgraph.Ref, id string) Record {
	return Record{Owner: owner, ID: id, Source: owner.Source}
}

// A Row is any record.
type Row interface {
	Key() Record
	// Time is what newest-first goes by; nil where the source has none.
	Time() *time.Time
}

// The tag `personal` of a field says "category[,sensitive]"; "-" says that the
// field is not personal, "below" that it is never handed to a caller. A tag
// `shape` names the form that PARTIAL takes; a field tagged `coarse` is worked
// out from the field it names and shown from PARTIAL up. A start-up check holds
// all of this against @personal in the schema.

// A Profile is who a person is, as one source says. Its fields go up as fields of Customer.
type Profile struct {
	Record
	UpdatedAt   *time.Time           `personal:"identity"` // when the source last changed it
	Name        *string              `personal:"identity" shape:"name"`
	GivenName   *string              `personal:"identity" shape:"name"`
	FamilyName  *string              `personal:"identity" shape:"name"`
	Emails      []EmailAddress       `personal:"contact.email"`
	Phones      []PhoneNumber        `personal:"contact.phone"`
	Addresses   []PostalAddress      `personal:"contact.address"`
	BirthDate   *Date                `personal:"demographic,sensitive"`
	BirthDecade *int                 `personal:"demographic,sensitive" coarse:"BirthDate"`
	Language    *string              `personal:"demographic"`
	Company     *string              `personal:"demographic"`
	LookupKey   string               `personal:"below"` // what the source must be asked by besides the id, where About says so
	Identifiers []idgraph.Identifier `personal:"below"` // loyalty numbers and references; e-mails and phones need not be repeated
}

// Time is when the source last changed the profile.
func (p Profile) Time() *time.Time { return p.UpdatedAt }

// An EmailAddress is one of a person's addresses, as the source holds it.
type EmailAddress struct {
	Address *string        `personal:"contact.email" shape:"email"`
	Source  idgraph.Source `personal:"-"`
}

// A PhoneNumber is one of a person's numbers, as the source holds it; the door makes it E.164 where it can.
type PhoneNumber struct {
	Number *string        `personal:"contact.phone" shape:"phone"`
	Source idgraph.Source `personal:"-"`
}

// A PostalAddress is one of a person's addresses.
type PostalAddress struct {
	Street   *string        `personal:"contact.address"`
	City     *string        `personal:"contact.address"`
	Postcode *string        `personal:"contact.address" shape:"postcode"`
	Region   *string        `personal:"contact.address"`
	Country  *string        `personal:"contact.address"` // ISO 3166 code where the source has one
	Source   idgraph.Source `personal:"-"`
}

// A Deal is a deal or opportunity.
type Deal struct {
	Record     `personal:"transaction"`
	Number     *string     `personal:"transaction"`
	Title      *string     `personal:"transaction"`
	Stage      *DealStage  `personal:"transaction"`
	Amount     *Money      `personal:"transaction"`
	AmountBand *AmountBand `personal:"transaction" coarse:"Amount"`
	OpenedAt   *time.Time  `personal:"transaction"`
}

// Time is when the deal began.
func (d Deal) Time() *time.Time { return d.OpenedAt }

// An Invoice is an invoice to the person.
type Invoice struct {
	Record     `personal:"financial"`
	Number     *string        `personal:"financial"`
	Status     *InvoiceStatus `personal:"financial"`
	IssuedAt   *time.Time     `personal:"financial"`
	Total      *Money         `personal:"financial,sensitive"`
	AmountDue  *Money         `personal:"financial,sensitive"`
	AmountBand *AmountBand    `personal:"financial,sensitive" coarse:"Total"`
}

// Time is when the invoice was issued.
func (i Invoice) Time() *time.Time { return i.IssuedAt }

// A Payment is a payment by the person.
type Payment struct {
	Record        `personal:"financial"`
	PaidAt        *time.Time  `personal:"financial"`
	Amount        *Money      `personal:"financial,sensitive"`
	AmountBand    *AmountBand `personal:"financial,sensitive" coarse:"Amount"`
	Method        *string     `personal:"financial"`
	InvoiceNumber *string     `personal:"financial"`
}

// Time is when the payment was made.
func (p Payment) Time() *time.Time { return p.PaidAt }

// An Order is an order by the person.
type Order struct {
	Record     `personal:"transaction"`
	Number     *string      `personal:"transaction"`
	Status     *OrderStatus `personal:"transaction"`
	PlacedAt   *time.Time   `personal:"transaction"`
	Total      *Money       `personal:"transaction"`
	AmountBand *AmountBand  `personal:"transaction" coarse:"Total"`
	Items      []OrderItem  `personal:"transaction"`
}

// Time is when the order was placed.
func (o Order) Time() *time.Time { return o.PlacedAt }

// An OrderItem is one line of an order.
type OrderItem struct {
	Name      *string  `personal:"transaction"`
	Sku       *string  `personal:"transaction"`
	Quantity  *Decimal `personal:"transaction"`
	UnitPrice *Money   `personal:"transaction"`
}

// A Ticket is one conversation with the helpdesk.
type Ticket struct {
	Record    `personal:"support"`
	Number    *string         `personal:"support"`
	Subject   *string         `personal:"support,sensitive"`
	Status    *TicketStatus   `personal:"support"`
	Priority  *TicketPriority `personal:"support"`
	OpenedAt  *time.Time      `personal:"support"`
	UpdatedAt *time.Time      `personal:"support"`
}

// Time is when the ticket was opened.
func (t Ticket) Time() *time.Time { return t.OpenedAt }

// A Message is one message of a ticket. Its owner is the ticket's ref. No
// caller gets its id.
type Message struct {
	Record `personal:"support"`
	Author *MessageAuthor `personal:"support"`
	SentAt *time.Time     `personal:"support"`
	Text   *string        `personal:"support,sensitive"`
}

// Time is when the message was sent.
func (m Message) Time() *time.Time { return m.SentAt }

// A Balance is what the person owes in one currency, as the books say. It goes
// up as CustomerSummary.balanceDue; the field's name in a FieldSet is "balanceDue".
type Balance struct {
	Record     `personal:"financial"`
	BalanceDue *Money `personal:"financial,sensitive"`
}

// Time is nil: a balance has none.
func (b Balance) Time() *time.Time { return nil }

// A Consent is what a source holds about one purpose for one person. It goes
// into the ledger, never up.
type Consent struct {
	Owner   idgraph.Ref
	Purpose consent.Purpose
	State   consent.State
	At      time.Time // the source's own event time
	Notice  string    // from the source's configuration, "newsletter-form@2024"
}

// IsNode and IsTimelineEntry say where rows may stand in the schema.
func (Deal) IsNode()             {}
func (Deal) IsTimelineEntry()    {}
func (Invoice) IsNode()          {}
func (Invoice) IsTimelineEntry() {}
func (Payment) IsNode()          {}
func (Payment) IsTimelineEntry() {}
func (Order) IsNode()            {}
func (Order) IsTimelineEntry()   {}
func (Ticket) IsNode()           {}
func (Ticket) IsTimelineEntry()  {}
