package match

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"customer360/idgraph"
)

// named makes a record of "Given|Family|birth date".
func named(s string) idgraph.Record {
	parts := append(strings.Split(s, "|"), "", "")
	return idgraph.Record{GivenName: parts[0], FamilyName: parts[1], BirthDate: parts[2]}
}

// excluding says whether two records that hold one identifier mark it as more
// than one person's.
func excluding(a, b idgraph.Record) bool {
	r := NewRules(Shipped(), NoSnapshot(), nil)
	id := idgraph.Identifier{Type: idgraph.Phone, Value: "+491711234567"}
	return r.MarkOf(id, []*Features{r.Features(NormaliseRecord(a, "")), r.Features(NormaliseRecord(b, ""))}) != OnePersons
}

func TestConflict(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		want       bool
	}{
		{"other first names", "Anna|Byron", "Bertha|Byron", true},
		{"the same first name", "Anna|Byron", "anna|Byron", false},
		{"a missing first name is no evidence", "|Byron", "Bertha|Byron", false},
		{"other family names are none either", "Anna|Byron", "Anna|Kay", false},
		{"an initial", "A.|Byron", "Anna|Byron", false},
		{"another initial", "B.|Byron", "Anna|Byron", true},
		{"a name cut short", "Fran|Byron", "Franziska|Byron", false},
		{"a name that is a letter or two longer is another one", "Julie|Byron", "Julien|Byron", true},
		{"so are the names of a couple", "Deepa|Byron", "Deepak|Byron", true},
		{"a nickname", "Kate|Byron", "Katherine|Byron", false},
		{"two nicknames of one name", "Betty|Byron", "Liz|Byron", false},
		{"nicknames don't chain: Jon is Jonathan or John, and these are two", "Jonathan|Byron", "Johannes|Byron", true},
		{"cognates are two names", "Francisco|Byron", "François|Byron", true},
		{"a German nickname", "Rike|Müller", "Friederike|Müller", false},
		{"a Spanish one", "Paco|García", "Francisco|García", false},
		{"a French one", "Fanfan|Dubois", "François|Dubois", false},
		{"an Italian one", "Beppe|Rossi", "Giuseppe|Rossi", false},
		{"a Polish one", "Gosia|Nowak", "Małgorzata|Nowak", false},
		{"a Russian one", "Nastya|Ivanova", "Anastasia|Ivanova", false},
		{"a Nordic one", "Lasse|Andersen", "Lars|Andersen", false},
		{"an Arabic name in two transcriptions", "Mohamed|Haddad", "Muhammad|Haddad", false},
		{"an Irish one", "Paddy|Kelly", "Pádraig|Kelly", false},
		{"with and without marks", "Søren|Andersen", "Soren|Andersen", false},
		{"in the other manner", "Søren|Andersen", "Soeren|Andersen", false},
		{"both manners, without the letter itself", "Juergen|Müller", "Jurgen|Müller", false},
		{"an apostrophe", "D’Arcy|Byron", "D'Arcy|Byron", false},
		{"the stroke of an L", "Łukasz|Nowak", "Lukasz|Nowak", false},
		{"one begins the other: not enough to tell Joe from Jo", "Joe|Byron", "Jo|Byron", false},
		{"Paul and Paula are two", "Paul|Byron", "Paula|Byron", true},
		{"Josef and Josefine are two", "Josef|Byron", "Josefine|Byron", true},
		{"Daniel and Daniela are two", "Daniel|Rossi", "Daniela|Rossi", true},
		{"Ann and Anna are one", "Ann|Byron", "Anna|Byron", false},
		{"a second name that only one has", "Hans Peter|Byron", "Hans|Byron", false},
		{"a second name as an initial", "Hans Peter|Byron", "Hans P.|Byron", false},
		{"another second name", "Anna Lena|Byron", "Anna Sophie|Byron", true},
		{"a hyphen or none", "Hans-Peter|Byron", "Hanspeter|Byron", false},
		{"a title is no name", "Dr. Anna|Byron", "Anna|Byron", false},
		{"given and family name swapped", "Byron|Anna", "Anna|Byron", false},
		{"swapped, and another person", "Byron|Anna", "Bertha|Byron", true},
		{"other birth dates", "Anna|Byron|1984-05-06", "Anna|Byron|1956-05-06", true},
		{"the same birth date does not excuse other names", "Anna|Byron|1984-05-06", "Bertha|Byron|1984-05-06", true},
		{"a birth date that only one has", "Anna|Byron|1984-05-06", "Anna|Byron", false},
		{"a birth date that systems fill in is none", "Anna|Byron|1984-05-06", "Anna|Byron|1900-01-01", false},
		{"father and son by their suffixes", "John|Smith Sr.", "John|Smith Jr", true},
		{"a suffix that only one has", "John|Smith", "John|Smith Jr", false},
		{"father and son by suffixes on the first name", "John Sr.|Smith", "John Jr|Smith", true},
		{"a Portuguese son", "João|Silva Filho", "João|Silva Neto", true},
		{"degrees behind the name are none", "Anna|Byron PhD", "Anna|Byron, M.D.", false},
		{"Mary before the name that she goes by", "María del Carmen|García", "Carmen|García", false},
		{"Mary cut short", "Mª Carmen|García", "María del Carmen|García", false},
		{"two Marys with other names", "María del Carmen|García", "María Dolores|García", true},
		{"Cyrillic and Latin", "Сергей|Иванов", "Sergey|Ivanov", false},
		{"Cyrillic, another first name", "Сергей|Иванов", "Dmitri|Ivanov", true},
		{"Greek and Latin", "Γιώργος|Παπαδόπουλος", "Giorgos|Papadopoulos", false},
		{"a name that stands where there is none", "Unknown|Unknown", "Anna|Byron", false},
		{"a first name that stands where there is none", "Unknown|Byron", "Anna|Byron", false},
		{"Test Test is nobody", "Test|Test", "Anna|Byron", false},
		{"but Guest is a family name", "Anna|Guest", "Bertha|Guest", true},
		{"and Na is a first name", "Na|Li", "Mei|Li", true},
		{"nothing is known of either", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := named(c.a), named(c.b)
			if excluding(a, b) != c.want || excluding(b, a) != c.want {
				t.Errorf("%s and %s: got %v and %v, want %v", c.a, c.b, excluding(a, b), excluding(b, a), c.want)
			}
		})
	}
}

