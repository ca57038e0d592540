package door

import (
	"reflect"

	"customer360/connectors"
	"customer360/idgraph/policy"
)

// maxClasses bounds the distinct categories in use, so that a customer's
// outcomes are a small comparable value.
const maxClasses = 24

// outcomes are what one customer's record shows, by class.
type outcomes [maxClasses]policy.Outcome

func (o *outcomes) of(f fieldRule) policy.Outcome { return policy.Fit(o[f.class], f.form) }

// mask returns a copy of a record that holds only what may go up.
func mask[T connectors.Row](row T, r *rule, o *outcomes) T {
	out := row
	r.apply(reflect.ValueOf(&out).Elem(), o)
	return out
}

// apply masks v, which is a copy already; what v refers to is copied before it changes.
func (r *rule) apply(v reflect.Value, o *outcomes) {
	for _, f := range r.fields {
		if f.origin < 0 {
			continue
		}
		field := v.Field(f.index)
		field.SetZero()
		if o.of(f) != policy.Shown {
			continue
		}
		if coarse := coarsen(v.Field(r.fields[f.origin].index)); coarse.IsValid() {
			field.Set(coarse)
		}
	}
	for _, f := range r.fields {
		if f.origin >= 0 {
			continue
		}
		field := v.Field(f.index)
		if field.IsNil() {
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
	if outcome == policy.Partial && r.rows == "" && r.hasShape() {
		n = min(n, 1)
	}
	out := reflect.MakeSlice(list.Type(), n, n)
	reflect.Copy(out, list)
	for i := range n {
		r.apply(out.Index(i), o)
	}
	list.Set(out)
}

func (r *rule) hasShape() bool {
	for _, f := range r.fields {
		if f.form.Shape != "" {
			return true
		}
	}
	return false
}
