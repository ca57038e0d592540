package connectors

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// A Decimal is an exact number that keeps its digits: "249.00" stays "249.00".
type Decimal struct{ decimal.Decimal }

// ParseDecimal reads a decimal number.
func ParseDecimal(s string) (Decimal, error) {
	d, err := decimal.NewFromString(s)
	if err != nil {
		return Decimal{}, fmt.Errorf("a decimal number: %w", ErrBadData)
	}
	return Decimal{d}, nil
}

// String keeps trailing zeros.
func (d Decimal) String() string { return d.StringFixed(max(0, -d.Exponent())) }

// MarshalGQL writes the number as a string.
func (d Decimal) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(d.String())) }

// UnmarshalGQL reads a string.
func (d *Decimal) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a Decimal is a string")
	}
	x, err := ParseDecimal(s)
	if err != nil {
		return fmt.Errorf("a Decimal is a decimal number in a string")
	}
	*d = x
	return nil
}

// Money is an amount in one currency.
type Money struct {
	Amount   Decimal
	Currency string // ISO 4217
}

// A Date is a calendar day, YYYY-MM-DD.
type Date string

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fmt.Errorf("a date YYYY-MM-DD: %w", ErrBadData)
	}
	return Date(s), nil
}

// MarshalGQL writes the day.
func (d Date) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(d))) }

// UnmarshalGQL reads the day.
func (d *Date) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a Date is a string")
	}
	x, err := ParseDate(s)
	if err != nil {
		return fmt.Errorf("a Date is written YYYY-MM-DD")
	}
	*d = x
	return nil
}

// An AmountBand says coarsely how much.
type AmountBand string

// The bands, as the schema says them.
const (
	Credit     AmountBand = "CREDIT"
	Under50    AmountBand = "UNDER_50"
	Under200   AmountBand = "UNDER_200"
	Under1000  AmountBand = "UNDER_1000"
	Under10000 AmountBand = "UNDER_10000"
	From10000  AmountBand = "FROM_10000"
)

// AmountBands are the bands, rising.
var AmountBands = []AmountBand{Credit, Under50, Under200, Under1000, Under10000, From10000}

// BandOf is the band of an amount.
func BandOf(m Money) AmountBand {
	if m.Amount.IsNegative() {
		return Credit
	}
	switch a := m.Amount.whole(); {
	case a < 50:
		return Under50
	case a < 200:
		return Under200
	case a < 1000:
		return Under1000
	case a < 10000:
		return Under10000
	}
	return From10000
}

// whole is the number without its decimals; the largest int64 where it is larger.
func (d Decimal) whole() int64 {
	if e := d.Exponent(); e > 0 || e < -18 || d.NumDigits() > 18 {
		if t := d.Truncate(0); t.LessThan(decimal.NewFromInt(math.MaxInt64)) {
			return t.IntPart()
		}
		return math.MaxInt64
	}
	n := d.CoefficientInt64()
	for e := d.Exponent(); e < 0; e++ {
		n /= 10
	}
	return n
}

// The enums of records, with the schema's values.
type (
	DealStage      string
	InvoiceStatus  string
	OrderStatus    string
	TicketStatus   string
	TicketPriority string
	MessageAuthor  string
)

// The values of the enums, as the schema lists them.
var (
	DealStages       = []DealStage{"LEAD", "OPPORTUNITY", "CONVERTED", "WON", "LOST", "CANCELLED"}
	InvoiceStatuses  = []InvoiceStatus{"DRAFT", "VALIDATED", "POSTED", "PAID", "CANCELLED"}
	OrderStatuses    = []OrderStatus{"DRAFT", "QUOTATION", "CONFIRMED", "PROCESSING", "SHIPPED", "DONE", "CANCELLED", "REFUNDED"}
	TicketStatuses   = []TicketStatus{"NEW", "OPEN", "PENDING", "RESOLVED", "CLOSED"}
	TicketPriorities = []TicketPriority{"LOW", "NORMAL", "HIGH", "URGENT"}
	MessageAuthors   = []MessageAuthor{"CUSTOMER", "AGENT", "SYSTEM"}
)
