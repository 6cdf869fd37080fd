package name

import "testing"

func TestCountry(t *testing.T) {
	for in, want := range map[string]string{"Made in China": "CN", "made in USA": "US", "Hergestellt in Deutschland": "DE", "Made in": "", "made in heaven": ""} {
		if got := Country(in); got != want {
			t.Errorf("Country(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"TW": "TW", "twn": "TW", "Taiwan": "TW", "China": "CN", "P.R. China": "CN", "Deutschland": "DE", "Alemania": "DE",
		"Serbien": "RS", "Côte d’Ivoire": "CI", "Viet Nam": "VN", "Vietnam": "VN", "U.S.A.": "US", "": "", "Atlantis": "", "ZZ": "",
	} {
		if got := Country(in); got != want {
			t.Errorf("Country(%q) = %q, want %q", in, got, want)
		}
	}
}
