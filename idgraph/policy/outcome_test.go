package policy

import "testing"

// everything is every outcome there is, and two that nobody knows.
var everything = append(append([]Outcome{}, Outcomes...), "", "SURPRISE")

func TestMeetIsCommutativeAssociativeAndIdempotent(t *testing.T) {
	n := 0
	for _, a := range everything {
		if got := Meet(a, a); got != known(a) {
			t.Errorf("%s with itself is %s", a, got)
		}
		for _, b := range everything {
			if Meet(a, b) != Meet(b, a) {
				t.Errorf("%s and %s: %s one way round, %s the other", a, b, Meet(a, b), Meet(b, a))
			}
			for _, c := range everything {
				n++
				if l, r := Meet(Meet(a, b), c), Meet(a, Meet(b, c)); l != r {
					t.Errorf("%s, %s, %s: %s from the left, %s from the right", a, b, c, l, r)
				}
			}
		}
	}
	t.Logf("%d triples", n)
}

func TestMeetIsTheGreatestThatBothAllow(t *testing.T) {
	above := map[Outcome][]Outcome{ // what each allows, itself included
		Shown: Outcomes, Partial: {Partial, Withheld, Hidden}, Token: {Token, Withheld, Hidden},
		Withheld: {Withheld, Hidden}, Hidden: {Hidden},
	}
	allows := func(a, b Outcome) bool {
		for _, x := range above[a] {
			if x == b {
				return true
			}
		}
		return false
	}
	for _, a := range Outcomes {
		for _, b := range Outcomes {
			m := Meet(a, b)
			if !allows(a, m) || !allows(b, m) {
				t.Errorf("%s and %s meet in %s, which one of them does not allow", a, b, m)
			}
			for _, other := range Outcomes {
				if allows(a, other) && allows(b, other) && !allows(m, other) {
					t.Errorf("%s and %s meet in %s; %s would be allowed too", a, b, m, other)
				}
			}
			if AtMost(a, b) != allows(b, a) {
				t.Errorf("AtMost(%s, %s) is %v", a, b, AtMost(a, b))
			}
		}
	}
}

func TestWhatNobodyKnowsIsWithheld(t *testing.T) {
	for _, strange := range []Outcome{"", "SURPRISE", "shown"} {
		for _, o := range Outcomes {
			want := Withheld
			if o == Hidden {
				want = Hidden
			}
			if got := Meet(strange, o); got != want {
				t.Errorf("%q with %s is %s", strange, o, got)
			}
		}
		for _, f := range []Form{{}, {Shape: "name"}, {Coarse: true}, {Rows: true}} {
			if got := Fit(strange, f); got != Withheld {
				t.Errorf("%q of %+v is %s", strange, f, got)
			}
		}
	}
}

func TestFitNeverRaises(t *testing.T) {
	for _, tc := range []struct {
		about string
		form  Form
		want  map[Outcome]Outcome
	}{
		{"a leaf with a listed shape", Form{Shape: "email"}, map[Outcome]Outcome{Shown: Shown, Partial: Partial, Token: Withheld, Withheld: Withheld, Hidden: Hidden}},
		{"a leaf without one", Form{}, map[Outcome]Outcome{Shown: Shown, Partial: Withheld, Token: Withheld, Withheld: Withheld, Hidden: Hidden}},
		{"a coarse field is itself what PARTIAL shows", Form{Coarse: true}, map[Outcome]Outcome{Shown: Shown, Partial: Shown, Token: Withheld, Withheld: Withheld, Hidden: Hidden}},
		{"rows are there under PARTIAL", Form{Rows: true}, map[Outcome]Outcome{Shown: Shown, Partial: Shown, Token: Withheld, Withheld: Withheld, Hidden: Hidden}},
	} {
		for o, want := range tc.want {
			if got := Fit(o, tc.form); got != want {
				t.Errorf("%s: %s becomes %s, want %s", tc.about, o, got, want)
			}
		}
	}
}
