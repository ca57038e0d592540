package main

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// shopStates are what the shop's order states mean, in our words.
var shopStates = map[string]string{
	"AddingItems": "DRAFT", "ArrangingPayment": "DRAFT", "PaymentAuthorized": "CONFIRMED", "PaymentSettled": "CONFIRMED",
	"PartiallyShipped": "PROCESSING", "Shipped": "SHIPPED", "PartiallyDelivered": "SHIPPED", "Delivered": "DONE", "Cancelled": "CANCELLED",
}

// readShop reads the customers and, by the list of all orders and not through
// the customers, what each of them ordered. What staff are drafting is nobody's.
func readShop(ctx context.Context, s *system) (map[string]*record, error) {
	customers, err := s.api.shopList(ctx, "customers", "CustomerListOptions", `id updatedAt firstName lastName emailAddress phoneNumber
		addresses {streetLine1 streetLine2 city postalCode province country {code}} customFields {acceptsMarketing companyName}`)
	if err != nil {
		return nil, err
	}
	people := map[string]*record{}
	for _, c := range customers {
		own, _ := c["customFields"].(row)
		r := &record{
			source: s.name, id: text(c["id"]), given: text(c["firstName"]), family: text(c["lastName"]), company: text(own["companyName"]),
			name: strings.TrimSpace(text(c["firstName"]) + " " + text(c["lastName"])), touched: moment(c["updatedAt"]), consents: map[string]string{},
		}
		r.emails, r.phones = said(c["emailAddress"]), said(c["phoneNumber"])
		for _, a := range list(c, "addresses") {
			street := strings.Join(append(said(a["streetLine1"]), said(a["streetLine2"])...), ", ")
			r.addresses = append(r.addresses, tuple(street, a["city"], a["postalCode"], a["province"], at(a, "country", "code")))
		}
		state := "DENIED"
		if own["acceptsMarketing"] == true {
			state = "GRANTED"
		}
		r.consents["marketing.email"] = tuple(state, r.touched, "checkout@2024")
		people[r.id] = r
	}
	orders, err := s.api.shopList(ctx, "orders", "OrderListOptions", `id code state orderPlacedAt totalWithTax currencyCode customer {id}
		lines {id quantity unitPriceWithTax productVariant {sku name}}`)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		r := people[text(at(o, "customer", "id"))]
		if r == nil || o["state"] == "Draft" {
			continue
		}
		var items []string
		lines := list(o, "lines")
		slices.SortFunc(lines, func(a, b row) int { return number(a["id"]) - number(b["id"]) })
		for _, l := range lines {
			items = append(items, tuple(at(l, "productVariant", "name"), at(l, "productVariant", "sku"), l["quantity"], cents(l["unitPriceWithTax"]), o["currencyCode"]))
		}
		status := shopStates[text(o["state"])]
		if status == "" {
			status = "the state " + text(o["state"])
		}
		r.orders = append(r.orders, tuple(s.name, o["code"], status, moment(o["orderPlacedAt"]), cents(o["totalWithTax"]), o["currencyCode"], strings.Join(items, "|")))
	}
	return people, nil
}

// said is a list of the one value, where there is one.
func said(v any) []string {
	if t := text(v); t != "" {
		return []string{t}
	}
	return nil
}

func number(v any) int {
	n, _ := strconv.Atoi(text(v))
	return n
}

// cents writes an amount of the smallest coin with its point; none is "".
func cents(v any) string {
	num, ok := v.(json.Number)
	if !ok {
		return ""
	}
	n, _ := num.Int64()
	return strconv.FormatInt(n/100, 10) + "." + strconv.FormatInt(100+n%100, 10)[1:]
}
