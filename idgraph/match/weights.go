package match

import (
	_ "embed"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// A field of the comparison of two records.
type field uint8

// The fields, in the order in which evidence is told.
const (
	givenName field = iota
	familyName
	birthDay
	mailbox
	phoneNumber
	nationalID
	loyaltyID
	reference
	postal
	fields
)

var fieldNames = [fields]string{"given_name", "family_name", "birth_date", "email", "phone", "national_id", "loyalty_id", "reference", "address"}

// A level says how two records compare in a field.
type level uint8

// The levels. Not every field has each of them.
const (
	levelMissing level = iota // one of the two says nothing: no evidence
	levelDifferent
	levelShared  // equal, but several people's
	levelInitial // one is an initial or a beginning of the other
	levelSimilar
	levelPart // one is a part of the other
	levelLocal
	levelCity
	levelNear
	levelStreet
	levelSlipped // a slip of the keyboard apart
	levelSwapped // day and month
	levelNickname
	levelTagged    // one mailbox, as far as can be told, with different tags: ada+shop@ and ada@
	levelHousehold // equal, of several people whom their names tell apart
	levelFull
	levelExact
	levelNamed // equal, and named after the person
	levels
)

var levelNames = [levels]string{"missing", "different", "shared", "initial", "similar", "part", "local", "city", "near", "street", "slip", "swapped", "nickname", "tagged", "household", "full", "exact", "named"}

// cents are hundredths of a bit: whole numbers add up to the same sum in any order.
type cents int32

func centsOf(bits float64) cents { return cents(math.Round(bits * 100)) }

func (c cents) bits() float64 { return float64(c) / 100 }

// Weights are what the levels are worth. They are versioned and never change
// once read.
type Weights struct {
	Version      string
	auto, review cents
	of           [fields][levels]cents
	least, most  [3]cents // of what is known as rare or common: given name, family name, city
}

//go:embed weights.yaml
var shipped string

// Shipped are the weights that this build comes with.
var Shipped = sync.OnceValue(func() *Weights {
	w, err := ReadWeights(strings.NewReader(shipped))
	if err != nil {
		panic(err) // the file is part of the build, and tested
	}
	return w
})

// ReadWeights reads a file of weights; all fields and levels of the shipped one
// must be there.
func ReadWeights(r io.Reader) (*Weights, error) {
	var file struct {
		Version string                        `yaml:"version"`
		Auto    float64                       `yaml:"auto"`
		Review  float64                       `yaml:"review"`
		Fields  map[string]map[string]float64 `yaml:"fields"`
		Rarity  map[string][2]float64         `yaml:"rarity"`
	}
	if err := yaml.NewDecoder(r, yaml.Strict()).Decode(&file); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	w := &Weights{Version: file.Version, auto: centsOf(file.Auto), review: centsOf(file.Review)}
	if w.Version == "" {
		return nil, fmt.Errorf("weights: no version")
	}
	for f, name := range fieldNames {
		for l, bits := range file.Fields[name] {
			at := indexOf(levelNames[:], l)
			if at < 0 || bits < -60 || bits > 60 {
				return nil, fmt.Errorf("weights: %s.%s: no such level, or no number of bits between -60 and 60", name, l)
			}
			w.of[f][at] = centsOf(bits)
		}
		if len(file.Fields[name]) == 0 {
			return nil, fmt.Errorf("weights: field %s is missing", name)
		}
	}
	for i, name := range rareNames {
		bounds, ok := file.Rarity[name]
		if !ok || bounds[0] > bounds[1] {
			return nil, fmt.Errorf("weights: rarity of %s: two numbers, the smaller one first", name)
		}
		w.least[i], w.most[i] = centsOf(bounds[0]), centsOf(bounds[1])
	}
	return w, nil
}

func indexOf(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}
