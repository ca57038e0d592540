package keys

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestTheNextRingKeepsTheOldKeysUntilTheyAreDropped(t *testing.T) {
	old := ring(t)
	next, err := old.Next()
	if err != nil {
		t.Fatal(err)
	}
	sealed, secret, place := old.Seal("customer", "42"), []byte(nil), []byte("crm/1")
	if secret, err = old.Encrypt([]byte("Ada"), place); err != nil {
		t.Fatal(err)
	}
	if plain, err := next.Decrypt(secret, place); err != nil || string(plain) != "Ada" {
		t.Errorf("under the old keys: %q, %v", plain, err)
	}
	if parts, err := next.Unseal("customer", sealed); err != nil || parts[0] != "42" {
		t.Errorf("a sealed id: %q, %v", parts, err)
	}
	if !bytes.Equal(next.Digest("event", "1"), old.Digest("event", "1")) {
		t.Error("a digest has changed")
	}
	if next.ID() == old.ID() || bytes.Equal(next.Check(), old.Check()) || bytes.Equal(next.Hash("email", "a"), old.Hash("email", "a")) || bytes.Equal(next.Fingerprint("a"), old.Fingerprint("a")) {
		t.Error("the next ring goes by an old key")
	}
	if got := next.Old(); got.ID() != old.ID() || !bytes.Equal(got.Check(), old.Check()) || !bytes.Equal(got.Hash("email", "a"), old.Hash("email", "a")) {
		t.Error("the old ring is another one")
	}
	if _, err := next.Next(); !errors.Is(err, ErrTwoKeys) {
		t.Errorf("a third key: %v", err)
	}
	alone := next.Alone()
	if alone.Old() != nil || alone.ID() != next.ID() || !bytes.Equal(alone.Check(), next.Check()) {
		t.Error("alone it is another ring")
	}
	if _, err := alone.Decrypt(secret, place); !errors.Is(err, ErrDecrypt) {
		t.Errorf("without the old keys: %v", err)
	}
}

func TestARingReplacesAnotherInItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), FileName)
	old, err := OpenOrCreate(path)
	if err != nil {
		t.Fatal(err)
	}
	next, err := old.Next()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*Ring{next, next.Alone()} {
		if err := r.Replace(path); err != nil {
			t.Fatal(err)
		}
		read, err := Open(path)
		if err != nil || read.ID() != r.ID() || (read.Old() == nil) != (r.Old() == nil) {
			t.Fatalf("the file holds another ring: %v", err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".keys-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := next.Replace(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("it replaced a file that is not there")
	}
}
