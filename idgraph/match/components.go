package match

import (
	"cmp"
	"slices"

	"customer360/idgraph"
)

// clusterAll clusters the components of strong edges and decisions.
func (b *building) clusterAll() error {
	root := make([]int32, len(b.res.Records))
	for i := range root {
		root[i] = int32(i)
	}
	same, not := b.decided()
	for i := range b.res.Edges {
		if e := &b.res.Edges[i]; e.Strong {
			union(root, e.A, e.B)
		}
	}
	for _, p := range same {
		union(root, p[0], p[1])
	}
	c := b.componentsOf(root)
	c.same, c.not = c.byComponent(same), c.byComponent(not)
	n := len(c.ends)
	begins, frozen := make([]bool, len(root)), make([]bool, len(root))
	const stride = 4096
	spaces := make([]Component, b.Workers)
	b.inParallel((n+stride-1)/stride, "cluster", func(w, s int) {
		for i := s * stride; i < min(n, (s+1)*stride); i++ {
			b.clusterOne(c, i, &spaces[w], begins, frozen)
		}
	})
	b.collect(c.members, begins, frozen)
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

// components are all of a set, one after the other; their members by places of
// the whole, their edges by places in the whole's edges.
type components struct {
	members, ends   []int32
	edges, edgeEnds []int32
	of              []int32 // by place of the whole
	same, not       map[int32][][2]int32
}

// componentsOf lists the components of roots, in order of their first members.
func (b *building) componentsOf(root []int32) *components {
	c := &components{members: make([]int32, len(root)), of: make([]int32, len(root))}
	for m := range root {
		r := find(root, int32(m))
		if r == int32(m) {
			c.of[m] = int32(len(c.ends))
			c.ends = append(c.ends, 0)
		}
		c.of[m] = c.of[r] // a root is the least of its members
	}
	c.edgeEnds = make([]int32, len(c.ends))
	for _, i := range c.of {
		c.ends[i]++
	}
	strong := 0
	for i := range b.res.Edges {
		if e := &b.res.Edges[i]; e.Strong {
			c.edgeEnds[c.of[e.A]]++
			strong++
		}
	}
	c.edges = make([]int32, strong)
	beginAt(c.ends)
	beginAt(c.edgeEnds)
	for m, i := range c.of { // each beginning moves to its end
		c.members[c.ends[i]] = int32(m)
		c.ends[i]++
	}
	for n := range b.res.Edges {
		if e := &b.res.Edges[n]; e.Strong {
			i := c.of[e.A]
			c.edges[c.edgeEnds[i]] = int32(n)
			c.edgeEnds[i]++
		}
	}
	return c
}

// beginAt makes of numbers where each begins.
func beginAt(counts []int32) {
	n := int32(0)
	for i, count := range counts {
		counts[i] = n
		n += count
	}
}

// byComponent sorts out pairs within components.
func (c *components) byComponent(pairs [][2]int32) map[int32][][2]int32 {
	out := map[int32][][2]int32{}
	for _, p := range pairs {
		if i := c.of[p[0]]; i == c.of[p[1]] {
			out[i] = append(out[i], p)
		}
	}
	return out
}

// stretch answers what stands before the i-th end.
func stretch(list, ends []int32, i int) []int32 {
	if i == 0 {
		return list[:ends[0]]
	}
	return list[ends[i-1]:ends[i]]
}

// clusterOne clusters a component: its members are put in order of their
// groups, and where groups begin, and whether they are frozen, is marked by place.
func (b *building) clusterOne(c *components, i int, in *Component, begins, frozen []bool) {
	members, from := stretch(c.members, c.ends, i), 0
	if i > 0 {
		from = int(c.ends[i-1])
	}
	if len(members) == 1 {
		begins[from] = true
		return
	}
	local := func(m int32) int32 { i, _ := slices.BinarySearch(members, m); return int32(i) }
	pairs := func(of map[int32][][2]int32) (out [][2]int32) {
		for _, p := range of[int32(i)] {
			out = append(out, [2]int32{local(p[0]), local(p[1])})
		}
		return out
	}
	in.Members, in.Edges, in.Same, in.Not = in.Members[:0], in.Edges[:0], pairs(c.same), pairs(c.not)
	for _, m := range members {
		in.Members = append(in.Members, b.res.Records[m])
	}
	for _, n := range stretch(c.edges, c.edgeEnds, i) {
		e := b.res.Edges[n]
		e.A, e.B = local(e.A), local(e.B)
		in.Edges = append(in.Edges, e)
	}
	out := b.res.Rules.Cluster(*in, func(k uint64) Mark { return b.res.Marks[k] })
	whole, at := slices.Clone(members), 0
	for _, g := range out.Groups {
		begins[from+at] = true
		frozen[from+at] = slices.Contains(out.Frozen, g[0])
		for _, m := range g {
			members[at] = whole[m]
			at++
		}
	}
}

// collect lists the groups that were marked, in order of their first members.
func (b *building) collect(members []int32, begins, frozen []bool) {
	n := 0
	at := make([]int32, len(members)) // by first member: where its group begins, plus one
	for i, m := range members {
		if begins[i] {
			at[m] = int32(i) + 1
			n++
		}
	}
	b.res.Groups, b.res.Of = make([][]int32, 0, n), make([]int32, len(members))
	for _, i := range at {
		if i == 0 {
			continue
		}
		from, end := int(i)-1, int(i)
		for end < len(members) && !begins[end] {
			end++
		}
		if frozen[from] {
			b.res.Frozen = append(b.res.Frozen, int32(len(b.res.Groups)))
		}
		for _, m := range members[from:end] {
			b.res.Of[m] = int32(len(b.res.Groups))
		}
		b.res.Groups = append(b.res.Groups, members[from:end:end])
	}
}
