package match

import (
	"cmp"
	"slices"

	"customer360/idgraph"
)

// A Decision is what a person said of two records. No machine overrides it.
type Decision struct {
	A, B idgraph.Ref
	Same bool // they are one person; else they are two
}

// A Component is records that strong edges or decisions connect, and all of these.
type Component struct {
	Members   []*Features // in order of their refs
	Edges     []Edge      // strong ones, by places in Members
	Same, Not [][2]int32  // decisions, by places in Members
}

// A Grouping says who of a component is one person.
type Grouping struct {
	Groups [][]int32  // places in Members, rising; in order of their first
	Frozen []int32    // first places of the groups that reached a limit: a person must look
	Rivals [][2]int32 // pairs of strong edges that were not followed
}

const (
	// margin is how much more an edge must weigh than its rival's.
	margin = 600
	// mostRecords is how many records a customer may have.
	mostRecords = 64
	// most is what one pair counts for at most in the average of two groups.
	most = 2000
)

// Cluster groups a component. The outcome depends on the set alone:
//
//   - Whom a person put together is together.
//   - A record that two others claim who exclude one another goes to neither,
//     unless one weighs far more.
//   - A phone joins groups, and then name and address, where the e-mail addresses
//     don't speak against it: these are what a father and a son of one name share.
//   - Groups grow along the strongest edges first. Two groups don't become one
//     where a pair across them contradicts, a person said no, the average pair
//     across speaks against it, or a limit would be passed; that freezes both.
func (r *Rules) Cluster(in Component, marks func(key uint64) Mark) Grouping {
	g := &grouper{comparer: r.comparer(marks), Component: in, of: make([]int32, len(in.Members)), groups: make([][]int32, len(in.Members)), frozen: map[int32]bool{}, pairs: map[[2]int32]pairOf{}}
	for i := range in.Members {
		g.of[i], g.groups[i] = int32(i), []int32{int32(i)}
	}
	for _, p := range in.Same {
		g.join(g.of[p[0]], g.of[p[1]])
	}
	edges := slices.Clone(in.Edges)
	slices.SortFunc(edges, func(x, y Edge) int {
		return cmp.Or(cmp.Compare(y.Weight, x.Weight), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	out := Grouping{}
	doubtful := g.ambiguous(edges)
	var byPhone, byHome []Edge
	for i, e := range edges {
		x, y := g.of[e.A], g.of[e.B]
		switch {
		case x == y:
		case e.Rule == idgraph.NameAndAddress && level(e.Levels[mailbox]) != levelTagged: // a doubtful one claims all the same
			byHome = append(byHome, e)
		case doubtful[i]:
			out.Rivals = append(out.Rivals, [2]int32{e.A, e.B})
		case e.byPhone():
			byPhone = append(byPhone, e)
		case g.may(x, y):
			g.join(x, y)
		default:
			out.Rivals = append(out.Rivals, [2]int32{e.A, e.B})
		}
	}
	for _, e := range byPhone {
		if x, y := g.of[e.A], g.of[e.B]; x != y && (!g.apart(x, y, idgraph.Email) || g.oneOwner(e, x, y)) && g.may(x, y) {
			g.join(x, y)
		}
	}
	out.Rivals = append(out.Rivals, g.left(byPhone)...)
	g.joinHomes(byHome)
	out.Rivals = append(out.Rivals, g.left(byHome)...)
	for i, members := range g.groups {
		if members == nil {
			continue
		}
		slices.Sort(members)
		out.Groups = append(out.Groups, members)
		if g.frozen[int32(i)] {
			out.Frozen = append(out.Frozen, members[0])
		}
	}
	slices.SortFunc(out.Groups, func(a, b []int32) int { return cmp.Compare(a[0], b[0]) })
	slices.Sort(out.Frozen)
	return out
}

// A grouper is one Cluster under way.
type grouper struct {
	*comparer
	Component
	of     []int32   // by member: its group
	groups [][]int32 // nil for those that went into another
	frozen map[int32]bool
	pairs  map[[2]int32]pairOf
}

// A pairOf is what is kept of a comparison.
type pairOf struct {
	evidence cents // without the prior
	conflict bool
}

func (g *grouper) pair(i, j int32) pairOf {
	if i > j {
		i, j = j, i
	}
	p, ok := g.pairs[[2]int32{i, j}]
	if !ok {
		x := g.compare(g.Members[i], g.Members[j])
		p = pairOf{evidence: min(max(x.sum-g.prior, -most), most), conflict: g.conflict(g.Members[i], g.Members[j], &x)}
		g.pairs[[2]int32{i, j}] = p
	}
	return p
}

// ambiguous answers the places of edges that a rival keeps from being followed.
func (g *grouper) ambiguous(edges []Edge) map[int]bool {
	out := map[int]bool{}
	at := make(map[int32][]int, len(g.Members))
	for i, e := range edges {
		at[e.A], at[e.B] = append(at[e.A], i), append(at[e.B], i)
	}
	for r, mine := range at {
		for n, i := range mine {
			for _, j := range mine[n+1:] { // edges[i] weighs as much as edges[j], or more
				u, v := edges[i].other(r), edges[j].other(r)
				if g.of[u] == g.of[v] || !g.pair(u, v).conflict {
					continue
				}
				out[j] = true
				if edges[i].Weight-edges[j].Weight < margin {
					out[i] = true
				}
			}
		}
	}
	return out
}

func (e Edge) other(r int32) int32 {
	if e.A == r {
		return e.B
	}
	return e.A
}

// may says whether two groups may become one.
func (g *grouper) may(x, y int32) bool {
	if g.frozen[x] || g.frozen[y] {
		return false
	}
	for _, p := range g.Not {
		a, b := g.of[p[0]], g.of[p[1]]
		if a == x && b == y || a == y && b == x {
			return false
		}
	}
	var sum, n cents
	for _, i := range g.groups[x] {
		for _, j := range g.groups[y] {
			p := g.pair(i, j)
			if p.conflict {
				return false
			}
			sum, n = sum+p.evidence, n+1
		}
	}
	if sum < 0 {
		return false
	}
	if len(g.groups[x])+len(g.groups[y]) > mostRecords || !g.fewEnough(x, y) {
		g.frozen[x], g.frozen[y] = true, true
		return false
	}
	return true
}

// join makes one group of two; the lower number stays.
func (g *grouper) join(x, y int32) {
	if x == y {
		return
	}
	x, y = min(x, y), max(x, y)
	for _, m := range g.groups[y] {
		g.of[m] = x
	}
	g.groups[x] = append(g.groups[x], g.groups[y]...)
	g.groups[y] = nil
}

// fewEnough holds the values of two groups together against what one person may
// have. The number that a source gives a record of its own is not counted.
func (g *grouper) fewEnough(x, y int32) bool {
	values := map[idgraph.IdentifierType][]uint64{}
	for _, members := range [2][]int32{g.groups[x], g.groups[y]} {
		for _, m := range members {
			for i := range g.Members[m].ids {
				id := &g.Members[m].ids[i]
				if ownNumber(g.Members[m], id) || g.marks(id.key) != OnePersons || slices.Contains(values[id.Type], id.key) {
					continue
				}
				values[id.Type] = append(values[id.Type], id.key)
			}
		}
	}
	for t, vs := range values {
		if len(vs) > LimitOf(t).PerPerson {
			return false
		}
	}
	return true
}
