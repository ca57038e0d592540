package keys

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"

	aead "github.com/tink-crypto/tink-go/v2/aead/subtle"
	daead "github.com/tink-crypto/tink-go/v2/daead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// The sizes of keys and of what is made under them, in bytes. Hashes and
// digests keep 128 of their 256 bits: nobody without the key can compute one,
// so only chance makes two values meet (one in 10^20 among ten billion), and a
// million rows' index stays half as large.
const (
	keySize  = 32
	sealSize = daead.AESSIVKeySize
	HashSize = 16
)

// ErrKeys says that something is no ring of keys.
var ErrKeys = errors.New("not a ring of keys that this version can read")

// A Ring holds the deployment's own keys. It is safe for concurrent use, and
// prints as ***.
type Ring struct {
	raw      rawKeys
	id       string
	check    []byte
	features tink.AEAD
	seal     *daead.AESSIV
	types    sync.Map // of *macs by identifier type
	prints   *macs
	digests  *macs
	old      *Ring // nil where there is none
}

// rawKeys is the file. The keys of hashes and features make up the ring's id;
// a rekey replaces these two and leaves sealed ids valid.
type rawKeys struct {
	Version  int    `json:"version"`
	Hash     []byte `json:"hash"`
	Features []byte `json:"features"`
	Seal     []byte `json:"seal"`
	Digest   []byte `json:"digest"`
	// Old are the keys that a rekey moves away from.
	Old *oldKeys `json:"old,omitempty"`
}

type oldKeys struct {
	Hash     []byte `json:"hash"`
	Features []byte `json:"features"`
}

// Create makes a ring of new random keys.
func Create() (*Ring, error) {
	return newRing(rawKeys{Version: 1, Hash: random(keySize), Features: random(keySize), Seal: random(sealSize), Digest: random(keySize)})
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails: see crypto/rand
	return b
}

// Read reads a ring that Write has written.
func Read(r io.Reader) (*Ring, error) {
	b, err := io.ReadAll(io.LimitReader(r, 1<<16))
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	var raw rawKeys
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if dec.Decode(&raw) != nil { // its text might quote a key
		return nil, ErrKeys
	}
	return newRing(raw)
}

// Write writes the ring with all its keys.
func (r *Ring) Write(w io.Writer) error {
	b, err := json.MarshalIndent(r.raw, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the keys: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

func newRing(raw rawKeys) (*Ring, error) {
	if raw.Version != 1 || len(raw.Hash) != keySize || len(raw.Features) != keySize || len(raw.Seal) != sealSize || len(raw.Digest) != keySize {
		return nil, ErrKeys
	}
	features, err := aead.NewAESGCM(raw.Features)
	if err != nil {
		return nil, ErrKeys
	}
	seal, err := daead.NewAESSIV(raw.Seal)
	if err != nil {
		return nil, ErrKeys
	}
	r := &Ring{raw: raw, features: features, seal: seal, digests: newMACs(raw.Digest), prints: newMACs(derive(raw.Hash, "fingerprint"))}
	r.id = hex.EncodeToString(derive(raw.Hash, "key id", raw.Features)[:6])
	r.check = derive(raw.Digest, "check", raw.Hash, raw.Features, raw.Seal)
	if raw.Old != nil {
		of := raw
		of.Hash, of.Features, of.Old = raw.Old.Hash, raw.Old.Features, nil
		if r.old, err = newRing(of); err != nil || r.old.id == r.id {
			return nil, ErrKeys
		}
	}
	return r, nil
}

// ID names the keys under which rows are hashed and encrypted. It tells
// nothing about them.
func (r *Ring) ID() string { return r.id }

// Check is a value by which a store knows the ring that it was written under.
func (r *Ring) Check() []byte { return r.check }

// Hash is the keyed hash of an identifier's value. Each type has a key of its
// own, so that equal values of two types don't show. The types come from the
// configuration, never from a caller: each is remembered.
func (r *Ring) Hash(typ, value string) []byte { return r.macs(typ).sum(value) }

// Short is the first eight bytes of Hash, as a number.
func (r *Ring) Short(typ string, value []byte) uint64 {
	m := r.macs(typ)
	h := m.pool.Get().(*mac)
	defer m.pool.Put(h)
	return binary.BigEndian.Uint64(h.sum(value))
}

func (r *Ring) macs(typ string) *macs {
	m, ok := r.types.Load(typ)
	if !ok {
		m, _ = r.types.LoadOrStore(typ, newMACs(derive(r.raw.Hash, "identifier "+typ)))
	}
	return m.(*macs)
}

// Digest is a keyed digest of parts, for telling whether something is as it
// was, under a key that a rekey leaves alone: of events, of operations. The
// parts' bounds count.
func (r *Ring) Digest(kind string, parts ...string) []byte {
	return r.digests.sum(string(joinParts(make([]byte, 0, 256), append([]string{kind}, parts...))))
}

// Fingerprint is a digest of a record's parts, under a key that a rekey replaces.
func (r *Ring) Fingerprint(parts ...string) []byte {
	return r.prints.sum(string(joinParts(make([]byte, 0, 256), parts)))
}

// Encrypt encrypts; what is associated is not in the result, but needed to decrypt.
func (r *Ring) Encrypt(plain, associated []byte) ([]byte, error) {
	return r.features.Encrypt(plain, associated)
}

// Decrypt is the inverse of Encrypt, under these keys or the old ones.
func (r *Ring) Decrypt(encrypted, associated []byte) ([]byte, error) {
	plain, err := r.features.Decrypt(encrypted, associated)
	switch {
	case err == nil:
		return plain, nil
	case r.old != nil:
		return r.old.Decrypt(encrypted, associated)
	}
	return nil, ErrDecrypt
}

// ErrDecrypt says that a ciphertext was made under other keys, belongs to
// another place, or has been changed.
var ErrDecrypt = errors.New("does not decrypt: it has been changed, or was made under a key that is not in the ring")

// derive makes a key or a value for one use out of a key.
func derive(key []byte, use string, more ...[]byte) []byte {
	out, err := hkdf.Key(sha256.New, key, bytes.Join(more, nil), "customer360 "+use, keySize)
	if err != nil {
		panic("keys: HKDF refuses its fixed size") // 32 bytes are always allowed
	}
	return out
}

// macs hands out keyed HMAC states, which cost more to key than to run.
type macs struct{ pool sync.Pool }

func newMACs(key []byte) *macs {
	return &macs{pool: sync.Pool{New: func() any { return &mac{Hash: hmac.New(sha256.New, key)} }}}
}

func (m *macs) sum(s string) []byte {
	h := m.pool.Get().(*mac)
	defer m.pool.Put(h)
	h.in = append(h.in[:0], s...)
	return bytes.Clone(h.sum(h.in)[:HashSize])
}

// A mac is one keyed state, with room for what goes in and comes out.
type mac struct {
	hash.Hash
	in  []byte
	out [sha256.Size]byte
}

// sum is there until the next.
func (m *mac) sum(b []byte) []byte {
	m.Reset()
	_, _ = m.Write(b)
	return m.Sum(m.out[:0])
}

// Format hides the keys, whatever the verb.
func (r *Ring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "***") }

// MarshalText hides the keys from encoders, slog's among them.
func (r *Ring) MarshalText() ([]byte, error) { return []byte("***"), nil }
