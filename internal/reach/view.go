package reach

import "github.com/offshelf/offshelf"

// View is what one regime reaches on one day.
type View struct {
	w      *World
	regime *offshelf.Regime
	rule   rule
	day    offshelf.Day
	listed map[uint32][]listing
	groups []group
	of     map[uint32][]int32 // by party: the groups that it is in
}

// group is a set that was grown from seeds which count together: all of them,
// or, where each listed party counts for itself, one.
type group struct{ members map[uint32]member }

// At computes what the regime reaches on the day, by the reach that the regime
// itself states. It costs as many steps as the reached parties have stakes;
// where each listed party counts for itself, that many for each of them.
func (w *World) At(regime *offshelf.Regime, day offshelf.Day) *View {
	v := &View{w: w, regime: regime, rule: ruleOf(&regime.Reach), day: day, listed: map[uint32][]listing{}, of: map[uint32][]int32{}}
	w.graph.spreadEach(v.rule, w.state, day, v.seeds(), v.add)
	return v
}

// seeds are the parties that are on the regime's lists on the day.
func (v *View) seeds() []seed {
	truth := map[uint32]offshelf.Truth{}
	for _, name := range v.regime.Lists {
		for _, l := range v.w.listings[name] {
			if t := l.on(v.day); t > offshelf.False {
				v.listed[l.party] = append(v.listed[l.party], l)
				truth[l.party] = max(truth[l.party], t)
			}
		}
	}
	return seedsOf(truth)
}

func (v *View) add(members []member) {
	g := group{make(map[uint32]member, len(members))}
	for _, m := range members {
		g.members[m.party] = m
		v.of[m.party] = append(v.of[m.party], int32(len(v.groups)))
	}
	v.groups = append(v.groups, g)
}

// Truth tells whether the regime reaches the party.
func (v *View) Truth(party string) offshelf.Truth {
	p, ok := v.w.index[party]
	if !ok {
		return offshelf.False
	}
	return v.truth(p)
}

func (v *View) truth(p uint32) offshelf.Truth {
	t := offshelf.False
	for _, i := range v.of[p] {
		m := v.groups[i].members[p]
		if v.rule.notSelf && m.onlyListed() {
			continue
		}
		t = max(t, m.reached())
	}
	return t
}

// link is one holder's part in reaching a party, or, of a holder that is
// reached, the part in what it holds.
type link struct {
	other uint32 // the party nearer to the listing
	first uint32 // of the run in the graph
	position
	truth     offshelf.Truth
	aggregate bool // reaches only together with others
	up        bool // other is held
}

// links are the parts that carry a member as something held: of holders that
// joined before it, or that are in no circle with it, so that none of them is
// reached through the member itself.
func (v *View) links(g *group, m member) []link {
	var all, alone []link
	sum := int32(0)
	v.w.graph.holders(m.party, func(first uint32, run []stake) bool {
		h, ok := g.members[run[0].holder]
		if !ok || h.truth < m.truth || h.round >= m.round && (m.round == 0 || v.circular(h.party, m.party)) {
			return true
		}
		if v.rule.notSelf && run[0].max == tied && h.onlyListed() {
			return true // goods of the listed party itself fall under another rule too
		}
		pos := positionOn(run, v.day)
		if pos.truth == offshelf.False {
			return true
		}
		l := link{other: h.party, first: first, position: pos, truth: m.truth}
		share := pos.share(m.truth)
		sum = min(sum+share, v.rule.need)
		if v.rule.weight(pos, m.truth) >= v.rule.need {
			alone = append(alone, l)
		} else if share > 0 {
			l.aggregate = true
			all = append(all, l)
		}
		return true
	})
	if len(alone) > 0 {
		return alone
	}
	if v.rule.enough(sum) {
		return all
	}
	return nil
}

// circular tells whether two parties hold each other, directly or not.
func (v *View) circular(a, b uint32) bool {
	ranks := v.w.graph.ranks()
	return ranks[a] == ranks[b]
}

// upward are the parts that carry a member as a holder of others.
func (v *View) upward(g *group, m member) []link {
	var out []link
	for _, first := range v.w.graph.held(m.party) {
		run := v.w.graph.run(first)
		q, ok := g.members[run[0].held]
		if !ok || q.step == 0 || q.step >= m.step || q.sure < m.sure {
			continue
		}
		pos := positionOn(run, v.day)
		if v.rule.weight(pos, m.sure) >= v.rule.need {
			out = append(out, link{other: q.party, first: first, position: pos, truth: m.sure, up: true})
		}
	}
	return out
}