// family is how the family names of two people compare whose first name is one,
// where nobody has counted names.
func family(a, b string) string {
	r := NewRules(Shipped(), NoSnapshot(), nil)
	of := func(name string) *Features { return r.Features(NormaliseRecord(named("Anna|"+name), "")) }
	_, found := r.comparer(func(uint64) Mark { return OnePersons }).compareNames(of(a), of(b))
	return levelNames[found]
}

func TestFamilyNames(t *testing.T) {
	for _, c := range []struct{ name, a, b, want string }{
		{"equal", "Smith", "SMITH", "exact"},
		{"other", "Smith", "Jones", "different"},
		{"missing", "", "Jones", "missing"},
		{"a part of the other", "Smith-Jones", "Smith", "part"},
		{"the second part of the other", "Fernández López", "Lopez", "part"},
		{"with and without particles", "van der Berg", "Berg", "exact"},
		{"with other particles", "von der Berg", "van den Berg", "exact"},
		{"together and apart", "Mac Donald", "MacDonald", "exact"},
		{"apostrophes of all kinds", "O'Neill", "O’Neill", "exact"},
		{"without its apostrophe", "ONeill", "O´Neill", "exact"},
		{"in both manners", "Schäfer", "Schaefer", "exact"},
		{"without marks", "Schäfer", "Schafer", "exact"},
		{"sharp s", "Weiß", "Weiss", "exact"},
		{"a letter left out", "Johnson", "Jonson", "slip"},
		{"neighbours swapped", "Fischer", "Ficsher", "slip"},
		{"a letter doubled in a name too short for a slip", "Li", "Lii", "similar"},
		{"two slips in a long name", "Fernandez", "Fenrandz", "slip"},
		{"a slip in one of two parts", "Fernández López", "Fernádez López", "slip"},
		{"a slip in the part that is there", "Fernández López", "Fernádez", "slip"},
		{"a Polish wife", "Kowalska", "Kowalski", "part"},
		{"a Russian wife", "Ivanova", "Ivanov", "part"},
		{"in another transliteration", "Dostoyevskaya", "Dostoyevsky", "part"},
		{"a Czech wife", "Nováková", "Novák", "part"},
		{"a Czech wife, of a name in -a", "Svobodová", "Svoboda", "part"},
		{"a Czech wife, of a name that loses its e", "Havlová", "Havel", "part"},
		{"a Greek wife", "Papadopoulou", "Papadopoulos", "part"},
		{"a Lithuanian daughter", "Kazlauskaitė", "Kazlauskas", "part"},
		{"Saint, in full or not", "St. Clair", "Saint Clair", "part"},
		{"by birth another", "Jones née Smith", "Smith", "part"},
		{"in Cyrillic", "Иванова", "Ivanov", "part"},
		{"a letter replaced, where nobody has counted how many bear either name", "Hansen", "Jansen", "slip"},
		{"two short names that sound alike", "Li", "Lo", "similar"},
		{"Meier is not Maurer", "Meier", "Maurer", "different"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if family(c.a, c.b) != c.want || family(c.b, c.a) != c.want {
				t.Errorf("%s and %s: got %s and %s, want %s", c.a, c.b, family(c.a, c.b), family(c.b, c.a), c.want)
			}
		})
	}
}

func TestSlipsAreCountedRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[abc]{0,6}`)
		x, y := []rune(word.Draw(t, "x")), []rune(word.Draw(t, "y"))
		if got, back := slips(x, y), slips(y, x); got != back {
			t.Fatalf("%d one way, %d the other", got, back)
		}
		if (slips(x, y) == 0) != (string(x) == string(y)) {
			t.Fatalf("%q and %q are %d apart", string(x), string(y), slips(x, y))
		}
		if n := slips(x, y); (n-len(x)+len(y))%2 != 0 && n < max(len(x), len(y))-min(len(x), len(y)) {
			t.Fatalf("%q and %q are %d apart, less than their lengths", string(x), string(y), n)
		}
	})
}

func TestEveryNicknameStandsInItsGroup(t *testing.T) {
	names := 0
	for _, line := range strings.Split(nicknameLines, "\n") {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		group := strings.Fields(strings.Replace(line, ":", " ", 1))
		names += len(group)
		for _, n := range group {
			if !knownAs(strings.Join(fold(n), "-"), strings.Join(fold(group[0]), "-")) {
				t.Errorf("%s is not known as %s", n, group[0])
			}
		}
	}
	if names < 3000 {
		t.Errorf("only %d names were read", names)
	}
}
