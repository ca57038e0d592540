package tryton

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"customer360/connectors"
)

// What the server sends. Dotted fields ("currency.code") come back under the
// first name with a dot ("currency."), as an object or a list of objects, null
// where the relation is empty. Fields that were not asked for are missing.

// A number is an exact decimal.
type number struct {
	Class   string `json:"__class__"`
	Decimal string `json:"decimal"`
}

func (n *number) decimal() (*connectors.Decimal, error) {
	if n == nil {
		return nil, nil
	}
	if n.Class != "Decimal" {
		return nil, fmt.Errorf("an amount that is no Decimal: %w", connectors.ErrBadData)
	}
	d, err := connectors.ParseDecimal(n.Decimal)
	return &d, err
}

// A stamp is a date, or a moment in UTC.
type stamp struct {
	Class  string `json:"__class__"`
	Year   int    `json:"year"`
	Month  int    `json:"month"`
	Day    int    `json:"day"`
	Hour   int    `json:"hour"`
	Minute int    `json:"minute"`
	Second int    `json:"second"`
	Micro  int    `json:"microsecond"`
}

// time is the moment; a date's is its midnight in UTC.
func (s *stamp) time() (*time.Time, error) {
	if s == nil {
		return nil, nil
	}
	t := time.Date(s.Year, time.Month(s.Month), s.Day, s.Hour, s.Minute, s.Second, s.Micro*1000, time.UTC)
	known := s.Class == "date" || s.Class == "datetime"
	if !known || t.Year() != s.Year || int(t.Month()) != s.Month || t.Day() != s.Day {
		return nil, fmt.Errorf("a date that is none: %w", connectors.ErrBadData)
	}
	return &t, nil
}

// touched is when a row last changed: write_date, and before the first change create_date.
func touched(written, made *stamp) (*time.Time, error) {
	if written != nil {
		return written.time()
	}
	return made.time()
}

type (
	coded struct {
		Code *string `json:"code"`
	}
	named struct {
		Name *string `json:"name"`
	}
)

// money is an amount in the currency of "currency.code".
func money(n *number, in *coded) (*connectors.Money, error) {
	d, err := n.decimal()
	if d == nil || err != nil {
		return nil, err
	}
	if in == nil || in.Code == nil || len(*in.Code) != 3 {
		return nil, fmt.Errorf("an amount without a currency: %w", connectors.ErrBadData)
	}
	return &connectors.Money{Amount: *d, Currency: *in.Code}, nil
}

// state turns a selection's value into ours, which differs in case alone.
func state[S ~string](s *string, known []S) (*S, error) {
	if s == nil {
		return nil, nil
	}
	ours := S(strings.ToUpper(*s))
	if !slices.Contains(known, ours) {
		return nil, fmt.Errorf("a state that is not known: %w", connectors.ErrBadData)
	}
	return &ours, nil
}

// text is a text that says something.
func text(s *string) *string {
	if s == nil || strings.TrimSpace(*s) == "" {
		return nil
	}
	return s
}

// A party is a person or a company.
type party struct {
	ID          int64        `json:"id"`
	Name        *string      `json:"name"`
	Code        *string      `json:"code"`
	Lang        *coded       `json:"lang."`
	Mechanisms  []mechanism  `json:"contact_mechanisms."`
	Addresses   []address    `json:"addresses."`
	Identifiers []identifier `json:"identifiers."`
	Relations   []relation   `json:"relations."`
	Categories  []category   `json:"categories."`
	ReplacedBy  *int64       `json:"replaced_by"`
	Receivable  *number      `json:"receivable"`
	Written     *stamp       `json:"write_date"`
	Made        *stamp       `json:"create_date"`
}

type mechanism struct {
	ID     int64   `json:"id"`
	Party  int64   `json:"party"`
	Type   string  `json:"type"`
	Value  *string `json:"value"`
	Active bool    `json:"active"`
}

type address struct {
	Street      *string `json:"street"`
	City        *string `json:"city"`
	PostalCode  *string `json:"postal_code"`
	Subdivision *coded  `json:"subdivision."`
	Country     *coded  `json:"country."`
	Active      bool    `json:"active"`
}

type identifier struct {
	Type *string `json:"type"`
	Code *string `json:"code"`
}

type relation struct {
	Type *named `json:"type."`
	To   *named `json:"to."`
}

// A category, with the names of its parents: "Consent / profiling".
type category struct {
	Name   string `json:"rec_name"`
	Active bool   `json:"active"`
}

// A subscription of an address to a mailing list.
type subscription struct {
	ID      int64  `json:"id"`
	Email   string `json:"email"`
	List    *named `json:"list_."`
	Active  bool   `json:"active"`
	Written *stamp `json:"write_date"`
	Made    *stamp `json:"create_date"`
}

// An opportunity is a lead or more.
type opportunity struct {
	ID          int64   `json:"id"`
	Party       *int64  `json:"party"`
	Number      *string `json:"number"`
	Description *string `json:"description"`
	State       *string `json:"state"`
	Amount      *number `json:"amount"`
	Currency    *coded  `json:"currency."`
	StartDate   *stamp  `json:"start_date"`
}

type sale struct {
	ID       int64   `json:"id"`
	Party    *int64  `json:"party"`
	Number   *string `json:"number"`
	State    *string `json:"state"`
	Total    *number `json:"total_amount"`
	Currency *coded  `json:"currency."`
	SaleDate *stamp  `json:"sale_date"`
	Lines    []line  `json:"lines."`
}

// A line of a sale; those of another type are titles, subtotals and comments.
type line struct {
	Type        string         `json:"type"`
	Description *string        `json:"description"`
	Product     *product       `json:"product."`
	Quantity    jsontext.Value `json:"quantity"` // a JSON number: kept as its text
	UnitPrice   *number        `json:"unit_price"`
}

type product struct {
	Code *string `json:"code"`
	Name *string `json:"name"`
}

type invoice struct {
	ID          int64   `json:"id"`
	Party       *int64  `json:"party"`
	Number      *string `json:"number"`
	State       *string `json:"state"`
	Total       *number `json:"total_amount"`
	ToPay       *number `json:"amount_to_pay"`
	Currency    *coded  `json:"currency."`
	InvoiceDate *stamp  `json:"invoice_date"`
}

// A payment is the line of a move that was booked against an invoice.
type payment struct {
	ID             int64   `json:"id"`
	Invoice        *payee  `json:"invoice_payment."`
	Date           *stamp  `json:"date"`
	Debit          *number `json:"debit"`
	Credit         *number `json:"credit"`
	Currency       *coded  `json:"currency."`
	Second         *number `json:"amount_second_currency"`
	SecondCurrency *coded  `json:"second_currency."`
	Journal        *named  `json:"journal."`
}

type payee struct {
	Party  *int64  `json:"party"`
	Number *string `json:"number"`
}
