package vendure

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"

	"customer360/connectors"
)

// What the shop sends. Fields that were not asked for are missing; times are in
// UTC, to the millisecond.

type customerList struct {
	TotalItems int        `json:"totalItems"`
	Items      []customer `json:"items"`
}

type customer struct {
	ID           string                    `json:"id"`
	UpdatedAt    *time.Time                `json:"updatedAt"`
	FirstName    *string                   `json:"firstName"`
	LastName     *string                   `json:"lastName"`
	EmailAddress *string                   `json:"emailAddress"`
	PhoneNumber  *string                   `json:"phoneNumber"`
	Addresses    []address                 `json:"addresses"`
	CustomFields map[string]jsontext.Value `json:"customFields"`
	Orders       *orderList                `json:"orders"`
	Placed       *orderList                `json:"placed"` // orders, by another name
	Open         *orderList                `json:"open"`
}

type address struct {
	ID              string   `json:"id"`
	StreetLine1     *string  `json:"streetLine1"`
	StreetLine2     *string  `json:"streetLine2"`
	City            *string  `json:"city"`
	PostalCode      *string  `json:"postalCode"`
	Province        *string  `json:"province"`
	Country         *country `json:"country"`
	DefaultBilling  *bool    `json:"defaultBillingAddress"`
	DefaultShipping *bool    `json:"defaultShippingAddress"`
}

type country struct {
	Code *string `json:"code"`
}

type orderList struct {
	TotalItems int     `json:"totalItems"`
	Items      []order `json:"items"`
}

type order struct {
	ID            string     `json:"id"`
	Code          *string    `json:"code"`
	State         *string    `json:"state"`
	OrderPlacedAt *time.Time `json:"orderPlacedAt"`
	TotalWithTax  *int64     `json:"totalWithTax"`
	CurrencyCode  *string    `json:"currencyCode"`
	Lines         []line     `json:"lines"`
}

type line struct {
	ID               string   `json:"id"`
	Quantity         *int64   `json:"quantity"`
	UnitPriceWithTax *int64   `json:"unitPriceWithTax"`
	Variant          *variant `json:"productVariant"`
}

type variant struct {
	SKU  *string `json:"sku"`
	Name *string `json:"name"`
}

// text is a text that says something.
func text(s *string) *string {
	if s == nil || strings.TrimSpace(*s) == "" {
		return nil
	}
	return s
}

// joined are the texts that say something, with sep between them.
func joined(sep string, parts ...*string) *string {
	var said []string
	for _, p := range parts {
		if p = text(p); p != nil {
			said = append(said, *p)
		}
	}
	if said == nil {
		return nil
	}
	all := strings.Join(said, sep)
	return &all
}

// utc is the moment in UTC.
func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := t.UTC()
	return &at
}

// money is an amount of the currency's smallest part; all digits count.
func money(cents *int64, currency *string, digits int32) (*connectors.Money, error) {
	if cents == nil {
		return nil, nil
	}
	if currency == nil || len(*currency) != 3 {
		return nil, fmt.Errorf("an amount without a currency: %w", connectors.ErrBadData)
	}
	return &connectors.Money{Amount: connectors.Decimal{Decimal: decimal.New(*cents, -digits)}, Currency: *currency}, nil
}

// custom reads a custom field, nil where it is null.
func custom[T any](c customer, name string) (*T, error) {
	var v *T
	raw, ok := c.CustomFields[name]
	if !ok || json.Unmarshal(raw, &v) != nil {
		return nil, fmt.Errorf("a custom field of another type: %w", connectors.ErrBadData)
	}
	return v, nil
}
