package keys

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func ring(t testing.TB) *Ring {
	t.Helper()
	r, err := Create()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSealedPartsComeBackAsTheyWere(t *testing.T) {
	r := ring(t)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.String().Draw(t, "kind")
		parts := rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "parts")
		sealed := r.Seal(kind, parts...)
		if sealed != r.Seal(kind, parts...) {
			t.Fatal("the same parts gave another text")
		}
		got, err := r.Unseal(kind, sealed)
		if err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", parts) {
			t.Fatalf("got %q, %v", got, err)
		}
	})
}

func TestUnsealRefuses(t *testing.T) {
	r, other := ring(t), ring(t)
	sealed := r.Seal("customer", "42")
	last := sealed[len(sealed)-1]
	swapped := byte('A')
	if last == swapped {
		swapped = 'B'
	}
	cases := map[string]string{
		"nothing":                         "",
		"a plain text":                    "customer:42",
		"a seal under another ring":       other.Seal("customer", "42"),
		"a seal of another kind":          r.Seal("order", "42"),
		"a seal with its last letter off": sealed[:len(sealed)-1] + string(swapped),
		"a seal cut short":                sealed[:len(sealed)-4],
		"a seal with padding":             sealed + "=",
		"a seal with a line end":          sealed + "\n",
		"a line end in the middle":        sealed[:5] + "\n" + sealed[5:],
		"the standard alphabet":           strings.Repeat("+/", 20),
		"more than anybody would seal":    strings.Repeat("A", maxSealed+1),
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			if parts, err := r.Unseal("customer", text); !errors.Is(err, ErrSeal) || parts != nil {
				t.Errorf("got %q, %v", parts, err)
			}
		})
	}
}

func TestOneSealHasOneSpelling(t *testing.T) {
	r := ring(t)
	for n := range 4 { // all lengths modulo three leave other spare bits
		sealed := r.Seal("k", strings.Repeat("x", n))
		for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			text := sealed[:len(sealed)-1] + string(c)
			if _, err := r.Unseal("k", text); (err == nil) != (text == sealed) {
				t.Errorf("another spelling of a seal passed")
			}
		}
	}
}

func TestPartsAreNotConfusedWithTheirNeighbours(t *testing.T) {
	r := ring(t)
	if r.Seal("k", "ab", "c") == r.Seal("k", "a", "bc") || r.Seal("k", "a") == r.Seal("k", "a", "") {
		t.Error("different parts, same seal")
	}
	if bytes.Equal(r.Digest("k", "ab", "c"), r.Digest("k", "a", "bc")) {
		t.Error("different parts, same digest")
	}
}

func TestHashesDependOnTypeValueAndRing(t *testing.T) {
	r := ring(t)
	h := r.Hash("email", "a@example.com")
	if !bytes.Equal(h, r.Hash("email", "a@example.com")) {
		t.Error("the same value hashed differently")
	}
	for name, other := range map[string][]byte{
		"another type": r.Hash("phone", "a@example.com"), "another value": r.Hash("email", "b@example.com"),
		"another ring": ring(t).Hash("email", "a@example.com"),
	} {
		if bytes.Equal(h, other) {
			t.Errorf("%s hashed the same", name)
		}
	}
}

func TestEncryptionBindsWhatIsAssociated(t *testing.T) {
	r := ring(t)
	secret, err := r.Encrypt([]byte("Ada"), []byte("crm/1"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := r.Decrypt(secret, []byte("crm/1")); err != nil || string(plain) != "Ada" {
		t.Errorf("got %q, %v", plain, err)
	}
	if _, err := r.Decrypt(secret, []byte("crm/2")); !errors.Is(err, ErrDecrypt) {
		t.Errorf("a moved ciphertext: %v", err)
	}
	secret[len(secret)-1] ^= 1
	if _, err := r.Decrypt(secret, []byte("crm/1")); !errors.Is(err, ErrDecrypt) {
		t.Errorf("a changed ciphertext: %v", err)
	}
}

func TestAFileIsMadeOnceAndReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", FileName)
	made, err := OpenOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	read, err := OpenOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	if made.ID() != read.ID() || !bytes.Equal(made.Check(), read.Check()) || made.Seal("k", "v") != read.Seal("k", "v") {
		t.Error("the file holds another ring")
	}
	if ring(t).ID() == made.ID() || bytes.Equal(ring(t).Check(), made.Check()) {
		t.Error("two rings look the same")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".keys-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestABrokenFileIsRefusedAndKept(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no JSON": "hash: abc", "a short key": `{"version":1,"hash":"c2VjcmV0LXZhbHVl"}`,
		"a later version": `{"version":2}`, "an unknown field": `{"secret-field":"c2VjcmV0LXZhbHVl"}`, "a wrong type": `{"hash":"secret-value!"}`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), FileName)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := OpenOrCreate(path)
			if !errors.Is(err, ErrKeys) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v", err)
			}
			if after, _ := os.ReadFile(path); string(after) != text {
				t.Error("the file was changed")
			}
		})
	}
}

func TestARingPrintsNoKey(t *testing.T) {
	r := ring(t)
	out := ""
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		out += fmt.Sprintf(verb, r) + fmt.Sprintf(verb, struct{ R *Ring }{r})
	}
	b, err := json.Marshal(map[string]any{"ring": r})
	if err != nil {
		t.Fatal(err)
	}
	out += string(b)
	for _, key := range [][]byte{r.raw.Hash, r.raw.Features, r.raw.Seal, r.raw.Digest} {
		for _, text := range []string{string(key), hex.EncodeToString(key), base64.StdEncoding.EncodeToString(key), fmt.Sprint(key)} {
			if strings.Contains(strings.ToLower(out), strings.ToLower(text)) {
				t.Fatal("a key was printed")
			}
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	r := ring(b)
	b.ReportAllocs()
	for b.Loop() {
		r.Seal("order", "shop-eu", "48213", "1042")
	}
}

func BenchmarkUnseal(b *testing.B) {
	r := ring(b)
	sealed := r.Seal("order", "shop-eu", "48213", "1042")
	b.ReportAllocs()
	for b.Loop() {
		_, _ = r.Unseal("order", sealed)
	}
}

func TestShortIsHowAHashBegins(t *testing.T) {
	r := ring(t)
	for _, value := range []string{"", "ada@example.com", strings.Repeat("x", 300)} {
		hash, short := r.Hash("email", value), r.Short("email", []byte(value))
		if short != binary.BigEndian.Uint64(hash) {
			t.Errorf("%q: %x, and %x", value, short, hash)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	r := ring(b)
	b.ReportAllocs()
	for b.Loop() {
		r.Hash("email", "ada.lovelace@example.com")
	}
}
