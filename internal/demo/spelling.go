package demo

import (
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"customer360/idgraph"
)

// A spelling is how one system has written a person down.
type spelling struct {
	given, family string
	email         string // "" where it never got one
	phone         string
	home          address
}

// spell writes a person down the way people do at a counter, on the telephone
// and in forms. The showcase is spelled well everywhere, if not the same.
func spell(d *dice, p *person, s idgraph.Source) spelling {
	out := spelling{given: p.given.Name, family: p.family, email: p.email, phone: pick(d, p.phone.forms), home: p.home}
	if p.showcase {
		return showcase(out, p, s)
	}
	if s != "erp" && len(p.given.Also) > 0 && d.percent(28) {
		out.given = pick(d, p.given.Also)
	}
	if (s == "erp" || s == "helpdesk") && d.percent(40) {
		out.given, out.family = ascii(out.given), ascii(out.family)
	}
	switch {
	case s == "erp" && d.percent(14):
		out.given, out.family = strings.ToUpper(out.given), strings.ToUpper(out.family)
	case s == "erp" && d.percent(5):
		out.given = string([]rune(out.given)[:1]) + "."
	case d.percent(6):
		out.family = typo(d, out.family)
	case d.percent(1):
		out.given = typo(d, out.given)
	}
	out.email = spellEmail(d, p, s)
	if d.percent(map[idgraph.Source]int{"crm": 12, "erp": 18, "shop": 30, "helpdesk": 50}[s]) {
		out.phone = ""
	} else if s == "helpdesk" && d.percent(80) {
		out.phone = p.phone.forms[len(p.phone.forms)-1] // as the telephone system shows it
	}
	if p.former != (address{}) && (s == "erp" || s == "shop") {
		out.home = p.former
	}
	out.home.street = spellStreet(d, out.home.street)
	return out
}

func showcase(out spelling, p *person, s idgraph.Source) spelling {
	out.phone = p.phone.forms[len(p.phone.forms)-1]
	switch s {
	case "erp":
		out.family, out.email = "Mueller", strings.ToUpper(p.email)
	case "shop":
		out.given = "Kate"
	case "helpdesk":
		out.given, out.email = "Kate", "Kate.Mueller@example.com"
	}
	return out
}

func spellEmail(d *dice, p *person, s idgraph.Source) string {
	mail := p.email
	if (s == "shop" || s == "helpdesk") && !p.meets && d.percent(9) {
		mail = p.other
	}
	local, domain, _ := strings.Cut(mail, "@")
	missing := map[idgraph.Source]int{"crm": 5, "erp": 14, "shop": 0, "helpdesk": 2}[s]
	switch d.weighted(missing, 12, 8, 4, 5, 3, 68-missing) {
	case 0:
		return ""
	case 1:
		return title(local) + "@" + domain
	case 2:
		return strings.ToUpper(mail)
	case 3:
		return local + "+" + pick(d, []string{"shop", "news", "orders"}) + "@" + domain
	case 4:
		if s == "crm" || s == "erp" {
			return " " + mail + " "
		}
	case 5:
		if !p.meets {
			return typo(d, local) + "@" + domain
		}
	}
	return mail
}

func spellStreet(d *dice, street string) string {
	for _, a := range [][2]string{{"straße", "str."}, {"Street", "St."}, {"Road", "Rd"}, {"Avenue", "Ave"}, {"Lane", "Ln"}, {"avenue", "av."}} {
		if strings.Contains(street, a[0]) && d.percent(35) {
			return strings.ReplaceAll(street, a[0], a[1])
		}
	}
	if d.percent(6) {
		return strings.ToUpper(street)
	}
	return street
}

// typo swaps, drops or doubles a letter.
func typo(d *dice, s string) string {
	r := []rune(s)
	if len(r) < 4 {
		return s + string(r[len(r)-1])
	}
	i := 1 + d.below(len(r)-3)
	switch d.below(3) {
	case 0:
		r[i], r[i+1] = r[i+1], r[i]
		return string(r)
	case 1:
		return string(append(r[:i:i], r[i+1:]...))
	}
	return string(r[:i+1]) + string(r[i:])
}

var bare = transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)

// ascii writes a name with the letters of an English keyboard.
func ascii(s string) string {
	s = strings.NewReplacer("ø", "o", "Ø", "O", "ł", "l", "Ł", "L", "ß", "ss", "’", "'", "ı", "i",
		"ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue").Replace(s)
	out, _, err := transform.String(bare, s)
	if err != nil {
		return s
	}
	return out
}

// slug is a name as it stands in addresses on the web.
func slug(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(ascii(s)))
}

// title begins each word with a capital.
func title(s string) string {
	word := true
	return strings.Map(func(r rune) rune {
		if word {
			r = unicode.ToUpper(r)
		}
		word = !unicode.IsLetter(r)
		return r
	}, s)
}
