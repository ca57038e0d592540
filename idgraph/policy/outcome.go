// Package policy decides who may see what, and why: the policy file, and the
// pure decision over it. It never receives the value of a cell.
package policy

// An Outcome is what a caller gets for a cell.
type Outcome string

// The outcomes form a lattice: SHOWN above PARTIAL and TOKEN, which are not
// comparable, above WITHHELD, above HIDDEN.
const (
	Shown    Outcome = "SHOWN"
	Partial  Outcome = "PARTIAL"
	Token    Outcome = "TOKEN"
	Withheld Outcome = "WITHHELD"
	Hidden   Outcome = "HIDDEN"
)

// Outcomes lists them all.
var Outcomes = []Outcome{Shown, Partial, Token, Withheld, Hidden}

// Meet is the most that both allow; anything unknown is WITHHELD.
func Meet(a, b Outcome) Outcome {
	ra, rb := rank(a), rank(b)
	switch {
	case ra == rb && a != b:
		return Withheld // PARTIAL and TOKEN
	case ra <= rb:
		return known(a)
	}
	return known(b)
}

// AtMost says whether a shows nothing that b doesn't.
func AtMost(a, b Outcome) bool { return Meet(a, b) == known(a) }

func rank(o Outcome) int {
	switch o {
	case Shown:
		return 3
	case Partial, Token:
		return 2
	case Hidden:
		return 0
	}
	return 1
}

func known(o Outcome) Outcome {
	switch o {
	case Shown, Partial, Token, Hidden:
		return o
	}
	return Withheld
}

// A Form is what a field can take on besides its value.
type Form struct {
	Shape  string // the listed shape of PARTIAL, "" where there is none
	Coarse bool   // the field itself is a coarse one
	Rows   bool   // the existence of rows, not a leaf
}

// Fit is what an outcome for a category means for one field of that form.
func Fit(o Outcome, f Form) Outcome {
	if o != Partial && o != Token {
		return known(o)
	}
	switch {
	case f.Rows && o == Partial, f.Coarse && o == Partial:
		return Shown
	case o == Partial && f.Shape != "":
		return Partial
	}
	return Withheld
}
