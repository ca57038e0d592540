package sqlstore

import (
	"encoding/binary"
	"reflect"
	"testing"

	"customer360/idgraph"
)

func TestFeaturesComeBackAsTheyWerePacked(t *testing.T) {
	r := idgraph.Record{
		Ref: idgraph.Ref{Source: "crm", ID: "1"}, GivenName: "Ada", FamilyName: "Byron", BirthDate: "1984-05-06", Street: "High Street", HouseNumber: "12a",
		City: "Leeds", Region: "Yorkshire", Postcode: "LS1 4AP", Country: "GB", Identifiers: []idgraph.Identifier{{Type: idgraph.NationalID, Value: "AB123456D"}},
	}
	got, err := unpack(r.Ref, pack(r))
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Fatalf("got %+v, %v", got, err)
	}
}

func TestFeaturesOfTheFirstLayoutAreRead(t *testing.T) {
	b := []byte{1}
	for _, p := range []string{"Ada", "Byron", "1984-05-06", "High Street 12", "Leeds", "LS1 4AP", "GB", "email", "ada@example.com"} {
		b = append(binary.AppendUvarint(b, uint64(len(p))), p...)
	}
	want := idgraph.Record{
		GivenName: "Ada", FamilyName: "Byron", BirthDate: "1984-05-06", Street: "High Street 12", City: "Leeds", Postcode: "LS1 4AP", Country: "GB",
		Identifiers: []idgraph.Identifier{{Type: idgraph.Email, Value: "ada@example.com"}},
	}
	if got, err := unpack(idgraph.Ref{}, b); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v", got, err)
	}
	for _, broken := range [][]byte{nil, {3}, {2}, b[:len(b)-1], append([]byte{2}, b[1:len(b)-6]...)} {
		if _, err := unpack(idgraph.Ref{}, broken); err == nil {
			t.Errorf("%q was read", broken)
		}
	}
}
