package main

import (
	"fmt"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/knowledge"
)

// sieve holds what is no ordinary brand.
type sieve struct {
	own    map[string]bool // keys of names of the knowledge
	tokens []string        // names of the knowledge, as " token token "
	brands []string        // keys of the brands that a slip of the fingers may hide
	others map[string]bool // keys that name nobody, a carrier or a shop, or goods
	words  map[string]bool // single words of goods and language
}

func newSieve(k *offshelf.Knowledge) *sieve {
	s := &sieve{own: map[string]bool{}, others: map[string]bool{}, words: map[string]bool{}}
	add := func(n string) {
		s.own[name.Key(n)] = true
		if len(name.Key(n)) >= 3 {
			s.tokens = append(s.tokens, " "+strings.Join(name.Tokens(n), " ")+" ")
		}
	}
	for _, b := range k.Brands {
		for _, n := range append([]string{b.Name}, b.Aliases...) {
			add(n)
			if key := name.Key(n); len(key) >= 6 {
				s.brands = append(s.brands, key)
			}
		}
		for _, n := range b.Lines {
			s.own[name.Key(n)] = true
		}
		for _, n := range b.Not {
			s.own[name.Key(n)] = true
		}
	}
	for _, p := range k.Parties {
		for _, n := range append([]string{p.Name}, p.Aliases...) {
			s.own[name.Key(n)] = true
		}
	}
	for _, list := range [][]string{k.Language.Nobody, k.Language.Channels} {
		for _, n := range list {
			s.others[name.Key(n)] = true
		}
	}
	l := k.Language
	lists := [][]string{l.Compatible, l.Near, l.Reference, l.Imitation, l.Compare, l.Bundle, l.Breakers, l.Lead}
	for _, g := range k.Goods {
		lists = append(lists, g.Words)
	}
	for _, list := range lists {
		for _, n := range list {
			if t := name.Tokens(n); len(t) == 1 {
				s.words[t[0]] = true
			}
			s.others[name.Key(n)] = true
		}
	}
	return s
}

// seller are words in the names of shops.
var seller = map[string]bool{}

func init() {
	for _, w := range strings.Fields("store stores shop shops shopping official outlet mall seller sellers deals warehouse direct supply supplies distributor distribution trading wholesale mart market tienda toko loja boutique negozio winkel magasin international imports") {
		seller[w] = true
	}
}

// refuses says why a value is no ordinary brand, or nothing.
func (s *sieve) refuses(key string, v *value, several, alone int) string {
	tokens := name.Tokens(v.text)
	line := " " + strings.Join(tokens, " ") + " "
	general := 0
	for _, t := range tokens {
		if seller[t] {
			return "reads like a shop: " + t
		}
		if s.words[t] {
			general++
		}
	}
	switch {
	case len([]rune(key)) < 3:
		return "shorter than three characters"
	case strings.Trim(key, "0123456789") == "":
		return "a number"
	case s.own[key]:
		return "a name of the knowledge"
	case s.others[key]:
		return "names nobody, a carrier or shop, or goods"
	case len(tokens) == 1 && knowledge.CommonWord(tokens[0]):
		return "an everyday word"
	case general == len(tokens):
		return "words of goods only"
	}
	for _, n := range s.tokens {
		if strings.Contains(line, n) {
			return "holds a name of the knowledge:" + n
		}
	}
	for _, b := range s.brands {
		if name.Within(b, key) {
			return "one slip away from " + b
		}
	}
	switch {
	case v.rows < several || v.rows < alone && len(v.catalogs) < 2:
		return fmt.Sprintf("%d rows in %d catalogs", v.rows, len(v.catalogs))
	case v.headed*10 < v.rows*6:
		return fmt.Sprintf("begins only %d of %d titles", v.headed, v.rows)
	}
	return ""
}
