package door

import "customer360/connectors"

// askByKeys hands a call for profiles the look-up keys of its refs and begins
// it: the source cannot do without. Where they cannot be read, it does as well
// as it can.
func (op *Operation) askByKeys(c *call, conn connectors.ProfileLister) {
	keys, err := op.door.Graph.LookupKeys(op.ctx, c.source.name, c.query.Refs)
	if err != nil {
		op.door.Log.ErrorContext(op.ctx, "the look-up keys cannot be read", "source", c.source.name, "error", err)
	}
	c.query.Keys = keys
	askFor(op, c, conn.Profiles)
}
