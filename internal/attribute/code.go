package attribute

import (
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// noClass stands for a goods class that is not known.
const noClass int32 = -1

// addCodes notes the category codes of a goods class.
func (m *Matcher) addCodes(class int32, g *offshelf.GoodsClass) {
	for _, v := range g.Google {
		m.codes[offshelf.SchemeGoogle+":"+pathKey(v)] = class
	}
	for _, v := range g.GPC {
		m.codes[offshelf.SchemeGPC+":"+v] = class
	}
}

// pathKey folds the steps of a category path.
func pathKey(path string) string {
	steps := strings.Split(path, ">")
	for i, s := range steps {
		steps[i] = name.Key(s)
	}
	return strings.Join(steps, ">")
}

// classOf finds the class of a category code, or noClass. Of a path the
// longest known beginning counts, of a GPC code that is no brick the segment,
// family or class that its digits name.
func (m *Matcher) classOf(code string) int32 {
	scheme, value, _ := strings.Cut(code, ":")
	switch scheme {
	case offshelf.SchemeGoogle:
		for key := pathKey(value); key != ""; {
			if c, ok := m.codes[scheme+":"+key]; ok {
				return c
			}
			key = key[:max(strings.LastIndexByte(key, '>'), 0)]
		}
	case offshelf.SchemeGPC:
		for n := len(value); n > 0 && len(value) == 8; n -= 2 {
			if c, ok := m.codes[scheme+":"+value[:n]+"00000000"[n:]]; ok {
				return c
			}
			if value[0] == '1' {
				break // bricks have no order
			}
		}
	}
	return noClass
}

// What bounds a worker's cache of categories and category codes: how many, and
// how long. Longer ones say no class.
const (
	maxShelves = 1 << 14
	maxShelf   = 1 << 10
)

// coded returns the class of a category code, from the cache where it was met
// before.
func (w *Worker) coded(code string) int32 {
	if code == "" || len(code) > maxShelf {
		return noClass
	}
	return cached(w.codes, code, w.m.classOf)
}

// shelved returns the class that the last step of a category path names by
// itself, as "Drones" does in "Toys > Drones".
func (w *Worker) shelved(category string) int32 {
	if category == "" || len(category) > maxShelf {
		return noClass
	}
	return cached(w.shelves, category, w.m.shelfOf)
}

func cached(cache map[string]int32, key string, find func(string) int32) int32 {
	if c, ok := cache[key]; ok {
		return c
	}
	if len(cache) >= maxShelves {
		clear(cache)
	}
	c := find(key)
	cache[strings.Clone(key)] = c
	return c
}

func (m *Matcher) shelfOf(category string) int32 {
	leaf := strings.TrimRight(category, " >/|")
	leaf = leaf[strings.LastIndexAny(leaf, ">/|")+1:]
	if c, ok := m.decisive[name.Key(leaf)]; ok {
		return c
	}
	return noClass
}
