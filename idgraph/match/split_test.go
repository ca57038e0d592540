package match

import "testing"

func TestSplitName(t *testing.T) {
	for _, c := range []struct{ name, in, given, family string }{
		{"the first word is the given name", "Ada Byron", "Ada", "Byron"},
		{"blanks do not count", "  Ada   Byron ", "Ada", "Byron"},
		{"a comma stands behind the family name", "Byron, Ada", "Ada", "Byron"},
		{"titles go, behind a comma too", "Byron, Dr. Ada Augusta", "Ada Augusta", "Byron"},
		{"particles begin a family name", "Anna van der Berg", "Anna", "van der Berg"},
		{"and end two given ones", "Hans Peter von der Berg", "Hans Peter", "von der Berg"},
		{"Spanish particles", "María de la Cruz", "María", "de la Cruz"},
		{"two family names", "Paco Fernández López", "Paco", "Fernández López"},
		{"a title", "Dr. Ada Byron", "Ada", "Byron"},
		{"several titles", "Herr Prof. Dr. Max Born", "Max", "Born"},
		{"a title that is a name", "Don Johnson", "Don", "Johnson"},
		{"a comma before a generation", "John Smith, Jr.", "John", "Smith, Jr."},
		{"a comma before a degree", "Anna Byron, PhD", "Anna", "Byron, PhD"},
		{"one word is a given name", "Ada", "Ada", ""},
		{"nothing", "", "", ""},

		{"a family name in capitals comes first", "SMITH John", "John", "SMITH"},
		{"of several words", "VAN DER BERG Anna Maria", "Anna Maria", "VAN DER BERG"},
		{"or last", "Anne Marie DUPONT", "Anne Marie", "DUPONT"},
		{"two of them last", "José GARCÍA LÓPEZ", "José", "GARCÍA LÓPEZ"},
		{"with particles in small letters", "Hans Peter van der BERG", "Hans Peter", "van der BERG"},
		{"a Scottish one", "McDONALD Fiona", "Fiona", "McDONALD"},
		{"a short Chinese one", "LI Xiaoming", "Xiaoming", "LI"},
		{"all in capitals tells nothing", "JOHN SMITH", "JOHN", "SMITH"},
		{"initials are no family name", "JP Morgan", "JP", "Morgan"},
		{"nor are three of them", "JRR Tolkien", "JRR", "Tolkien"},
		{"nor is a generation", "John Smith III", "John", "Smith III"},
		{"nor a degree", "John Smith MBA", "John", "Smith MBA"},

		{"initials are given names", "J. R. R. Tolkien", "J. R. R.", "Tolkien"},
		{"without blanks", "J.R.R. Tolkien", "J.R.R.", "Tolkien"},
		{"without points", "J R R Tolkien", "J R R", "Tolkien"},
		{"an initial in the middle", "John F. Kennedy", "John F.", "Kennedy"},
		{"initials behind the family name", "Tolkien J. R. R.", "J. R. R.", "Tolkien"},
		{"one initial behind a given name", "Anna B.", "Anna", "B."},
		{"O begins an Irish name", "Mary O Connor", "Mary", "O Connor"},

		{"Chinese: the first character is the family name", "王杰", "杰", "王"},
		{"with two characters behind it", "张小明", "小明", "张"},
		{"a family name of two characters", "欧阳修", "修", "欧阳"},
		{"and two behind it", "司馬相如", "相如", "司馬"},
		{"with a blank", "诸葛 亮", "亮", "诸葛"},
		{"Japanese with a blank", "山田 太郎", "太郎", "山田"},
		{"a frequent Japanese family name", "田中太郎", "太郎", "田中"},
		{"an unknown one is kept whole", "勅使河原宏", "勅使河原宏", ""},
		{"in Hiragana it is kept whole", "たなかたろう", "たなかたろう", ""},
		{"Korean", "김민수", "민수", "김"},
		{"a Korean family name of two", "남궁민수", "민수", "남궁"},
		{"of two characters it is kept whole", "김구", "김구", ""},

		{"a company stays whole", "Acme Trading Ltd", "Acme Trading Ltd", ""},
		{"with its points", "Novák s.r.o.", "Novák s.r.o.", ""},
		{"with a comma", "Acme, Inc.", "Acme, Inc.", ""},
		{"with a short legal form", "Muster Bau AG", "Muster Bau AG", ""},
		{"a partner's company", "Müller & Söhne GmbH", "Müller & Söhne GmbH", ""},
		{"an institution", "University of Leeds", "University of Leeds", ""},
		{"a family name like a legal form", "Maria Sa", "Maria", "Sa"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if given, family := SplitName(c.in); given != c.given || family != c.family {
				t.Errorf("%q became %q and %q", c.in, given, family)
			}
		})
	}
}
