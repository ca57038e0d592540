package match

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"customer360/idgraph"
)

// at makes a record of "street|city|postcode|region|country|house number".
func at(s string) idgraph.Record {
	f := append(strings.Split(s, "|"), "", "", "", "", "")
	return idgraph.Record{Street: f[0], City: f[1], Postcode: f[2], Region: f[3], Country: f[4], HouseNumber: f[5]}
}

// shown writes an address as "number/unit street|city|postcode|region|country".
func shown(a address) string {
	s := a.number
	if a.unit != "" {
		s += "/" + a.unit
	}
	return strings.TrimRight(fmt.Sprintf("%s %s|%s|%s|%s|%s", s, a.street, a.city, a.postcode, a.region, a.country), "|")
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"English: the number before the name", "12a High Street|Leeds|ls1 4ap||gb", "12a high st|leeds|LS14AP||GB"},
		{"kinds of streets in short", "12 a High St.", "12a high st"},
		{"Saint and Street", "3 Saint Johns Rd", "3 st johns rd"},
		{"a flat before", "Flat 3, 12 High Street", "12/3 high st"},
		{"a flat before, without a comma", "Flat 3b 12 High Street", "12/3b high st"},
		{"a flat behind", "12 High St, Apt. 4", "12/4 high st"},
		{"a flat behind a #", "123 Main St #4", "123/4 main st"},
		{"a unit before a stroke", "5/12 Foo Rd", "12/5 foo rd"},
		{"a house with a name", "Rose House, 12 High Street", "12 high st"},
		{"a place behind the street", "12 High Street, Headingley|Leeds", "12 high st|leeds"},
		{"directions", "350 North 5th Avenue", "350 n 5th ave"},
		{"ordinals in words", "350 N Fifth Ave", "350 n 5th ave"},
		{"a direction is no letter of the number", "12 N Main St", "12 n main st"},
		{"a house of several numbers", "12-14 High St", "12 high st"},
		{"a number with a hyphen", "37-12 82nd Street", "37-12 82nd st"},
		{"leading zeros", "007 High St", "7 high st"},
		{"a floor", "12 High St 2nd Floor", "12/2 high st"},

		{"German: the number behind the name", "Hauptstraße 12 a|Köln|D-50667||DE", "12a haupt st|koln|50667||DE"},
		{"in short", "Hauptstr. 12a|Koeln", "12a haupt st|koln"},
		{"in two words", "Haupt Str 12A", "12a haupt st"},
		{"without a blank", "Hauptstr.12", "12 haupt st"},
		{"without anything", "Hauptstr12", "12 haupt st"},
		{"with a comma", "Berliner Straße, 12", "12 berliner st"},
		{"a day in the name", "Straße des 17. Juni 135", "135 st des 17 juni"},
		{"both manners", "Müllerstr. 5", "5 muller st"},
		{"the other one", "Muellerstrasse 5", "5 muller st"},
		{"an Austrian flat", "Mariahilfer Straße 12/3/5|Wien", "12/3/5 mariahilfer st|wien"},
		{"a German flat", "Lindenweg 3 Whg. 7", "3/7 linden weg"},
		{"whose letter box it is", "c/o Schmidt, Lindenweg 3", "3 linden weg"},
		{"Dutch", "Kerkstraat 5-2|Amsterdam|1017 GA||NL", "5-2 kerk st|amsterdam|1017GA||NL"},

		{"Spanish", "C/ Mayor, 5, 3º B|Madrid", "5/3ob calle mayor|madrid"},
		{"Spanish in words", "Calle Mayor nº 5 piso 3 b", "5/3b calle mayor"},
		{"a name that is a day", "Calle 20 de Noviembre 15", "15 calle 20 de noviembre"},
		{"streets with numbers", "Calle 50 # 12-34", "12 calle 50"},
		{"French", "12 bis, rue de la Paix|Paris 2e", "12bis rue de la paix|paris 2e"},
		{"an avenue", "12 av. Foch", "12 ave foch"},
		{"Italian", "Via Garibaldi 12/B|Milano", "12b via garibaldi|milano"},
		{"Portuguese", "R. Augusta, 1200, apto 31", "1200/31 rue augusta"},
		{"Polish", "ul. Długa 5/12|Warszawa|00-238||PL", "5/12 ul dluga|warszawa|00238||PL"},
		{"Danish", "Vesterbrogade 12, 3. tv|København V", "12/3tv vesterbro gade|kobenhavn v"},
		{"Swedish", "Storgatan 5 lgh 1102", "5/1102 stor gata"},
		{"Russian", "ул. Ленина, д. 5, кв. 12|Москва", "5/12 ul lenina|moskva"},
		{"Turkish", "Atatürk Cad. No: 12 D: 5|İstanbul", "12/5 ataturk cad|istanbul"},

		{"a post office box", "P.O. Box 123", "123 pobox"},
		{"a German one", "Postfach 12 34 56", "123456 pobox"},
		{"the number by itself", "High Street||||| 12 A", "12a high st"},
		{"the number twice", "12 High Street|||||12", "12 high st"},
		{"no number", "Rose Cottage, Church Lane", " church ln"},
		{"nothing", "", " "},
		{"a word for nothing", "unknown|N/A|00000|none", " "},
		{"a city by its name abroad", "|Munich", " |munchen"},
		{"and at home", "|München", " |munchen"},
		{"four more digits of a postcode", "||89132-1234", " ||89132"},
		{"states by name", "|Reno|89501|Nevada|USA", " |reno|89501|nv|US"},
		{"city and state in one field", "1 Main St|Las Vegas, NV", "1 main st|las vegas||nv"},
		{"city and postcode in one field", "Hauptstr. 5|10115 Berlin", "5 haupt st|berlin|10115"},

		{"an American line", "123 Main Street, Las Vegas NV 89132", "123 main st|las vegas|89132|nv"},
		{"with more commas", "123 Main Street, Apt 4, Las Vegas, NV, 89132-1234, USA", "123/4 main st|las vegas|89132|nv|US"},
		{"without commas", "123 Main Street Las Vegas NV 89132", "123 main st|las vegas|89132|nv"},
		{"a British line", "12 High Street, Leeds LS1 4AP", "12 high st|leeds|LS14AP"},
		{"in many parts", "Flat 3, 12 High Street, Leeds, LS1 4AP, United Kingdom", "12/3 high st|leeds|LS14AP||GB"},
		{"a German line", "Hauptstraße 12a, 50667 Köln, Deutschland", "12a haupt st|koln|50667||DE"},
		{"a German line without a comma", "Hauptstr. 12 50667 Köln", "12 haupt st|koln|50667"},
		{"a Dutch line", "Kerkstraat 5, 1017 GA Amsterdam", "5 kerk st|amsterdam|1017GA"},
		{"a Canadian line", "12 King St W, Toronto ON M5H 1A1", "12 king st w|toronto|M5H1A1|on"},
		{"an Australian line", "5/12 Foo Rd, Parramatta NSW 2150", "12/5 foo rd|parramatta|2150|nsw"},
		{"a French line", "12 rue de la Paix, 75002 Paris", "12 rue de la paix|paris|75002"},
		{"a city behind the street's kind", "3212 W. 32nd St Palm Harbor, FL 60527", "3212 w 32nd st|palm harbor|60527|fl"},
		{"a street with a number", "169 3rd Ave. Camden, NJ 08030", "169 3rd ave|camden|08030|nj"},
		{"a building before the number", "Adventura Aparments 638 Downey St, Salem, OR", "638 downey st|salem||or"},
		{"San is no street", "445 Overpass Rd San Ramon", "445 overpass rd|san ramon"},
		{"a building in a part of its own", "Skyline Apartments, 705 Sheppard Ave", "705 sheppard ave"},
		{"a unit in a part of its own", "#01-11, HillV2, 4 Hillview Rise, 667979", "4/01-11 hillview rise||667979"},
		{"a numbered street", "#321, Street 128", "321 st 128"},
		{"with its city and country", "No 321, Street 128 Phnom Penh Cambodia", "321 st 128|phnom penh|||KH"},
		{"a county behind the city", "18 Danver Place, Loughborough, Leicestershire, LE11 1UU, United Kingdom", "18 danver pl|loughborough|LE111UU|leicestershire|GB"},
		{"the country before the postcode", "18 Danver Place, Loughborough, Leicestershire, United Kingdom, LE11 1UU", "18 danver pl|loughborough|LE111UU|leicestershire|GB"},
		{"a line of Singapore", "Chinatown Point, 133 New Bridge Road, 059413 singapore", "133 new bridge rd|singapore|059413"},
		{"a Russian line", "Tolmacheva Ul., bld. 8, appt. 71 Smolensk", "8/71 tolmacheva ul"},
		{"a locality behind the kind of street", "pinkerton circuit brentwood village|Perth||||7", "7 pinkerton cct|perth"},
		{"an avenue stands before its name", "12 bis avenue Victor Hugo", "12bis ave victor hugo"},
		{"a street named after a saint", "12 Upper St Giles Street", "12 upper st giles st"},
		{"a direction behind the street", "12 Park Avenue South", "12 park ave s"},
		{"nine digits are a postcode of five", "||891321234", " ||89132"},
		{"a German line with two words", "Ansbacher Strasse 23, 56422 Dusseldorf", "23 ansbacher st|dusseldorf|56422"},
		{"a Spanish line", "Calle Mayor 5, 3º B, 28013 Madrid", "5/3ob calle mayor|madrid|28013"},
		{"an Italian line", "Via Roma 10, 00184 Roma RM", "10 via roma|roma|00184|rm"},
		{"a Polish line", "ul. Długa 5/7, 00-238 Warszawa", "5/7 ul dluga|warszawa|00238"},
		{"a city before the postcode, and nothing else", "Leeds, LS1 4AP", " |leeds|LS14AP"},
		{"a street before the postcode, and nothing else", "High Street, LS1 4AP", " high st||LS14AP"},
		{"a street and a city", "123 Main Street, Springfield", "123 main st|springfield"},
		{"a house number like a postcode", "12345 Main Street", "12345 main st"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := shown(addressOf(at(c.in))); got != c.want {
				t.Errorf("%q became %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestAnyTextIsAnAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`([A-Za-zßé]{1,9}|[0-9]{1,5}[a-c]?|apt|flat|c/o|box|#|str\.|[0-9]/[0-9])([ ,.-]|, ){0,1}`), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		field := func(name string) string { return strings.Join(rapid.SliceOfN(text, 0, 7).Draw(t, name), " ") }
		a := addressOf(idgraph.Record{Street: field("street"), City: field("city"), Postcode: field("postcode"), Region: field("region"), Country: field("country"), HouseNumber: field("number")})
		if a.number != "" && a.street != "pobox" && !digit(a.number[0]) {
			t.Fatalf("house number %q", a.number)
		}
		if strings.ContainsAny(a.postcode, " -") || postcode(a.postcode) != a.postcode || a.country != "" && countryOf(a.country) != a.country {
			t.Fatalf("postcode %q, country %q", a.postcode, a.country)
		}
	})
}
