package tryton

import (
	"context"

	"customer360/connectors"
)

// Deals are leads and opportunities.
func (c crm) Deals(ctx context.Context, q connectors.Query) (connectors.Answers[connectors.Deal], error) {
	answers, err := children(ctx, c.rpc, q, c.opportunities(), dealOf)
	if err != nil {
		return nil, c.fail("deals", err)
	}
	return answers, nil
}

func (c crm) opportunities() shelf[opportunity] {
	return shelf[opportunity]{
		model: "sale.opportunity",
		of: func(parties []int64) domain {
			return domain{clause("party", "in", parties), clause("company", "=", c.cfg.Company)}
		},
		when:   "start_date",
		always: []string{"party"},
		fields: []column{
			{"number", []string{"number"}},
			{"title", []string{"description"}},
			{"stage", []string{"state"}},
			{"amount", []string{"amount", "currency.code"}},
			{"amountBand", []string{"amount", "currency.code"}},
			{"openedAt", []string{"start_date"}},
		},
		key: func(o opportunity) place { return place{o.ID, o.Party, o.StartDate} },
	}
}

func dealOf(head connectors.Record, o opportunity) (connectors.Deal, error) {
	var m mapping
	d := connectors.Deal{
		Record:   head,
		Number:   text(o.Number),
		Title:    text(o.Description),
		Stage:    keep(&m, func() (*connectors.DealStage, error) { return state(o.State, connectors.DealStages) }),
		Amount:   m.money(o.Amount, o.Currency),
		OpenedAt: m.time(o.StartDate),
	}
	return d, m.err
}
