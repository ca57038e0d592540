package match

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// A provider is what is publicly documented of how a mail provider reads the
// part before the @.
type provider struct {
	domain string // under which all its names are one
	dots   bool   // dots make no difference
	tag    string // what follows this sign makes no difference
}

// providers by domain. A domain that is not here keeps dots and tags: there
// they may tell two people apart.
var providers = func() map[string]provider {
	all := map[string]provider{}
	for _, p := range []struct {
		provider
		domains string
	}{
		{provider{"gmail.com", true, "+"}, "gmail.com googlemail.com"},
		{provider{"", false, "+"}, "outlook.com outlook.de outlook.fr outlook.es outlook.it outlook.jp outlook.com.br outlook.co.uk"},
		{provider{"", false, "+"}, "hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it hotmail.es live.com live.co.uk live.de live.fr live.nl msn.com"},
		{provider{"icloud.com", false, "+"}, "icloud.com me.com mac.com"},
		{provider{"", false, "+"}, "fastmail.com fastmail.fm"},
		{provider{"proton.me", true, "+"}, "proton.me protonmail.com protonmail.ch pm.me"},
		{provider{"yandex.ru", false, "+"}, "yandex.ru yandex.com ya.ru yandex.by yandex.kz"},
		{provider{"", false, "+"}, "zoho.com zohomail.com zohomail.eu tutanota.com tuta.io mailbox.org posteo.de posteo.net runbox.com hey.com pobox.com mailfence.com"},
		{provider{"", false, "-"}, "yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.ca yahoo.com.au yahoo.co.in ymail.com rocketmail.com"},
	} {
		for _, d := range strings.Fields(p.domains) {
			all[d] = p.provider
		}
	}
	return all
}()

// email is the normal form of an address: what the provider makes of it, in
// lower case, the domain in ASCII.
func email(s string) (string, bool) {
	s = strings.TrimFunc(norm.NFC.String(s), func(c rune) bool { return unicode.IsSpace(c) || unicode.In(c, unicode.Cf) })
	s = strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">"), "mailto:")
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || len(s) > 254 || at > 64 {
		return "", false
	}
	local := strings.ToLower(s[:at])
	domain, err := idna.Lookup.ToASCII(strings.TrimSuffix(s[at+1:], "."))
	if err != nil || !strings.Contains(domain, ".") || strings.ContainsFunc(local, notInLocal) {
		return "", false
	}
	domain = strings.ToLower(domain)
	if p, ok := providers[domain]; ok {
		if cut := strings.Index(local, p.tag); cut > 0 {
			local = local[:cut]
		}
		if p.dots {
			local = strings.ReplaceAll(local, ".", "")
		}
		if p.domain != "" {
			domain = p.domain
		}
	}
	if local == "" || nobody(local) || slices.Contains(noDomain, domain) {
		return "", false
	}
	return local + "@" + domain, true
}

func notInLocal(c rune) bool {
	return c <= ' ' || c == 0x7f || unicode.IsSpace(c) || strings.ContainsRune(`@,;:<>()[]"\`, c)
}

// nobody says that a local part stands where there is no address.
func nobody(local string) bool {
	bare := strings.Trim(strings.Map(func(c rune) rune {
		if c == '.' || c == '-' || c == '_' {
			return -1
		}
		return c
	}, local), "0123456789")
	return slices.Contains(noLocal, bare) || monotone(local) || (bare == "" && len(local) < 4)
}

// noLocal lists what people type before the @ when they have no address, and
// senders that nobody reads.
var noLocal = []string{
	"none", "n/a", "null", "noemail", "nomail", "noaddress", "notprovided", "notavailable", "unknown", "undefined", "nobody",
	"noone", "noreply", "donotreply", "nereply", "asdf", "qwerty", "test", "testing", "tester", "dummy", "fake", "example", "invalid", "anonymous", "anon", "abc",
	"keine", "keinemail", "unbekannt", "inconnu", "aucun", "sinemail", "sincorreo", "notiene", "ninguno", "nessuno", "brak",
}

// noDomain lists domains that stand in for a missing address, and reserved
// names under which nobody has a mailbox. (example.com and its like are kept:
// test systems are full of people who have theirs there.)
var noDomain = []string{"none.com", "noemail.com", "nomail.com", "noreply.com", "test.test", "none.none", "no.no", "na.na", "email.invalid", "example.invalid", "mailinator.com", "placeholder.com"}

// shared says that an address is a role's, not a person's: several people
// read it, whoever is known to.
func shared(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	return slices.Contains(roles, local)
}

// roles lists mailboxes named after work: RFC 2142's names and what shops and
// offices print on their doors.
var roles = strings.Fields(`
	abuse accounting accounts accountspayable admin administration administrator billing bookings careers contact contacts contactus
	customercare customerservice customersupport desk dispatch enquiries enquiry events everyone facilities family feedback finance frontdesk
	general hello help helpdesk hostmaster hr info information inquiries inquiry invoice invoices it jobs legal logistics mail mailbox
	management manager marketing media news newsletter noc office officeadmin operations ops order orders payments payroll post postmaster
	press procurement purchase purchasing reception recruiting reservations returns root sales secretary security service services shipping
	shop staff store studio subscribe subscriptions support team tech tickets warehouse web webmaster welcome work
	anfrage bestellung bestellungen buchhaltung buero büro einkauf empfang kontakt kundenservice praxis rechnung rechnungen redaktion
	sekretariat verkauf versand vertrieb verwaltung werkstatt zentrale
	accueil achats boutique commandes commercial compta comptabilite comptabilité contacto direction facturation service-client
	administracion administración atencion compras contabilidad facturacion pedidos recepcion tienda ventas
	acquisti amministrazione commerciale contabilita fatture ordini segreteria vendite
	bestelling bestellingen boekhouding inkoop klantenservice verkoop faktura firma kontor post ordre salg biuro sklep zamowienia
`)
