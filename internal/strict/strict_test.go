package strict

import (
	"errors"
	"testing"
)

// A garden is what a file of these tests says.
type garden struct {
	Beds []struct {
		Plant string `yaml:"plant"`
		Rows  int    `yaml:"rows"`
	} `yaml:"beds"`
}

func TestMistakesNameLineKeyAndNearestKey(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"an unknown key", "bets: []", "1: the key bets is not known; did you mean beds?"},
		{"an unknown key below another", "beds:\n  - {plant: rose, row: 3}", "2: the key row is not known; did you mean rows?"},
		{"a key like none", "irrigation: drip", "1: the key irrigation is not known"},
		{"a list where a number belongs", "beds:\n  - plant: rose\n    rows: [3]", "3: cannot unmarshal []interface {} into Go struct field garden.Beds of type int"},
		{"a text where keys belong", "roses", "1: a string stands where `key: value` belongs"},
		{"nothing at all", "# later\n", "1: the file is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := Decode([]byte(c.text), &garden{}); err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if err := Decode([]byte("beds: [{plant: rose, rows: 3}]"), &garden{}); err != nil {
		t.Error(err)
	}
}

func TestWordsGoBehindTheLine(t *testing.T) {
	dry := errors.New("it is dry")
	inner := Within(dry, 7, "bed %d", 2)
	if err := Within(inner, 1, "garden"); err.Error() != "7: garden: bed 2: it is dry" || !errors.Is(err, dry) || LineOf(err, 1) != 7 {
		t.Errorf("got %v", err)
	}
	if LineOf(dry, 3) != 3 {
		t.Error("an error without a line has one")
	}
}
