package table

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"customer360/idgraph"
)

// open writes a file and opens it.
func open(t testing.TB, text, mapping string) (*Reader, error) {
	t.Helper()
	m, err := ParseMapping([]byte(mapping))
	if err != nil {
		return nil, err
	}
	path := filepath.Join(t.TempDir(), "records.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, m)
	if err == nil {
		t.Cleanup(func() { _ = r.Close() })
	}
	return r, err
}

// all reads what is left of a file: its rows, and what is wrong on which line.
func all(t testing.TB, r *Reader) (rows []Row, broken []string) {
	t.Helper()
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, broken
		}
		if b := (*BrokenLine)(nil); errors.As(err, &b) {
			broken = append(broken, b.Error())
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func TestWhatColumnsAre(t *testing.T) {
	ids := func(pairs ...string) []idgraph.Identifier {
		out := []idgraph.Identifier{}
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, idgraph.Identifier{Type: idgraph.IdentifierType(pairs[i]), Value: pairs[i+1]})
		}
		return out
	}
	for name, c := range map[string]struct {
		csv, mapping string
		want         idgraph.Record
	}{
		"canonical columns map by themselves, whatever their case and blanks": {
			csv: "Record_ID, SOURCE ,external_id,given_name,family_name,email,phone,loyalty_id,birth_date,street,house_number,city,region,postcode,country\n" +
				"r1,crm,C-1,Ada,Byron,ada@a.example,0171 1,L1,1815-12-10,High St,1,London,Middlesex,N1,GB\n",
			want: idgraph.Record{
				Ref: idgraph.Ref{Source: "crm", ID: "C-1"}, GivenName: "Ada", FamilyName: "Byron", BirthDate: "1815-12-10",
				Street: "High St", HouseNumber: "1", City: "London", Region: "Middlesex", Postcode: "N1", Country: "GB",
				Identifiers: ids("ref:crm", "C-1", "email", "ada@a.example", "phone", "0171 1", "loyalty", "L1"),
			},
		},
		"a file of record_id and a name has a source of its own": {
			csv:  "record_id,full_name\nr1,Ada Byron\n",
			want: idgraph.Record{Ref: idgraph.Ref{Source: "records", ID: "r1"}, GivenName: "Ada", FamilyName: "Byron", Identifiers: ids()},
		},
		"several columns feed one: names and streets are joined in the mapping's order, e-mails and phones are many": {
			csv:     "record_id,middle,first,address 2,address 1,email,mail2,mobile\nr1,King,Ada,Flat 2,1 High St,a@a.example;b@b.example,c@c.example,1|2\n",
			mapping: "columns: {first: given_name, middle: given_name, address 1: street, address 2: street, mail2: email, mobile: phone}",
			want: idgraph.Record{
				Ref: idgraph.Ref{Source: "records", ID: "r1"}, GivenName: "Ada King", Street: "1 High St Flat 2",
				Identifiers: ids("email", "a@a.example", "email", "b@b.example", "email", "c@c.example", "phone", "1", "phone", "2"),
			},
		},
		"a column holds the ids by which another source calls its customers": {
			csv:     "record_id,source,external_id,crm_ref\nr1,erp,E-1,C-1\n",
			mapping: "columns: {crm_ref: {references: crm}}",
			want:    idgraph.Record{Ref: idgraph.Ref{Source: "erp", ID: "E-1"}, Identifiers: ids("ref:erp", "E-1", "ref:crm", "C-1")},
		},
		"a source that others reference without an external_id goes by record_id": {
			csv:     "record_id,source,crm_ref\nr1,crm,\n",
			mapping: "columns: {crm_ref: {references: crm}}",
			want:    idgraph.Record{Ref: idgraph.Ref{Source: "crm", ID: "r1"}, Identifiers: ids("ref:crm", "r1")},
		},
		"constants stand where no column says otherwise": {
			csv:     "record_id,country\nr1,\n",
			mapping: "constants: {source: customers, country: US}",
			want:    idgraph.Record{Ref: idgraph.Ref{Source: "customers", ID: "r1"}, Country: "US", Identifiers: ids()},
		},
		"a column that is called canonically may be ignored": {
			csv:     "record_id,email\nr1,a@a.example\n",
			mapping: "columns: {email: ignore}",
			want:    idgraph.Record{Ref: idgraph.Ref{Source: "records", ID: "r1"}, Identifiers: ids()},
		},
		"the column that is called exactly so goes before one in another case": {
			csv:     "record_id,RECORD_ID\nr1,77\n",
			mapping: "columns: {RECORD_ID: external_id}",
			want:    idgraph.Record{Ref: idgraph.Ref{Source: "records", ID: "77"}, Identifiers: ids("ref:records", "77")},
		},
		"kinds of national ids stay apart": {
			csv:     "record_id,passport,ssn\nr1,P1,S1\n",
			mapping: "columns:\n  passport: {is: national_id, kind: passport}\n  ssn: national_id\n",
			want:    idgraph.Record{Ref: idgraph.Ref{Source: "records", ID: "r1"}, Identifiers: ids("national:passport", "P1", "national", "S1")},
		},
		"a byte order mark, CR LF, quotes, a quoted line end and no line end at the end": {
			csv:  "\ufeffrecord_id,family_name,street\r\n\r\nr1,\"O\"\"Brien, Jr\",\"1 High St\r\nFlat 2\"",
			want: idgraph.Record{Ref: idgraph.Ref{Source: "records", ID: "r1"}, FamilyName: `O"Brien, Jr`, Street: "1 High St\r\nFlat 2", Identifiers: ids()},
		},
		"semicolons": {
			csv:  "record_id;city\nr1;Halle, Saale\n",
			want: idgraph.Record{Ref: idgraph.Ref{Source: "records", ID: "r1"}, City: "Halle, Saale", Identifiers: ids()},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := open(t, c.csv, c.mapping)
			if err != nil {
				t.Fatal(err)
			}
			rows, broken := all(t, r)
			if len(rows) != 1 || len(broken) > 0 {
				t.Fatalf("%d rows, broken: %q", len(rows), broken)
			}
			if got := rows[0]; !reflect.DeepEqual(got.Record, c.want) || got.ID != "r1" {
				t.Errorf("got  %#v\nwant %#v", got.Record, c.want)
			}
		})
	}
}

