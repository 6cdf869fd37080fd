package screen

import "github.com/offshelf/offshelf"

// BrandProfile returns what is known of the brand with this id.
func (s *Screener) BrandProfile(id string) (Profile, bool) {
	b := s.snapshot.brands[id]
	if b == nil {
		return Profile{}, false
	}
	return s.brandProfile(b), true
}

// PartyProfile returns what is known of the party with this id.
func (s *Screener) PartyProfile(id string) (Profile, bool) {
	p := s.snapshot.parties[id]
	if p == nil {
		return Profile{}, false
	}
	return s.partyProfile(p), true
}

// Day is the day that the screener answers for.
func (s *Screener) Day() offshelf.Day { return s.day }
