package match

import (
	"cmp"
	"slices"

	"customer360/idgraph"
)

// clusterAll clusters the components of strong edges and decisions.
func (b *building) clusterAll() error {
	n := len(b.res.Records)
	root := make([]int32, n)
	for i := range root {
		root[i] = int32(i)
	}
	same, not := b.decided()
	for _, e := range b.res.Edges {
		if e.Strong {
			union(root, e.A, e.B)
		}
	}
	for _, p := range same {
		union(root, p[0], p[1])
	}
	comps, at := componentsOf(root)
	for _, e := range b.res.Edges {
		if r := find(root, e.A); e.Strong && r == find(root, e.B) {
			comps[at[r]].edges = append(comps[at[r]].edges, e)
		}
	}
	for _, p := range same {
		c := &comps[at[find(root, p[0])]]
		c.same = append(c.same, p)
	}
	for _, p := range not {
		if r := find(root, p[0]); r == find(root, p[1]) {
			comps[at[r]].not = append(comps[at[r]].not, p)
		}
	}
	groups := make([][][]int32, len(comps))
	frozen := make([][]int32, len(comps))
	const stride = 4096
	b.inParallel((len(comps)+stride-1)/stride, "cluster", func(_, s int) {
		for i := s * stride; i < min(len(comps), (s+1)*stride); i++ {
			groups[i], frozen[i] = b.clusterOne(&comps[i])
		}
	})
	b.collect(groups, frozen)
	return nil
}

// decided answers the decisions by places; those of records that are not here
// wait until they come.
func (b *building) decided() (same, not [][2]int32) {
	for _, d := range b.Decisions {
		x, okX := b.place(d.A)
		y, okY := b.place(d.B)
		switch {
		case !okX || !okY || x == y:
		case d.Same:
			same = append(same, [2]int32{min(x, y), max(x, y)})
		default:
			not = append(not, [2]int32{min(x, y), max(x, y)})
		}
	}
	return same, not
}

func (b *building) place(ref idgraph.Ref) (int32, bool) {
	i, ok := slices.BinarySearchFunc(b.res.Records, ref, func(f *Features, ref idgraph.Ref) int {
		return cmp.Or(cmp.Compare(f.Ref.Source, ref.Source), cmp.Compare(f.Ref.ID, ref.ID))
	})
	return int32(i), ok
}

// A part is a component by places of the whole.
type part struct {
	members   []int32
	edges     []Edge
	same, not [][2]int32
}

func union(root []int32, a, b int32) {
	a, b = find(root, a), find(root, b)
	root[max(a, b)] = min(a, b)
}

func find(root []int32, m int32) int32 {
	for root[m] != m {
		root[m] = root[root[m]]
		m = root[m]
	}
	return m
}

// componentsOf lists the members of each component, and where it is by its root.
func componentsOf(root []int32) (comps []part, at []int32) {
	at = make([]int32, len(root))
	for m := range root {
		r := find(root, int32(m))
		if r == int32(m) {
			at[r], comps = int32(len(comps)), append(comps, part{})
		}
		c := &comps[at[r]]
		c.members = append(c.members, int32(m))
	}
	return comps, at
}

// clusterOne clusters a component, by places of the whole.
func (b *building) clusterOne(p *part) (groups [][]int32, frozen []int32) {
	if len(p.members) == 1 {
		return [][]int32{p.members}, nil
	}
	in := Component{Members: make([]*Features, len(p.members)), Edges: slices.Clone(p.edges), Same: slices.Clone(p.same), Not: slices.Clone(p.not)}
	local := func(m int32) int32 { i, _ := slices.BinarySearch(p.members, m); return int32(i) }
	for i, m := range p.members {
		in.Members[i] = b.res.Records[m]
	}
	for i := range in.Edges {
		in.Edges[i].A, in.Edges[i].B = local(in.Edges[i].A), local(in.Edges[i].B)
	}
	for _, list := range [2][][2]int32{in.Same, in.Not} {
		for i, d := range list {
			list[i] = [2]int32{local(d[0]), local(d[1])}
		}
	}
	out := b.res.Rules.Cluster(in, func(k uint64) Mark { return b.res.Marks[k] })
	for _, g := range out.Groups {
		for i, m := range g {
			g[i] = p.members[m]
		}
	}
	for _, m := range out.Frozen {
		frozen = append(frozen, p.members[m])
	}
	return out.Groups, frozen
}

// collect puts the groups of all components in order.
func (b *building) collect(groups [][][]int32, frozen [][]int32) {
	for _, g := range groups {
		b.res.Groups = append(b.res.Groups, g...)
	}
	slices.SortFunc(b.res.Groups, func(x, y []int32) int { return cmp.Compare(x[0], y[0]) })
	b.res.Of = make([]int32, len(b.res.Records))
	for i, g := range b.res.Groups {
		for _, m := range g {
			b.res.Of[m] = int32(i)
		}
	}
	for _, m := range slices.Concat(frozen...) {
		b.res.Frozen = append(b.res.Frozen, b.res.Of[m])
	}
	slices.Sort(b.res.Frozen)
}
