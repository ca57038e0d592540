package demo

import (
	"fmt"
	"strings"
)

// A phone is a number that nobody has, as it is dialled and as people write it.
type phone struct {
	e164  string
	forms []string // the last is the one with the country's code and spaces
}

// fictional numbers come from ranges that are set aside for films and books:
// Germany 030 23125, 069 90009, 040 66969, 0221 4710 and 089 99998, each with
// 000 to 999 (Bundesnetzagentur, Mitteilung 148/2021); UK 07700 900000 to 999
// (Ofcom); US 555-0100 to 0199 in any area (NANPA); France 06 39 98 (ARCEP);
// Australia 0491 570 (ACMA).
func fictional(country string, serial int) phone {
	switch country {
	case "GB":
		n := fmt.Sprintf("%03d", serial%1000)
		return phone{"+447700900" + n, []string{"07700 900" + n, "07700900" + n, "0044 7700 900" + n, "+44 (0)7700 900" + n, "+44 7700 900" + n}}
	case "US":
		areas := []string{"217", "503", "512", "617", "312", "206", "303", "415", "702", "813", "919"}
		area, n := areas[serial/100%len(areas)], fmt.Sprintf("01%02d", serial%100)
		return phone{"+1" + area + "555" + n, []string{"(" + area + ") 555-" + n, area + "-555-" + n, area + ".555." + n, "1" + area + "555" + n, "+1 " + area + " 555 " + n}}
	case "FR":
		n := fmt.Sprintf("%04d", serial%10000)
		return phone{"+3363998" + n, []string{"06 39 98 " + n[:2] + " " + n[2:], "06.39.98." + n[:2] + "." + n[2:], "063998" + n, "0033 6 39 98 " + n[:2] + " " + n[2:], "+33 6 39 98 " + n[:2] + " " + n[2:]}}
	case "AU":
		n := fmt.Sprintf("%03d", serial%1000)
		return phone{"+61491570" + n, []string{"0491 570 " + n, "0491570" + n, "0061 491 570 " + n, "+61 491 570 " + n}}
	}
	areas := []string{"30 23125", "69 90009", "40 66969", "221 4710", "89 99998"}
	area, block, _ := strings.Cut(areas[serial/1000%len(areas)], " ")
	n := block + fmt.Sprintf("%03d", serial%1000)
	return phone{"+49" + area + n, []string{"0" + area + " / " + n, "0" + area + "-" + n, "0" + area + n, "0049 " + area + " " + n, "+49 (0)" + area + " " + n, "+49 " + area + " " + n}}
}
