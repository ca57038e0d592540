package sqlstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"customer360/idgraph"
	"customer360/idgraph/match"
	"customer360/internal/keys"
)

// errFeatures says that what was decrypted is no record's features.
var errFeatures = errors.New("broken features")

// pack writes what a normalised record says of a person as one text: its parts,
// each after its length.
func pack(r idgraph.Record) []byte {
	parts := []string{r.GivenName, r.FamilyName, r.BirthDate, r.Street, r.City, r.Postcode, r.Country, r.HouseNumber, r.Region}
	for _, id := range r.Identifiers {
		parts = append(parts, string(id.Type), id.Value)
	}
	b := make([]byte, 1, 256)
	b[0] = 2 // the layout
	for _, p := range parts {
		b = append(binary.AppendUvarint(b, uint64(len(p))), p...)
	}
	return b
}

// unpack is the inverse of pack.
func unpack(ref idgraph.Ref, b []byte) (idgraph.Record, error) {
	if len(b) == 0 || b[0] != 1 && b[0] != 2 {
		return idgraph.Record{}, errFeatures
	}
	named := 9 // parts before the identifiers
	if b[0] == 1 {
		named = 7 // without house number and region
	}
	var parts []string
	for b = b[1:]; len(b) > 0; {
		n, width := binary.Uvarint(b)
		if width <= 0 || n > uint64(len(b)-width) {
			return idgraph.Record{}, errFeatures
		}
		parts = append(parts, string(b[width:width+int(n)]))
		b = b[width+int(n):]
	}
	if len(parts) < named || len(parts)%2 == 0 {
		return idgraph.Record{}, errFeatures
	}
	r := idgraph.Record{Ref: ref, GivenName: parts[0], FamilyName: parts[1], BirthDate: parts[2], Street: parts[3], City: parts[4], Postcode: parts[5], Country: parts[6]}
	if named > 7 {
		r.HouseNumber, r.Region = parts[7], parts[8]
	}
	for i := named; i < len(parts); i += 2 {
		r.Identifiers = append(r.Identifiers, idgraph.Identifier{Type: idgraph.IdentifierType(parts[i]), Value: parts[i+1]})
	}
	return r, nil
}

// place is what features are bound to: they decrypt in their own row only.
func place(ref idgraph.Ref) []byte {
	return []byte("features\x00" + string(ref.Source) + "\x00" + ref.ID)
}

// encrypt makes the column `features` of a record.
func encrypt(ring *keys.Ring, ref idgraph.Ref, packed []byte) ([]byte, error) {
	b, err := ring.Encrypt(packed, place(ref))
	if err != nil {
		return nil, fmt.Errorf("encrypt record %s: %w", ref, err)
	}
	return b, nil
}

// decrypt reads the column.
func decrypt(ring *keys.Ring, ref idgraph.Ref, features []byte) (idgraph.Record, error) {
	packed, err := ring.Decrypt(features, place(ref))
	if err != nil {
		return idgraph.Record{}, fmt.Errorf("record %s: %w", ref, err)
	}
	r, err := unpack(ref, packed)
	if err != nil {
		return idgraph.Record{}, fmt.Errorf("record %s: %w", ref, err)
	}
	return r, nil
}

// fingerprint tells whether a record is as it was learnt, under these rules.
func fingerprint(ring *keys.Ring, ref idgraph.Ref, packed []byte, lookup string) []byte {
	parts := []string{"record", strconv.Itoa(match.RuleVersion), string(ref.Source), ref.ID, string(packed)}
	if lookup != "" {
		parts = append(parts, lookup)
	}
	return ring.Fingerprint(parts...)
}

// hashesOf are the keyed hashes of a record's identifiers, in their order.
func hashesOf(ring *keys.Ring, r idgraph.Record) []string {
	out := make([]string, len(r.Identifiers))
	for i, id := range r.Identifiers {
		out[i] = string(ring.Hash(string(id.Type), id.Value))
	}
	return out
}
