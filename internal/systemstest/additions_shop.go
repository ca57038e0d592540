package main

import (
	"context"
	"fmt"
)

// A shopClerk does one thing after another at the shop, until one goes wrong.
type shopClerk struct {
	ctx context.Context
	api *apiClient
	err error
}

func (c *shopClerk) do(query string, variables row) (data row) {
	if c.err == nil {
		data, c.err = c.api.graphql(c.ctx, query, variables)
	}
	return data
}

// addToShop gives one customer a second address with a second line and a
// region and another one an employer, has orders shipped, delivered, cancelled
// and waiting for their payment, and deletes a customer.
func addToShop(ctx context.Context, s *system) error {
	customers, err := s.api.shopList(ctx, "customers", "CustomerListOptions", "id emailAddress addresses {province} customFields {companyName}")
	if err != nil || len(customers) < 4 {
		return fmt.Errorf("%d customers: %w", len(customers), orTooFew(err))
	}
	for _, a := range list(customers[0], "addresses") {
		if text(a["province"]) != "" {
			return nil // all of this has been done
		}
	}
	c := &shopClerk{ctx: ctx, api: s.api}
	gone := c.do(`mutation {createCustomer(input: {firstName: "Gone", lastName: "Byrd", emailAddress: "gone.byrd@example.org"}) {... on Customer {id} ... on ErrorResult {errorCode}}}`, nil)
	c.do(`mutation ($i: ID!) {deleteCustomer(id: $i) {result}}`, row{"i": at(gone, "createCustomer", "id")})
	c.do(`mutation ($i: UpdateCustomerInput!) {updateCustomer(input: $i) {... on Customer {id} ... on ErrorResult {errorCode}}}`,
		row{"i": row{"id": customers[1]["id"], "customFields": row{"companyName": "Umbra Optics"}}})
	if err := c.moveOrders(); err != nil {
		return err
	}
	c.do(`mutation ($c: ID!, $i: CreateAddressInput!) {createCustomerAddress(customerId: $c, input: $i) {id}}`, row{"c": customers[0]["id"], "i": row{
		"fullName": "Umbra Optics", "streetLine1": "7 Harbour Street", "streetLine2": "Floor 3", "city": "Boston", "postalCode": "02110",
		"province": "Massachusetts", "countryCode": "US", "phoneNumber": "+1 617 555 0199",
	}})
	return c.err
}

// moveOrders takes the first orders that were paid one step on each, and a
// draft of the staff's to the customer.
func (c *shopClerk) moveOrders() error {
	orders, err := c.api.shopList(c.ctx, "orders", "OrderListOptions", "id state lines {id quantity}")
	if err != nil {
		return err
	}
	paid, drafts := []func(row){
		func(o row) { c.send(o, "Shipped") },
		func(o row) { c.send(o, "Shipped", "Delivered") },
		func(o row) {
			c.do(`mutation ($i: CancelOrderInput!) {cancelOrder(input: $i) {... on Order {id} ... on ErrorResult {errorCode}}}`, row{"i": row{"orderId": o["id"], "reason": "test"}})
		},
	}, []func(row){func(o row) {
		c.do(`mutation ($i: ID!) {transitionOrderToState(id: $i, state: "ArrangingPayment") {... on Order {id} ... on OrderStateTransitionError {errorCode}}}`, row{"i": o["id"]})
	}}
	for _, o := range orders {
		switch {
		case o["state"] == "PaymentSettled" && len(paid) > 0:
			paid[0](o)
			paid = paid[1:]
		case o["state"] == "Draft" && len(drafts) > 0:
			drafts[0](o)
			drafts = drafts[1:]
		}
	}
	return c.err
}

// send packs all of an order, and lets the parcel reach the states.
func (c *shopClerk) send(order row, states ...string) {
	var lines []any
	for _, l := range list(order, "lines") {
		lines = append(lines, row{"orderLineId": l["id"], "quantity": l["quantity"]})
	}
	sent := c.do(`mutation ($i: FulfillOrderInput!) {addFulfillmentToOrder(input: $i) {... on Fulfillment {id} ... on ErrorResult {errorCode}}}`, row{"i": row{
		"lines": lines, "handler": row{"code": "manual-fulfillment", "arguments": []any{row{"name": "method", "value": "parcel"}}},
	}})
	for _, state := range states {
		c.do(`mutation ($i: ID!, $s: String!) {transitionFulfillmentToState(id: $i, state: $s) {... on Fulfillment {id} ... on ErrorResult {errorCode}}}`,
			row{"i": at(sent, "addFulfillmentToOrder", "id"), "s": state})
	}
}
