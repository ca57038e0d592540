package match

import "testing"

func TestReadings(t *testing.T) {
	r := NewRules(Shipped(), NoSnapshot(), nil)
	for _, c := range []struct {
		name, a, b    string
		given, family level
	}{
		{"Chinese in characters and as it is read", "秀英|张", "Xiu Ying|Zhang", levelRead, levelRead},
		{"written as one word, with an umlaut", "玥|吕", "Yue|Lü", levelRead, levelRead},
		{"with the family name where the given one belongs", "秀英|张", "Zhang|Xiu Ying", levelRead, levelRead},
		{"in short and in full signs", "伟|张", "偉|張", levelSimilar, levelSimilar},
		{"two characters that are read alike may be two names", "伟|张", "薇|张", levelSimilar, levelExact},
		{"another reading is no contradiction: Japanese", "太郎|田中", "Taro|Tanaka", levelMissing, levelMissing},
		{"other characters are another name", "伟|张", "强|张", levelDifferent, levelExact},
		{"Arabic, without its vowels", "فيصل|صديقي", "Faisal|Siddiqui", levelRead, levelRead},
		{"and its many transcriptions", "محمد|خالد", "Mohammed|Khaled", levelRead, levelRead},
		{"Hebrew", "שרה|כהן", "Sarah|Cohen", levelSimilar, levelSimilar},
		{"Hindi", "तारा|शर्मा", "Tara|Sharma", levelSimilar, levelRead},
		{"Korean, whose consonants have two spellings", "민수|김", "Minsu|Kim", levelRead, levelSimilar},
		{"Khmer", "តារា|គឹម", "Dara|Kim", levelSimilar, levelSimilar},
		{"two names in one script, of the same consonants", "احمد|خالد", "حميد|خالد", levelDifferent, levelExact},
		{"in two scripts, neither of them Latin", "さくら|田中", "桜|田中", levelMissing, levelExact},
		{"Belarusian and Russian", "Аляксандр|Васільеў", "Александр|Васильев", levelNickname, levelSlipped},
	} {
		a, b := r.Features(named(c.a)), r.Features(named(c.b))
		given, family := r.comparer(nil).compareNames(a, b)
		if given != c.given || family != c.family {
			t.Errorf("%s: %s, %s, want %s, %s", c.name, levelNames[given], levelNames[family], levelNames[c.given], levelNames[c.family])
		}
		if g, f := r.comparer(nil).compareNames(b, a); g != given || f != family {
			t.Errorf("%s, the other way about: %s, %s", c.name, levelNames[g], levelNames[f])
		}
	}
}
