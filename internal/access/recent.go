package access

import "container/list"

// recent is a map of bounded size that forgets what was not used for longest.
type recent[K comparable, V any] struct {
	size  int
	order *list.List // of entry[K, V], latest first
	at    map[K]*list.Element
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

func newRecent[K comparable, V any](size int) *recent[K, V] {
	return &recent[K, V]{size: max(size, 1), order: list.New(), at: map[K]*list.Element{}}
}

func (m *recent[K, V]) get(k K) (v V, ok bool) {
	e, ok := m.at[k]
	if !ok {
		return v, false
	}
	m.order.MoveToFront(e)
	return e.Value.(entry[K, V]).value, true
}

func (m *recent[K, V]) set(k K, v V) {
	if e, ok := m.at[k]; ok {
		e.Value = entry[K, V]{k, v}
		m.order.MoveToFront(e)
		return
	}
	if m.order.Len() >= m.size {
		last := m.order.Back()
		delete(m.at, m.order.Remove(last).(entry[K, V]).key)
	}
	m.at[k] = m.order.PushFront(entry[K, V]{k, v})
}
