package match

import (
	"strings"
)

// compareHomes compares addresses. Streets are the same where the words of one
// stand in the other one: a building or a part of the town may stand beside them.
func (c *comparer) compareHomes(x, y *residence) level {
	if x.empty() || y.empty() {
		return levelMissing
	}
	a, b := x.open(), y.open()
	samePost := a.postcode != "" && a.postcode == b.postcode
	nearPost := samePost || min(len(a.postcode), len(b.postcode)) >= 4 && distance(a.postcode, b.postcode, 1) == 1
	sameCity := a.city != "" && b.city != "" && (a.city == b.city || typed(a.city, b.city))
	bothStreets := a.street != "" && b.street != ""
	sameStreet := bothStreets && (a.street == b.street || typed(a.street, b.street) || wordsIn(a.street, b.street) || respaced(a.street, b.street))
	numbers := a.number != "" && b.number != ""
	sameNumber := numbers && a.number == b.number
	placed := samePost || sameCity || nearPost || a.postcode == "" && a.city == "" || b.postcode == "" && b.city == "" ||
		a.postcode == "" && b.city == "" || a.city == "" && b.postcode == ""
	switch {
	case numbers && !sameNumber && (bothStreets || samePost):
		if c.snapshot.OneEach && sameStreet && (samePost || sameCity && nearPost) {
			return levelStreet
		}
		if sameStreet || samePost {
			return levelMissing // the neighbours, or a slip
		}
		return levelDifferent
	case sameStreet && sameNumber && placed:
		return levelFull
	case samePost && (sameNumber || sameStreet), sameStreet && placed, sameNumber && sameCity && nearPost:
		return levelStreet
	case samePost && !bothStreets:
		return levelNear
	case sameCity && !bothStreets:
		return levelCity
	case sameCity || samePost:
		return levelMissing
	case bothStreets || a.postcode != "" && b.postcode != "" || a.city != "" && b.city != "":
		return levelDifferent
	}
	return levelMissing
}

// wordsIn says that all words of the shorter street but its type stand in the
// longer one, a slip in each allowed.
func wordsIn(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	long := false
	for word := range strings.SplitSeq(a, " ") {
		if len(word) < 4 || streetWords[word] == word {
			continue
		}
		found := false
		for other := range strings.SplitSeq(b, " ") {
			found = found || word == other || len(word) >= 5 && distance(word, other, 1) <= 1
		}
		if !found {
			return false
		}
		long = true
	}
	return long
}

// respaced says that two streets are the same but for a blank that stands
// elsewhere, or not at all, and at most a slip.
func respaced(a, b string) bool {
	more := len(a) - len(b)
	return more <= 3 && more >= -3 && strings.Count(a, " ")+strings.Count(b, " ") > 0 && a[0] == b[0] &&
		typed(strings.ReplaceAll(a, " ", ""), strings.ReplaceAll(b, " ", ""))
}