func TestBirthDates(t *testing.T) {
	unread := map[string]bool{"02/03/1980": true, "19803002": true} // and counted
	for _, c := range []struct{ written, formats, want string }{
		{"1980-02-28", "", "1980-02-28"},
		{"19800228", "", "1980-02-28"},
		{"28.2.1980", "", "1980-02-28"},
		{"Feb 28 1980", "", "1980-02-28"},
		{"28-Feb-1980", "", "1980-02-28"},
		{"1980-02-28T23:00:00Z", "", "1980-02-28"},
		{"02/03/1980", "", "02/03/1980"}, // the third of February, or the second of March
		{"02/03/1980", "[MM/DD/YYYY]", "1980-02-03"},
		{"2/3/1980", "[01/02/2006]", "1980-02-03"},
		{"2/3/1980", "[DD/MM/YYYY]", "1980-03-02"},
		{"28/2/80", "[M/D/YY, D/M/YY]", "1980-02-28"},
		{"5/24/45", "[M/D/YY]", "1945-05-24"}, // nobody is born in 2045
		{"24-May-11", "[D-MMM-YY]", "2011-05-24"},
		{"19803002", "", "19803002"}, // no such day: a slip of one
	} {
		r, err := open(t, "record_id,birth\nr1,"+c.written+"\n", "columns: {birth: {is: birth_date, dates: "+cmp.Or(c.formats, "[]")+"}}")
		if err != nil {
			t.Fatal(err)
		}
		rows, _ := all(t, r)
		if got := rows[0].Record.BirthDate; got != c.want {
			t.Errorf("%s by %s is %q, want %q", c.written, c.formats, got, c.want)
		}
		if undated := r.UndatedBirths == 1; undated != unread[c.want] {
			t.Errorf("%s by %s: %d counted as undated", c.written, c.formats, r.UndatedBirths)
		}
	}
}

