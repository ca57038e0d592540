package match

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// A weightsFile is a file of weights, as YAML.
type weightsFile struct {
	Version string                        `yaml:"version"`
	Auto    float64                       `yaml:"auto"`
	Review  float64                       `yaml:"review"`
	Fields  map[string]map[string]float64 `yaml:"fields"`
	Rarity  map[string][]float64          `yaml:"rarity"`
}

// A WeightsError says what is wrong with a file of weights, and on which line.
type WeightsError struct {
	Line   int
	Reason string
}

func (e *WeightsError) Error() string { return fmt.Sprintf("%d: %s", e.Line, e.Reason) }

// mostBits is the distance from zero that no number of bits may pass.
const mostBits = 60

// ReadWeights reads a file of weights. It must have the fields and levels of the
// shipped one, all of them and no others; errors are WeightsErrors.
func ReadWeights(r io.Reader) (*Weights, error) {
	text, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return nil, err
	}
	w, err := readWeights(text)
	if err != nil {
		return nil, err
	}
	for f, have := range w.has {
		for l := range levels {
			if bit := uint32(1) << l; (have^Shipped().has[f])&bit != 0 {
				what := "is missing"
				if have&bit != 0 {
					what = "is no level of this field"
				}
				return nil, wrong(text, "fields."+fieldNames[f]+"."+levelNames[l], what)
			}
		}
	}
	return w, nil
}

var versionText = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// readWeights reads a file, whatever levels it has.
func readWeights(text []byte) (*Weights, error) {
	var file weightsFile
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&file); errors.Is(err, io.EOF) {
		return nil, &WeightsError{1, "the file is empty"}
	} else if err != nil {
		return nil, asWeightsError(err)
	}
	w := &Weights{Version: file.Version, auto: centsOf(file.Auto), review: centsOf(file.Review)}
	switch {
	case !versionText.MatchString(w.Version):
		return nil, wrong(text, "version", "is letters, digits, dots and hyphens, at most 64")
	case !bounded(file.Auto):
		return nil, wrong(text, "auto", outOfBounds)
	case !bounded(file.Review) || file.Review > file.Auto:
		return nil, wrong(text, "review", outOfBounds+", nor above auto")
	}
	for _, name := range slices.Sorted(maps.Keys(file.Fields)) {
		f := slices.Index(fieldNames[:], name)
		if f < 0 {
			return nil, wrong(text, "fields."+name, "there is no such field")
		}
		for _, l := range slices.Sorted(maps.Keys(file.Fields[name])) {
			at, bits := slices.Index(levelNames[:], l), file.Fields[name][l]
			switch {
			case at <= int(levelMissing):
				return nil, wrong(text, "fields."+name+"."+l, "there is no such level")
			case !bounded(bits):
				return nil, wrong(text, "fields."+name+"."+l, outOfBounds)
			case at == int(levelExact) && field(f) <= familyName && bits < 1:
				return nil, wrong(text, "fields."+name+"."+l, "is one bit at least: other weights are told by it")
			}
			w.of[f][at], w.has[f] = centsOf(bits), w.has[f]|1<<at
		}
	}
	for i, name := range rareNames {
		bounds := file.Rarity[name]
		if len(bounds) != 2 || !bounded(bounds[0]) || !bounded(bounds[1]) || bounds[0] > bounds[1] {
			return nil, wrong(text, "rarity."+name, "is two numbers of bits, the smaller one first")
		}
		w.least[i], w.most[i] = centsOf(bounds[0]), centsOf(bounds[1])
	}
	for _, name := range slices.Sorted(maps.Keys(file.Rarity)) {
		if !slices.Contains(rareNames[:], name) {
			return nil, wrong(text, "rarity."+name, "there is no such thing")
		}
	}
	return w, nil
}

const outOfBounds = "is no number of bits between -60 and 60"

func bounded(bits float64) bool { return bits >= -mostBits && bits <= mostBits }

// wrong says what is wrong with a key; its line is that of the key, or of the
// nearest one above that is there.
func wrong(text []byte, key, reason string) error {
	e := &WeightsError{1, key + ": " + reason}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return e
	}
	for path := key; path != ""; path = path[:max(0, strings.LastIndexByte(path, '.'))] {
		at, err := yaml.PathString("$." + path)
		if err != nil {
			continue
		}
		if node, err := at.FilterFile(file); err == nil && node != nil {
			e.Line = node.GetToken().Position.Line
			break
		}
	}
	return e
}

// asWeightsError takes the line out of an error of yaml's.
func asWeightsError(err error) error {
	e := &WeightsError{1, err.Error()}
	if ye := yaml.Error(nil); errors.As(err, &ye) {
		e.Reason = strings.ReplaceAll(ye.GetMessage(), "\n", " ")
		if tk := ye.GetToken(); tk != nil {
			e.Line = tk.Position.Line
		}
	}
	return e
}
