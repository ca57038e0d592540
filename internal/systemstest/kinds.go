package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

const (
	adminPassword = "tryton-admin-password"
	wrongPassword = "tryton-other-password"
)

// what says what a system is, where its scripts are, how the gateway is told
// of it, and how this test reads it.
type what struct {
	name     string   // its source's name; the Trytons' databases', too
	folder   string   // below testdata/systems
	server   string   // the file with its server's process id
	seeder   []string // the program and its script
	path     string   // from the address that up.sh says to the API
	kind     string
	role     string
	secret   string         // the environment variable with the gateway's secret
	settings string         // beside `url`
	kinds    []string       // the record kinds that the gateway asks it for
	limits   map[string]int // the most keys per call that its connector declares
	columns  []string       // what the comparison must have seen a value of
	enter    func(context.Context, *system) error
	add      func(context.Context, *system) error
	read     func(context.Context, *system) (map[string]*record, error)
}

// everything is the four systems, none of them started.
func everything(home string) fleet {
	people := []string{"name", "emails", "phones", "addresses: street", "addresses: city", "addresses: postcode", "addresses: region", "addresses: country"}
	of := func(more ...string) []string { return append(more, people...) }
	tryton := what{server: "trytond.pid", seeder: []string{"python3", "seed.py"}, kind: "tryton", secret: "TRYTON_PASSWORD", enter: enterTryton}
	crm, erp := tryton, tryton
	crm.name, crm.folder, crm.role, crm.add, crm.read = "crm", "tryton-crm", "CRM", addToCRM, readCRM
	crm.kinds, crm.limits = []string{"DEAL", "PROFILE"}, map[string]int{"DEAL": 200, "PROFILE": 200}
	crm.columns = []string{
		"name", "emails", "phones", "addresses: street", "addresses: city", "addresses: postcode", "addresses: country", "language", "company",
		"deals: number", "deals: title", "deals: stage", "deals: amount", "deals: openedAt", "consents: state", "consents: since", "consents: notice",
	}
	crm.settings = `      user: admin
      password: {env: TRYTON_PASSWORD}
      references: erp
      consents:
        - {purpose: marketing.email, list: Newsletter, notice: newsletter-form@2024}
        - {purpose: marketing.profiling, category: Consent / profiling, notice: account-form@2024}
        - {purpose: sharing.support, category: Consent / share_support_history, notice: account-form@2024}
`
	erp.name, erp.folder, erp.role, erp.add, erp.read = "erp", "tryton-erp", "ERP", addToERP, readERP
	erp.kinds = []string{"BALANCE", "INVOICE", "ORDER", "PAYMENT", "PROFILE"}
	erp.limits = map[string]int{"BALANCE": 200, "INVOICE": 200, "ORDER": 200, "PAYMENT": 200, "PROFILE": 200}
	erp.columns = of("language", "invoices: number", "invoices: status", "invoices: issuedAt", "invoices: total", "invoices: amountDue",
		"payments: paidAt", "payments: amount", "payments: method", "payments: invoiceNumber", "balanceDue",
		"orders: number", "orders: status", "orders: placedAt", "orders: total", "orders: items.name", "orders: items.sku", "orders: items.quantity", "orders: items.unitPrice")
	erp.settings = `      user: admin
      password: {env: TRYTON_PASSWORD}
`
	shop := what{
		name: "shop", folder: "vendure", server: "vendure.pid", seeder: []string{"node", "seed.mjs"}, path: "/admin-api",
		kind: "vendure", role: "COMMERCE", secret: "SHOP_KEY",
		settings: `      key: {env: SHOP_KEY}
      company: companyName
      consents:
        - {purpose: marketing.email, field: acceptsMarketing, notice: checkout@2024}
`,
		kinds: []string{"ORDER", "PROFILE"}, limits: map[string]int{"ORDER": 50, "PROFILE": 50},
		columns: of("givenName", "familyName", "company", "consents: state", "consents: since", "consents: notice",
			"orders: number", "orders: status", "orders: placedAt", "orders: total", "orders: items.name", "orders: items.sku", "orders: items.quantity", "orders: items.unitPrice"),
		enter: enterShop, add: addToShop, read: readShop,
	}
	helpdesk := what{
		name: "helpdesk", folder: "request-tracker", server: "rt.pid", seeder: []string{"python3", "seed.py"}, path: "/",
		kind: "requesttracker", role: "HELPDESK", secret: "HELPDESK_TOKEN",
		settings: `      token: {env: HELPDESK_TOKEN}
      priorities: {LOW: 0, NORMAL: 50, HIGH: 100}
`,
		kinds: []string{"PROFILE", "TICKET"}, limits: map[string]int{"MESSAGE": 50, "PROFILE": 100, "TICKET": 5},
		columns: of("language", "company", "tickets: number", "tickets: subject", "tickets: status", "tickets: priority", "tickets: openedAt", "tickets: updatedAt",
			"tickets: messages.author", "tickets: messages.sentAt", "tickets: messages.text"),
		enter: enterHelpdesk, add: addToHelpdesk, read: readHelpdesk,
	}
	var all fleet
	for _, w := range []what{crm, erp, shop, helpdesk} {
		all = append(all, &system{what: w, home: home})
	}
	return all
}

// source is the gateway's configuration of the system, reached at an address.
func (s *system) source(url string) source {
	return source{name: s.name, kind: s.kind, role: s.role, url: url, settings: s.settings, env: s.secret + "=" + s.secretValue()}
}

// secretValue is what lets the gateway in: a password, or what up.sh has left.
func (s *system) secretValue() string {
	if s.kind == "tryton" {
		return adminPassword
	}
	said, _ := os.ReadFile(filepath.Join(s.state(), "token"))
	return strings.TrimSpace(string(said))
}

func enterTryton(ctx context.Context, s *system) (err error) {
	s.rpc, err = login(ctx, s.url)
	return err
}

func enterHelpdesk(_ context.Context, s *system) error {
	s.api = &apiClient{url: s.url + "REST/2.0/", header: "Authorization", value: "token " + s.secretValue()}
	return nil
}

// enterShop goes in by the administrator's password: a key costs the shop a
// bcrypt hash with every call.
func enterShop(ctx context.Context, s *system) error {
	s.api = &apiClient{url: s.url, header: "Authorization"}
	return s.api.loginShop(ctx)
}
