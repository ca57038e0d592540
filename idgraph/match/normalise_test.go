package match

import (
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/idna"
	"pgregory.net/rapid"

	"customer360/idgraph"
)

func TestNormalise(t *testing.T) {
	const missing = ""
	for _, c := range []struct {
		name        string
		typ         idgraph.IdentifierType
		in          string
		region      string
		want        string
		wantMissing bool
	}{
		{name: "case and spaces make no difference", typ: idgraph.Email, in: "  Ada.Byron@Example.COM\t", want: "ada.byron@example.com"},
		{name: "a plus tag stays where the provider is not known to ignore it", typ: idgraph.Email, in: "ada+shop@example.com", want: "ada+shop@example.com"},
		{name: "dots stay where the provider is not known to ignore them", typ: idgraph.Email, in: "a.d.a@example.com", want: "a.d.a@example.com"},
		{name: "Gmail ignores dots and tags", typ: idgraph.Email, in: "A.D.A+shop@GMail.com", want: "ada@gmail.com"},
		{name: "Gmail has two names", typ: idgraph.Email, in: "ada@googlemail.com", want: "ada@gmail.com"},
		{name: "Outlook ignores tags, not dots", typ: idgraph.Email, in: "a.da+x@outlook.com", want: "a.da@outlook.com"},
		{name: "a tag that is all there is stays", typ: idgraph.Email, in: "+x@gmail.com", want: "+x@gmail.com"},
		{name: "an international domain is written in ASCII", typ: idgraph.Email, in: "ada@BÜCHER.example", want: "ada@xn--bcher-kva.example"},
		{name: "a domain in ASCII already stays", typ: idgraph.Email, in: "ada@xn--bcher-kva.example", want: "ada@xn--bcher-kva.example"},
		{name: "a domain with its root dot is the same", typ: idgraph.Email, in: "ada@example.com.", want: "ada@example.com"},
		{name: "composed and decomposed letters are the same", typ: idgraph.Email, in: "rene\u0301@example.com", want: "rené@example.com"},
		{name: "mailto and brackets go", typ: idgraph.Email, in: "<ada@example.com>", want: "ada@example.com"},
		{name: "a role's mailbox is an address", typ: idgraph.Email, in: "orders@example.com", want: "orders@example.com"},
		{name: "a name before the address goes", typ: idgraph.Email, in: "Ada Byron <Ada@example.com>", want: "ada@example.com"},
		{name: "mailto in capitals goes", typ: idgraph.Email, in: "MAILTO:ada@example.com", want: "ada@example.com"},
		{name: "who has no address says so in Spanish", typ: idgraph.Email, in: "no.tiene@example.com", wantMissing: true},
		{name: "or in Polish", typ: idgraph.Email, in: "brak@example.pl", wantMissing: true},
		{name: "or says a letter twice", typ: idgraph.Email, in: "a@a.com", wantMissing: true},
		{name: "a domain where nobody is", typ: idgraph.Email, in: "ada@noemail.com", wantMissing: true},
		{name: "a domain that ends in a hyphen is none", typ: idgraph.Email, in: "ada@example-.com", wantMissing: true},
		{name: "nobody's address is missing", typ: idgraph.Email, in: "none@example.com", wantMissing: true},
		{name: "a sender that nobody reads is missing", typ: idgraph.Email, in: "No-Reply@example.com", wantMissing: true},
		{name: "an address for testing forms is missing", typ: idgraph.Email, in: "test123@test.test", wantMissing: true},
		{name: "letters that repeat are missing", typ: idgraph.Email, in: "xxxx@example.com", wantMissing: true},
		{name: "without an @ it is none", typ: idgraph.Email, in: "ada.example.com", wantMissing: true},
		{name: "without a dot in its domain it is none", typ: idgraph.Email, in: "ada@localhost", wantMissing: true},
		{name: "two addresses are none", typ: idgraph.Email, in: "ada@example.com, bob@example.com", wantMissing: true},
		{name: "an empty address is missing", typ: idgraph.Email, in: missing, wantMissing: true},
		{name: "a far too long address is none", typ: idgraph.Email, in: strings.Repeat("a", 300) + "@example.com", wantMissing: true},

		{name: "a national number is read in the region", typ: idgraph.Phone, in: "0171 / 3920012", region: "DE", want: "+491713920012"},
		{name: "brackets and dots are how people write", typ: idgraph.Phone, in: "(217) 555-0134", region: "US", want: "+12175550134"},
		{name: "a country code needs no region", typ: idgraph.Phone, in: "+44 7700 900123", region: "DE", want: "+447700900123"},
		{name: "a zero in brackets is a trunk code", typ: idgraph.Phone, in: "+44 (0)7700 900123", want: "+447700900123"},
		{name: "two zeros are a plus", typ: idgraph.Phone, in: "0044 7700 900 123", region: "US", want: "+447700900123"},
		{name: "two zeros are a plus where they dial otherwise too", typ: idgraph.Phone, in: "0061 491 570123", region: "AU", want: "+61491570123"},
		{name: "a country code that has lost its plus is found", typ: idgraph.Phone, in: "12175550134", region: "DE", want: "+12175550134"},
		{name: "the region may be in lower case", typ: idgraph.Phone, in: "0171 3920012", region: "de", want: "+491713920012"},
		{name: "a national number without a region is its digits", typ: idgraph.Phone, in: "0171 3920012", want: "1713920012"},
		{name: "a zero dialled out of habit", typ: idgraph.Phone, in: "0612 409 573", region: "ES", want: "+34612409573"},
		{name: "an Italian number begins with one", typ: idgraph.Phone, in: "02 1234567", region: "IT", want: "+39021234567"},
		{name: "a number with a digit too many is still the same line", typ: idgraph.Phone, in: "(0)6112-345679", region: "ES", want: "+346112345679"},
		{name: "whichever way it is written", typ: idgraph.Phone, in: "0034 6112 345679", region: "DE", want: "+346112345679"},
		{name: "one with a digit too few may be of any town", typ: idgraph.Phone, in: "555-0123", region: "US", wantMissing: true},
		{name: "a number of another country's shape is none", typ: idgraph.Phone, in: "07700 900123", region: "US", wantMissing: true},
		{name: "zeros are missing", typ: idgraph.Phone, in: "0000000000", region: "DE", wantMissing: true},
		{name: "a digit over and over is missing", typ: idgraph.Phone, in: "+49 171 1111111", wantMissing: true},
		{name: "a run of digits is missing", typ: idgraph.Phone, in: "1234567890", region: "US", wantMissing: true},
		{name: "a few digits are none", typ: idgraph.Phone, in: "4711", region: "DE", wantMissing: true},
		{name: "words are none", typ: idgraph.Phone, in: "call Ada", region: "DE", wantMissing: true},

		{name: "separators of a card go", typ: idgraph.LoyaltyID, in: " lc-1000 2000.3 ", want: "LC100020003"},
		{name: "an en dash is a separator too", typ: idgraph.LoyaltyID, in: "LC–1000", want: "LC1000"},
		{name: "full-width digits are digits", typ: idgraph.LoyaltyID, in: "１００２", want: "1002"},
		{name: "leading zeros stay", typ: idgraph.LoyaltyID, in: "00123", want: "00123"},
		{name: "a customer number is read like a card", typ: idgraph.Reference("erp"), in: "c-10002", want: "C10002"},
		{name: "separators of a passport's or a tax number go", typ: idgraph.NationalID, in: "078-05-1121", want: "078051121"},
		{name: "letters of a national number are capitals", typ: idgraph.NationalID, in: "x 1234567 l", want: "X1234567L"},
		{name: "a passport's number is read like any of a state", typ: idgraph.NationalIDOf("passport"), in: "c 01x 0006h", want: "C01X0006H"},
		{name: "a national number of zeros is missing", typ: idgraph.NationalID, in: "000-00-0000", wantMissing: true},
		{name: "one from an advertisement is missing", typ: idgraph.NationalID, in: "078-05-1120", wantMissing: true},
		{name: "a few digits are no national number", typ: idgraph.NationalID, in: "123", wantMissing: true},
		{name: "a number of zeros is missing", typ: idgraph.LoyaltyID, in: "000-000", wantMissing: true},
		{name: "n/a is missing", typ: idgraph.Reference("erp"), in: "n/a", wantMissing: true},
		{name: "a short number is one", typ: idgraph.Reference("erp"), in: "7", want: "7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := Normalise(idgraph.Identifier{Type: c.typ, Value: c.in}, c.region)
			if got.Value != c.want || ok == c.wantMissing || got.Type != c.typ {
				t.Errorf("got %q, %v; want %q", got.Value, ok, c.want)
			}
		})
	}
}

func TestNormalFormsStayAsTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := idgraph.Identifier{
			Type:  rapid.SampledFrom([]idgraph.IdentifierType{idgraph.Email, idgraph.Phone, idgraph.LoyaltyID, idgraph.NationalID, idgraph.Reference("erp")}).Draw(t, "type"),
			Value: rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zA-Zé.+-]{1,12}@(gmail|example|outlook)\.com`), rapid.StringMatching(`[+0]{0,2}[1-9][0-9 ()/-]{5,14}`)).Draw(t, "value"),
		}
		once, ok := Normalise(id, "DE")
		if !ok {
			return
		}
		twice, ok := Normalise(once, "FR") // a normal form needs no region
		if !ok || twice != once {
			t.Fatalf("%q became %q, then %q", id.Value, once.Value, twice.Value)
		}
	})
}

func TestARolesMailboxIsToldByItsName(t *testing.T) {
	for address, want := range map[string]bool{
		"info@example.com": false, "sales2@example.com": false, "customer.service@example.com": false, "info+shop@example.com": false,
		"buchhaltung@example.de": false, "facturacion@example.es": false, "faktura@example.pl": false, "recrutement@example.fr": false, "ordini@example.it": false,
		"ada.byron@example.com": true, "rh1985@example.com": true, "salesman.ada@example.com": true, "rose@example.com": true,
	} {
		if got := !OfRole(idgraph.Identifier{Type: idgraph.Email, Value: address}); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

func TestDomainsAreReadTheShortWayAsTheLongOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		domain := rapid.StringMatching(`[a-zA-Z0-9.-]{1,12}\.(com|xn--p1ai|co-op|DE)`).Draw(t, "domain")
		if !plainDomain(strings.ToLower(domain)) {
			return
		}
		if long, err := idna.Lookup.ToASCII(domain); err != nil || !strings.EqualFold(long, domain) {
			t.Fatalf("%q, the long way %q, %v", domain, long, err)
		}
	})
}

func TestARecordNormalisedTwiceIsAsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, gens ...*rapid.Generator[string]) string {
			return rapid.OneOf(append(gens, rapid.String())...).Draw(t, name)
		}
		r := idgraph.Record{
			GivenName: draw("given"), FamilyName: draw("family"), BirthDate: draw("birth", rapid.StringMatching(`19[0-9]{2}-?[01][0-9]-?[0-3][0-9]`)),
			Street: draw("street"), City: draw("city"), Postcode: draw("postcode"), Country: draw("country", rapid.SampledFrom([]string{"de", "GB", "Germany", "USA"})),
			Identifiers: []idgraph.Identifier{
				{Type: idgraph.Phone, Value: draw("phone", rapid.StringMatching(`[+0]{0,2}[1-9][0-9 ()/-]{5,14}`))},
				{Type: idgraph.NationalID, Value: draw("national")},
				{Type: idgraph.Email, Value: draw("email", rapid.StringMatching(`[a-zA-Z.+-]{1,9}@(gmail|example)\.com`))},
				{Type: idgraph.LoyaltyID, Value: draw("card")},
			},
		}
		once := NormaliseRecord(r, "DE")
		if twice := NormaliseRecord(once, "DE"); !reflect.DeepEqual(once, twice) {
			t.Fatalf("once %+v, twice %+v", once, twice)
		}
	})
}

func TestARecordIsReadInItsOwnCountry(t *testing.T) {
	got := NormaliseRecord(idgraph.Record{
		Country: "gb", BirthDate: "1900-01-01",
		Identifiers: []idgraph.Identifier{
			{Type: idgraph.Phone, Value: "07700 900123"},
			{Type: idgraph.Email, Value: "B@example.com"},
			{Type: idgraph.Email, Value: "b@example.com "},
			{Type: idgraph.Phone, Value: "unknown"},
		},
	}, "DE")
	if len(got.Identifiers) != 2 || got.Identifiers[0].Value != "b@example.com" || got.Identifiers[1].Value != "+447700900123" || got.BirthDate != "" {
		t.Errorf("got %d identifiers, birth date %q", len(got.Identifiers), got.BirthDate)
	}
}
