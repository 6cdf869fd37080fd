package offshelf

// Knowledge is one state of the curated facts: who is listed, who owns whom,
// who makes what, and which rules there are. It is plain data; package
// knowledge reads and checks it, package screen compiles it.
type Knowledge struct {
	Version  string       `json:"version"`
	Sources  []Source     `json:"sources"`
	Parties  []Party      `json:"parties"`
	Stakes   []Stake      `json:"stakes"`
	Brands   []Brand      `json:"brands"`
	Makes    []Make       `json:"makes"`
	Tells    []Tell       `json:"tells"`
	Listings []Listing    `json:"listings"`
	Concerns []Concern    `json:"concerns"`
	Refuted  []Refuted    `json:"refuted"`
	Regimes  []Regime     `json:"regimes"`
	Policies []Policy     `json:"policies"`
	Goods    []GoodsClass `json:"goods"`
	Language Language     `json:"language"`
	Weights  []Weight     `json:"weights"`
	Lexicon  []string     `json:"lexicon,omitempty"` // ordinary brands, folded

	Lists     string       `json:"lists,omitempty"`   // the editions of lists that lie over the shipped facts, in words
	Overlay   bool         `json:"overlay,omitempty"` // an operator's own facts lie over the shipped ones
	Withdrawn []Withdrawal `json:"withdrawn,omitempty"`
}

// State names the state of the knowledge for people: its version, and whether
// official lists and an operator's own facts lie over it.
func (k *Knowledge) State() string {
	s := k.Version
	if k.Lists != "" {
		s += " + " + k.Lists
	}
	if k.Overlay {
		s += " + overlay"
	}
	return s
}

// Weight is the log-odds of one kind of evidence, calibrated on labels.
type Weight struct {
	Feature string  `json:"feature"`
	Weight  float64 `json:"weight"`
}
