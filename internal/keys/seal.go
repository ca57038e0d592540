package keys

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// ErrSeal says that a text is no seal of this kind and ring. It says no more,
// so that nobody learns from it.
var ErrSeal = errors.New("not sealed by us")

// maxSealed bounds what Unseal looks at; ids and cursors are far shorter.
const maxSealed = 4096

// strict refuses other spellings of the same bytes: a sealed text has one form.
var strict = base64.RawURLEncoding.Strict()

// Seal makes an opaque text out of parts: nobody without the ring can read or
// make one, and one of a kind is none of another. The same parts give the same
// text (AES-SIV, RFC 5297).
func (r *Ring) Seal(kind string, parts ...string) string {
	var buf [128]byte
	sealed, err := r.seal.EncryptDeterministically(joinParts(buf[:0], parts), []byte(kind))
	if err != nil {
		panic("keys: AES-SIV refuses a short text") // it refuses only what exceeds the address space
	}
	var text [256]byte
	return string(strict.AppendEncode(text[:0], sealed))
}

// Unseal answers the parts that Seal was given; ErrSeal for everything else.
func (r *Ring) Unseal(kind, sealed string) ([]string, error) {
	if len(sealed) > maxSealed {
		return nil, ErrSeal
	}
	var buf [256]byte
	b, err := strict.AppendDecode(buf[:0], []byte(sealed))
	if err != nil || strict.EncodedLen(len(b)) != len(sealed) { // the decoder skips line ends
		return nil, ErrSeal
	}
	plain, err := r.seal.DecryptDeterministically(b, []byte(kind))
	if err != nil {
		return nil, ErrSeal
	}
	parts, ok := splitParts(plain)
	if !ok {
		return nil, ErrSeal
	}
	return parts, nil
}

// joinParts appends each part after its length.
func joinParts(to []byte, parts []string) []byte {
	for _, p := range parts {
		to = binary.AppendUvarint(to, uint64(len(p)))
		to = append(to, p...)
	}
	return to
}

func splitParts(b []byte) (parts []string, ok bool) {
	s := string(b)
	for at := 0; at < len(s); {
		n, width := binary.Uvarint(b[at:])
		if width <= 0 || n > uint64(len(s)-at-width) {
			return nil, false
		}
		at += width
		parts = append(parts, s[at:at+int(n)])
		at += int(n)
	}
	return parts, true
}
