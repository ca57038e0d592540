package door

import (
	"reflect"
	"slices"

	"customer360/connectors"
	"customer360/idgraph/policy"
)

// maxClasses bounds the distinct categories in use, so that a customer's
// outcomes are a small value.
const maxClasses = 12

// outcomes are what one customer's records show, by class.
type outcomes [maxClasses]policy.Outcome

func (o *outcomes) of(f *fieldRule) policy.Outcome { return policy.Fit(o[f.class], f.form) }

// mask returns copies of records that hold only what may go up. The records
// themselves, and all that they refer to, stay as they are.
// Coarse fields are worked out where they are wanted.
func mask[T connectors.Row](rows []T, r *rule, w wanted, o *outcomes) []T {
	out := slices.Clip(slices.Clone(rows))
	for i := range out {
		r.apply(reflect.ValueOf(&out[i]).Elem(), w, o)
	}
	return out
}

// apply masks v, which is a copy already; what v refers to is copied before it changes.
func (r *rule) apply(v reflect.Value, w wanted, o *outcomes) {
	for i := range r.fields { // coarse fields first, while their origins are there
		f := &r.fields[i]
		if f.origin < 0 {
			continue
		}
		field := v.Field(f.index)
		field.SetZero()
		if w&f.path == 0 || o.of(f) != policy.Shown {
			continue
		}
		if coarse := coarsen(v.Field(r.fields[f.origin].index)); coarse.IsValid() {
			field.Set(coarse)
		}
	}
	for i := range r.fields {
		f := &r.fields[i]
		field := v.Field(f.index)
		if f.origin >= 0 || field.IsNil() {
			continue
		}
		switch o.of(f) {
		case policy.Shown:
			if f.elem != nil {
				f.elem.applyAll(field, o, o[f.class])
			}
		case policy.Partial:
			shown := partial(f.form.Shape, *field.Interface().(*string))
			if shown == "" {
				field.SetZero()
			} else {
				field.Set(reflect.ValueOf(&shown))
			}
		default:
			field.SetZero()
		}
	}
}

// applyAll masks a list. A list of values under PARTIAL gives one entry, never a count.
func (r *rule) applyAll(list reflect.Value, o *outcomes, outcome policy.Outcome) {
	n := list.Len()
	if outcome == policy.Partial && r.hasShape() {
		n = min(n, 1)
	}
	out := reflect.MakeSlice(list.Type(), n, n)
	reflect.Copy(out, list)
	for i := range n {
		r.apply(out.Index(i), 0, o)
	}
	list.Set(out)
}

// hasShape tells lists of values, like addresses, from lists of rows, like the
// items of an order: values have a part that may be shown.
func (r *rule) hasShape() bool {
	return slices.ContainsFunc(r.fields, func(f fieldRule) bool { return f.form.Shape != "" })
}
