package match

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Write writes the weights as a file that ReadWeights reads. Comments say where
// they are from.
func (t *Training) Write(to io.Writer) error {
	var b bytes.Buffer
	w := t.Weights
	fmt.Fprintf(&b, "# Learnt from %d records, of which %d pairs were compared.\n", t.Records, t.Pairs)
	b.WriteString("# Pairs by what they have in common, and how many of them are taken for one person's:\n")
	for _, s := range t.sieves {
		if s.pairs > 0 {
			fmt.Fprintf(&b, "#   %-16s %9d  %5.1f %%\n", s.name, s.pairs, 100*s.share)
		}
	}
	b.WriteString(`# Behind each level: how often two records of one person, and of two people,
# compare so (m, u). What stands for exact and named of e-mails, phones and
# numbers, and for full of addresses, comes on top of what the prior takes.
# Levels that were hardly met have the shipped weight, moved where its order
# demands it; auto, review, rarity and the guards are the shipped ones.
`)
	fmt.Fprintf(&b, "version: %s\nauto: %s\nreview: %s\nfields:\n", w.Version, w.auto, w.review)
	for f := range fields {
		fmt.Fprintf(&b, "  %s:\n", fieldNames[f])
		list := order(f, 0, func(l level) float64 { return w.of[f][l].bits() })
		slices.Reverse(list)
		for _, l := range list {
			why := "hardly met"
			if guarded(l) {
				why = "a guard"
			}
			if x := t.learnt[f][l]; x.u > 0 {
				why = fmt.Sprintf("m %.3g, u %.3g", x.m, x.u)
			}
			fmt.Fprintf(&b, "    %-17s # %s\n", levelNames[l]+": "+w.of[f][l].String(), why)
		}
	}
	b.WriteString("rarity:\n")
	for i, name := range rareNames {
		fmt.Fprintf(&b, "  %s: [%s, %s]\n", name, w.least[i], w.most[i])
	}
	_, err := to.Write(b.Bytes())
	return err
}

// String is a number of bits, with as few digits as it has.
func (c cents) String() string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", c.bits()), "0"), ".")
}
