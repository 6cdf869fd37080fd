package offshelf

// PeriodOn returns the period of the regime that holds on day d, one that surely
// does before one that perhaps does, a suspended one too; or nil. On is about
// the first that may hold and says something.
func (r *Regime) PeriodOn(d Day) (*Period, Truth) {
	best, truth := (*Period)(nil), False
	for i := range r.Periods {
		if t := r.Periods[i].On(d); t > truth {
			best, truth = &r.Periods[i], t
		}
	}
	return best, truth
}
