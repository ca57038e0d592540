package match

import "strings"

// A residence is an address as features hold it: its parts in one text.
type residence struct {
	text string
	ends [residenceParts]uint16 // where each part ends
}

const residenceParts = 7

// longestPart is how much of a part of an address is compared.
const longestPart = 1 << 12

func (a *address) parts() [residenceParts]string {
	all := [residenceParts]string{a.number, a.unit, a.street, a.city, a.postcode, a.region, a.country}
	for i, s := range all {
		all[i] = s[:min(len(s), longestPart)]
	}
	return all
}

// size is how long its text is.
func (a *address) size() (n int) {
	for _, s := range a.parts() {
		n += len(s)
	}
	return n
}

// write writes the text of an address and notes where its parts end.
func (h *residence) write(b *strings.Builder, a *address) {
	n := 0
	for i, s := range a.parts() {
		b.WriteString(s)
		n += len(s)
		h.ends[i] = uint16(n)
	}
}

func (h *residence) part(i int) string {
	if i == 0 {
		return h.text[:h.ends[0]]
	}
	return h.text[h.ends[i-1]:h.ends[i]]
}

// open takes the parts out.
func (h *residence) open() address {
	return address{number: h.part(0), unit: h.part(1), street: h.part(2), city: h.part(3), postcode: h.part(4), region: h.part(5), country: h.part(6)}
}

// city is that of the address.
func (h *residence) city() string { return h.part(3) }

// empty says that nothing tells where it is.
func (h *residence) empty() bool { return h.part(2) == "" && h.part(3) == "" && h.part(4) == "" }
