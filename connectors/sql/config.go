package sql

// The sections of the configuration. Inside an expression (`sql`, `where`, a
// sub-select) the row at hand is called t, an order's line i.

// Rows says where rows of one kind stand and whose they are.
type Rows struct {
	// From is a table or view ("orders", "sales.orders"), or a select in parentheses.
	From string `yaml:"from"`
	// ID is the row's own stable id.
	ID Column `yaml:"id"`
	// Owner is the id of the person it belongs to.
	Owner Column `yaml:"owner"`
	// Where is an expression that a row must fulfil to count.
	Where string `yaml:"where"`
	// Time is what newest-first sorts by, where the field of the time does
	// not sort as it stands ("31.10.2026").
	Time Column `yaml:"time"`
	// TimeAs says how the column of that time is stored, so that long lists
	// can be read in parts: timestamp or date (Postgres's own types), unix,
	// unixMilli, unixMicro, or a text such as "YYYY-MM-DD hh:mm:ss". Left out:
	// a list is read from its beginning, and no further than 1,000 rows.
	TimeAs string `yaml:"timeAs"`
}

// Profiles are the persons.
type Profiles struct {
	// From is a table or view, or a select in parentheses.
	From string `yaml:"from"`
	// ID is the person's stable id: what a ref of this source holds.
	ID Column `yaml:"id"`
	// Changed rises whenever the row changes: a time, or a counter. Without it
	// every sync reads the source in full.
	Changed Column `yaml:"changed"`
	// Where is an expression that a row must fulfil: companies are no customers.
	Where string `yaml:"where"`
	// Gone is an expression that holds for a row that counts as deleted.
	Gone string `yaml:"gone"`
	// Fields are what is known about the person.
	Fields ProfileFields `yaml:"fields"`
	// Identifiers may link the person beside e-mail addresses and phone
	// numbers: loyalty, and "ref:" with a source's name for that source's
	// numbers, its own included.
	Identifiers map[string]Column `yaml:"identifiers"`
	// Find says by which expressions persons are looked up, per type of identifier.
	Find map[string]Probes `yaml:"find"`
}

// ProfileFields are the fields of a person.
type ProfileFields struct {
	// Name is the full name; without it, it is put together from the next two.
	Name       Column          `yaml:"name"`
	GivenName  Column          `yaml:"givenName"`
	FamilyName Column          `yaml:"familyName"`
	Emails     []Column        `yaml:"emails"`
	Phones     []Column        `yaml:"phones"`
	Addresses  []AddressFields `yaml:"addresses"`
	BirthDate  Column          `yaml:"birthDate"`
	// Language is a BCP 47 tag, or mapped to one.
	Language Column `yaml:"language"`
	// Company is the employer.
	Company Column `yaml:"company"`
}

// AddressFields are the fields of one postal address.
type AddressFields struct {
	Street   Column `yaml:"street"`
	City     Column `yaml:"city"`
	Postcode Column `yaml:"postcode"`
	Region   Column `yaml:"region"`
	// Country is an ISO 3166 code, or mapped to one.
	Country Column `yaml:"country"`
}

// Deals are deals and opportunities.
type Deals struct {
	Rows   `yaml:",inline"`
	Fields struct {
		Number   Column `yaml:"number"`
		Title    Column `yaml:"title"`
		Stage    Column `yaml:"stage"`
		Amount   Column `yaml:"amount"`
		OpenedAt Column `yaml:"openedAt"`
	} `yaml:"fields"`
}

// Invoices are invoices.
type Invoices struct {
	Rows   `yaml:",inline"`
	Fields struct {
		Number    Column `yaml:"number"`
		Status    Column `yaml:"status"`
		IssuedAt  Column `yaml:"issuedAt"`
		Total     Column `yaml:"total"`
		AmountDue Column `yaml:"amountDue"`
	} `yaml:"fields"`
}

