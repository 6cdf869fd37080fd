package name

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country returns the ISO 3166-1 alpha-2 code of a country given by its code
// of two or three letters or by its name in one of the commonest shop
// languages, with "made in" before it or not, or "" where it is none.
func Country(s string) string {
	s = strings.TrimSpace(s)
	if len(s) == 2 || len(s) == 3 {
		if r, err := language.ParseRegion(s); err == nil && r.IsCountry() {
			return r.String()
		}
	}
	key := Key(s)
	if c := countries()[key]; c != "" {
		return c
	}
	for _, lead := range [...]string{"madein", "productof", "producedin", "hergestelltin", "fabriqueen", "hechoen"} {
		if rest, ok := strings.CutPrefix(key, lead); ok {
			return countries()[rest]
		}
	}
	return ""
}

// countries maps the keys of names to codes.
var countries = sync.OnceValue(func() map[string]string {
	names := map[string]string{"usa": "US", "unitedstatesofamerica": "US", "uk": "GB", "greatbritain": "GB", "prc": "CN",
		"peoplesrepublicofchina": "CN", "mainlandchina": "CN", "prchina": "CN", "roc": "TW", "taiwanroc": "TW", "korea": "KR", "southkorea": "KR", "russianfederation": "RU", "vietnam": "VN"}
	namers := []display.Namer{
		display.English.Regions(), display.German.Regions(), display.French.Regions(), display.Spanish.Regions(),
		display.Italian.Regions(), display.Dutch.Regions(), display.Polish.Regions(), display.Portuguese.Regions(),
	}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			r, err := language.ParseRegion(string([]rune{a, b}))
			if err != nil || !r.IsCountry() || r.Canonicalize() != r {
				continue
			}
			for _, n := range namers {
				if k := Key(n.Name(r)); k != "" && names[k] == "" {
					names[k] = r.String()
				}
			}
		}
	}
	return names
})