func TestBrokenLinesAreToldAndCostNoOthers(t *testing.T) {
	r, err := open(t, strings.Join([]string{
		"record_id,given_name,city",
		"r1,Ada,London",
		"r2,Ada",                     // 3
		"r3,A\"da,London",            // 4
		"r4,\"Ada\"x,London",         // 5
		"r5,Ad\xe9,London",           // 6
		",Ada,London",                // 7
		"r1,Eve,Leeds",               // 8
		"r6,\"a quote, never closed", // 9
		"r7,\"Jo\nanna\",York",       // 10, 11
		"r8,Max,\"Bonn\"",
		"r9,Ada,\"London", // 13: up to the end
		"r10,Zoe,Ulm",
	}, "\n")+"\n", "")
	if err != nil {
		t.Fatal(err)
	}
	rows, broken := all(t, r)
	var ids []string
	for _, row := range rows {
		ids = append(ids, fmt.Sprintf("%s on %d", row.ID, row.Line))
	}
	if want := []string{"r1 on 2", "r7 on 10", "r8 on 12", "r10 on 14"}; !slices.Equal(ids, want) {
		t.Errorf("read %q, want %q", ids, want)
	}
	want := []string{
		"line 3: has 2 fields, the header 3",
		"line 4: a quote stands within a field that does not begin with one",
		"line 5: text stands behind a closing quote",
		"line 6: is not UTF-8",
		"line 7: has no record_id",
		"line 8: has the record_id of line 2",
		"line 9: text stands behind a closing quote",
		"line 13: a quote is never closed",
	}
	if !slices.Equal(broken, want) {
		t.Errorf("broken:\n%s\nwant:\n%s", strings.Join(broken, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct{ csv, mapping, want string }{
		"an empty file":                  {"", "", "is empty"},
		"blank lines":                    {"\n\n", "", "is empty"},
		"no record_id":                   {"id,Email\n1,Ada\n", "", "no column is the record_id: name one so, or map one to it; there are id, Email"},
		"no record_id, but a mapping":    {"id,name\n1,Ada\n", "columns: {name: full_name}", "no column is the record_id: name one so, or map one to it; there are id, name"},
		"no known name":                  {"id,name\n1,Ada\n", "", "no column is the record_id, nor has any a name that is known: are the columns' names on the first line?"},
		"two":                            {"record_id,id\n1,1\n", "columns: {id: record_id}", "two columns are the record_id"},
		"a column that is not there":     {"record_id,mail\n", "columns:\n  e-mail: email\n", "there is no column e-mail, which the mapping names on line 2; did you mean mail?"},
		"one that is mapped twice":       {"record_id,Mail\n", "columns:\n  Mail: email\n  mail: phone\n", "the column Mail is mapped twice, on lines 2 and 3"},
		"an unknown name":                {"record_id\n", "columns:\n  a: email\n  b: emial\n", "3: column b: emial is no canonical name; did you mean email?"},
		"an unknown key":                 {"record_id\n", "columns: {}\nconstant: {}\n", "2: the key constant is not known; did you mean constants?"},
		"an unknown key of a column":     {"record_id\n", "columns:\n  a: {is: birth_date,\n   date: [x]}\n", "3: column a: the key date is not known; did you mean dates?"},
		"a constant that cannot be one":  {"record_id\n", "constants:\n  email: x\n", "2: constants: email cannot be one"},
		"a format without a year":        {"record_id\n", "dates: [DD/MM]", "1: dates: a format names year, month and day"},
		"formats for what is no date":    {"record_id\n", "columns:\n  a: {is: email, dates: [DD/MM/YYYY]}\n", "2: column a: dates: are for birth_date alone"},
		"UTF-16":                         {"\xff\xfer\x00", "", "is UTF-16; save it as UTF-8"},
		"UTF-16 without a mark":          {"r\x00e\x00c\x00", "", "is UTF-16; save it as UTF-8"},
		"UTF-16 the other way around":    {"\x00r\x00e\x00c", "", "is UTF-16; save it as UTF-8"},
		"carriage returns alone":         {"record_id,city\r1,Ulm\r2,Bonn\r", "", "has carriage returns alone between its lines; save it with line feeds"},
		"a text for a file of keys":      {"record_id\n", "record_id,name", "1: a string stands where `key: value` belongs"},
		"a list for a column":            {"record_id\n", "columns:\n  a: [email]\n", "2: column a: it is a canonical name, or {is: …}"},
		"what is no CSV":                 {"record_id\n" + strings.Repeat("x", 3<<20), "", "more than a megabyte"},
		"YAML that is none":              {"record_id\n", "columns: [", "1: "},
		"columns that are no list":       {"record_id\n", "columns: 3", "1: columns: is a list of"},
		"both one's own and a reference": {"record_id\n", "columns: {a: {is: email, references: crm}}", "not both"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := open(t, c.csv, c.mapping)
			for err == nil {
				_, err = r.Next()
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

// Where the columns' names are forgotten, somebody's record stands on the first
// line: nothing of it is told.
func TestARecordInPlaceOfTheHeaderIsNotTold(t *testing.T) {
	for name, mapping := range map[string]string{
		"without a mapping":       "",
		"with columns like those": "columns: {Ida: given_name, Byrom: family_name, ada@example.org: email}",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t, "7,Ada,Byron,ada@example.com\n8,Ida,Hopper,ida@example.com\n", mapping)
			if err == nil {
				t.Fatal("it is read")
			}
			for _, value := range []string{"Ada", "Byron", "ada@example.com"} {
				if strings.Contains(err.Error(), value) {
					t.Errorf("%v: tells %s", err, value)
				}
			}
		})
	}
}

func TestPackedFiles(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprint(z, "record_id,city\nr1,London\n")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := open(t, packed.String(), "")
	if err != nil {
		t.Fatal(err)
	}
	if rows, _ := all(t, r); len(rows) != 1 || rows[0].Record.City != "London" {
		t.Errorf("%v", rows)
	}
	if r, err = open(t, packed.String()[:packed.Len()-10], ""); err == nil {
		for err == nil {
			_, err = r.Next()
		}
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("half of it: %v", err)
	}
}

func TestLinesThatASourceHasUnderOneIDStayApart(t *testing.T) {
	r, err := open(t, "record_id,source,external_id\nr1,crm,7\nr2,crm,7\nr3,erp,7\n", "")
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := all(t, r)
	refs := map[idgraph.Ref]bool{}
	for _, row := range rows {
		refs[row.Record.Ref] = true
		if want := (idgraph.Identifier{Type: idgraph.Reference(row.Record.Ref.Source), Value: "7"}); !slices.Contains(row.Record.Identifiers, want) {
			t.Errorf("%s is not called 7", row.ID)
		}
	}
	if len(rows) != 3 || len(refs) != 3 {
		t.Errorf("%d rows, %d refs", len(rows), len(refs))
	}
}

// TestWhatCSVWritersWriteIsRead holds the reader against encoding/csv, which
// makes LF of line ends within quotes.
func TestWhatCSVWritersWriteIsRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.StringOfN(rapid.SampledFrom([]rune("ab \",\n\r;é")), 0, 8, -1)
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		w.UseCRLF = rapid.Bool().Draw(rt, "crlf")
		for i := range rapid.IntRange(1, 20).Draw(rt, "lines") {
			if err := w.Write([]string{fmt.Sprint("r", i), value.Draw(rt, "v"), value.Draw(rt, "v")}); err != nil {
				rt.Fatal(err)
			}
		}
		w.Flush()
		want, err := csv.NewReader(bytes.NewReader(text.Bytes())).ReadAll()
		if err != nil {
			rt.Fatal(err)
		}
		var got [][]string
		for l := (&lines{from: iotest.HalfReader(&text), comma: ','}); ; {
			fields, _, err := l.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				rt.Fatalf("%v in %q", err, want)
			}
			line := make([]string, len(fields))
			for i, f := range fields {
				line[i] = strings.ReplaceAll(f, "\r\n", "\n")
			}
			got = append(got, line)
		}
		if !reflect.DeepEqual(got, want) {
			rt.Errorf("got %q, want %q", got, want)
		}
	})
}

// BenchmarkRead reads lines of 15 columns.
func BenchmarkRead(b *testing.B) {
	var text strings.Builder
	text.WriteString("record_id,source,external_id,crm_ref,given_name,family_name,email,phone,loyalty_id,birth_date,street,city,postcode,country,updated_at\n")
	for i := range b.N {
		fmt.Fprintf(&text, "r%07d,crm,C%08d,,Brandon,Rodriguez,brandon_%d@gmail.com,07174043287,,1965-08-14,15 York Lane,Bristol,BR3 6FS,GB,2024-08-23T19:47:00Z\n", i, i, i)
	}
	r, err := open(b, text.String(), "columns: {crm_ref: {references: crm}}")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
}
