package vendure

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"customer360/idgraph"
)

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// isID says whether a text is an id, in the shop's own spelling. Vendure takes
// "007" for 7, and a database of UUIDs fails at anything else.
func (c *connector) isID(s string) bool {
	if c.cfg.IDs == "uuid" {
		return uuid.MatchString(s)
	}
	n, err := strconv.ParseInt(s, 10, 32)
	return err == nil && n > 0 && strconv.FormatInt(n, 10) == s
}

// compareIDs puts ids in the order in which the shop sorts them: shorter
// numbers are smaller ones, and UUIDs are all of a length.
func compareIDs(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// idsOf are the ids of the refs, with the way back; a ref with anything else is
// none of this shop's, and left out.
func (c *connector) idsOf(refs []idgraph.Ref) ([]string, map[string]idgraph.Ref) {
	ids, back := make([]string, 0, len(refs)), make(map[string]idgraph.Ref, len(refs))
	for _, ref := range refs {
		if c.isID(ref.ID) {
			ids = append(ids, ref.ID)
			back[ref.ID] = ref
		}
	}
	return ids, back
}

func (c *connector) ref(id string) idgraph.Ref {
	return idgraph.Ref{Source: c.setup.Source, ID: id}
}

// named is the id that a reference to this shop's customers names, if it is
// one: references come without their separators, in upper case.
func (c *connector) named(reference string) (string, bool) {
	id := reference
	if c.cfg.IDs == "uuid" && len(id) == 32 {
		id = strings.ToLower(strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:]}, "-"))
	}
	return id, c.isID(id)
}
