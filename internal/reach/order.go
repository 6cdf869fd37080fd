package reach

// ranks numbers the parties so that a holder stands before what it holds,
// except within a circle of holdings, whose members share one number: the
// reverse order of Tarjan's strongly connected components (1972), in
// O(parties + stakes), without recursion.
func (g *Graph) ranks() []uint32 {
	g.order.Do(func() { g.rank = g.components() })
	return g.rank
}

func (g *Graph) components() []uint32 {
	n := uint32(g.Parties())
	const unseen = ^uint32(0)
	var (
		low       = make([]uint32, n) // lowest number that the party leads to; its component at the end
		number    = make([]uint32, n)
		next      = make([]uint32, n) // the next of its holdings to be followed
		open      = make([]bool, n)   // on the stack of components that are not complete
		stack     []uint32
		path      []uint32
		seen      uint32
		component uint32
	)
	for p := range n {
		number[p] = unseen
	}
	enter := func(p uint32) {
		number[p], low[p], next[p] = seen, seen, g.out[p]
		seen++
		open[p] = true
		stack, path = append(stack, p), append(path, p)
	}
	for root := range n {
		if number[root] != unseen {
			continue
		}
		enter(root)
		for len(path) > 0 {
			p := path[len(path)-1]
			if next[p] < g.out[p+1] {
				q := g.stakes[g.runs[next[p]]].held
				next[p]++
				if number[q] == unseen {
					enter(q)
				} else if open[q] {
					low[p] = min(low[p], number[q])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				up := path[len(path)-1]
				low[up] = min(low[up], low[p])
			}
			if low[p] != number[p] {
				continue
			}
			for {
				q := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				open[q] = false
				next[q] = component
				if q == p {
					break
				}
			}
			component++
		}
	}
	// Components are complete in the order from what is held to its holders.
	for p := range next {
		next[p] = component - 1 - next[p]
	}
	return next
}