// Payments are payments.
type Payments struct {
	Rows   `yaml:",inline"`
	Fields struct {
		PaidAt        Column `yaml:"paidAt"`
		Amount        Column `yaml:"amount"`
		Method        Column `yaml:"method"`
		InvoiceNumber Column `yaml:"invoiceNumber"`
	} `yaml:"fields"`
}

// Orders are orders; their lines come in the same statement.
type Orders struct {
	Rows   `yaml:",inline"`
	Fields struct {
		Number   Column `yaml:"number"`
		Status   Column `yaml:"status"`
		PlacedAt Column `yaml:"placedAt"`
		Total    Column `yaml:"total"`
	} `yaml:"fields"`
	Items *Items `yaml:"items"`
}

// Items are the lines of orders.
type Items struct {
	// From is a table or view, or a select in parentheses.
	From string `yaml:"from"`
	// ID is the line's own id: lines come in its order.
	ID Column `yaml:"id"`
	// Order is the id of the order that the line belongs to.
	Order  Column `yaml:"order"`
	Fields struct {
		Name      Column `yaml:"name"`
		Sku       Column `yaml:"sku"`
		Quantity  Column `yaml:"quantity"`
		UnitPrice Column `yaml:"unitPrice"`
	} `yaml:"fields"`
}

// Tickets are conversations with the helpdesk.
type Tickets struct {
	Rows   `yaml:",inline"`
	Fields struct {
		Number    Column `yaml:"number"`
		Subject   Column `yaml:"subject"`
		Status    Column `yaml:"status"`
		Priority  Column `yaml:"priority"`
		OpenedAt  Column `yaml:"openedAt"`
		UpdatedAt Column `yaml:"updatedAt"`
	} `yaml:"fields"`
}

// Messages are what was written in tickets.
type Messages struct {
	// From is a table or view, or a select in parentheses.
	From string `yaml:"from"`
	// ID is the message's own stable id.
	ID Column `yaml:"id"`
	// Ticket is the id of the ticket that it belongs to.
	Ticket Column `yaml:"ticket"`
	// IDs is what the ids of tickets are: text, integer or uuid. SQLite may
	// leave it out: text.
	IDs string `yaml:"ids"`
	// Where is an expression that a message must fulfil: internal notes are nobody's messages.
	Where string `yaml:"where"`
	// Time is what newest-first sorts by, where sentAt does not sort as it stands.
	Time   Column `yaml:"time"`
	Fields struct {
		// Author is mapped to CUSTOMER, AGENT and SYSTEM.
		Author Column `yaml:"author"`
		SentAt Column `yaml:"sentAt"`
		// Text is plain text.
		Text Column `yaml:"text"`
	} `yaml:"fields"`
}

// Balances are what persons owe: one row per person and currency.
type Balances struct {
	From   string `yaml:"from"`
	Owner  Column `yaml:"owner"`
	Where  string `yaml:"where"`
	Fields struct {
		BalanceDue Column `yaml:"balanceDue"`
	} `yaml:"fields"`
}

// Consents are what persons allowed: one row per person, purpose and event (or
// per person and purpose, where the source keeps the last state alone).
type Consents struct {
	From  string `yaml:"from"`
	Owner Column `yaml:"owner"`
	Where string `yaml:"where"`
	// Purpose is mapped to purposes of the registry; rows of a purpose that
	// the map does not name are left out.
	Purpose Column `yaml:"purpose"`
	// State is mapped to states of the ledger; one that the map does not name
	// counts as REQUESTED, which allows nothing.
	State Column `yaml:"state"`
	// At is when it happened.
	At Column `yaml:"at"`
	// Changed is when the row changed, where that may be later than At.
	Changed Column `yaml:"changed"`
	// Notice is what was shown, with its version: a constant
	// ("newsletter-form@2024"), or else a column. Without one a grant counts
	// as REQUESTED.
	Notice string `yaml:"notice"`
}
