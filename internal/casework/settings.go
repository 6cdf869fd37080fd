package casework

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// FourEyes says which decisions need a second person.
type FourEyes string

// When a second person is needed.
const (
	EyesAlways FourEyes = "always"
	EyesKeep   FourEyes = "keep" // to keep on the shelf, whatever the basis
	EyesLaw    FourEyes = "law"  // where the basis of the case is law
	EyesNever  FourEyes = "never"
)

// Settings are those of a workspace, as JSON in its row. What is not there has
// the value of DefaultSettings.
type Settings struct {
	FourEyes      FourEyes `json:"four_eyes"`
	KeepDays      int      `json:"keep_days"`      // days that a decision to keep lasts at most
	WaitDays      int      `json:"wait_days"`      // days that a decision may be put off at most
	AnswerDays    int      `json:"answer_days"`    // days that a supplier has to answer where no day is named
	ReportRegimes []string `json:"report_regimes"` // regimes whose reports to an agency this company owes
}

// Bounds of the settings, in days.
const (
	MaxKeepDays   = 5 * 366
	MaxWaitDays   = 366
	MaxAnswerDays = 366
)

// ReportingRegime is the regime whose reports are known: the contractor's
// under FAR 52.204-25.
const ReportingRegime = "us-ndaa-889"

// DefaultSettings are those of a workspace that set nothing.
func DefaultSettings() Settings {
	return Settings{FourEyes: EyesKeep, KeepDays: 365, WaitDays: 90, AnswerDays: 14, ReportRegimes: []string{ReportingRegime}}
}

// ParseSettings reads the settings of a workspace; "" and {} are the defaults.
// Members that it does not know belong to others and are left alone.
func ParseSettings(doc string) (Settings, error) {
	s := DefaultSettings()
	if strings.TrimSpace(doc) == "" {
		return s, nil
	}
	if err := json.UnmarshalRead(bytes.NewReader([]byte(doc)), &s); err != nil {
		return Settings{}, fmt.Errorf("the settings of the workspace cannot be read: %w", err)
	}
	return s, s.Check()
}

// Check says what is wrong with the settings.
func (s Settings) Check() error {
	switch s.FourEyes {
	case EyesAlways, EyesKeep, EyesLaw, EyesNever:
	default:
		return invalid("four_eyes", "%q is unknown: use always, keep, law or never", s.FourEyes)
	}
	for _, d := range []struct {
		field    string
		is, most int
	}{{"keep_days", s.KeepDays, MaxKeepDays}, {"wait_days", s.WaitDays, MaxWaitDays}, {"answer_days", s.AnswerDays, MaxAnswerDays}} {
		if d.is < 1 || d.is > d.most {
			return invalid(d.field, "%d is out of bounds: use 1 to %d days", d.is, d.most)
		}
	}
	for _, r := range s.ReportRegimes {
		if r != ReportingRegime {
			return invalid("report_regimes", "no report is known under %q: use %s, or leave the list empty", r, ReportingRegime)
		}
	}
	return nil
}

// second reports whether a decision needs a second person.
func (s Settings) second(kind string, law bool) bool {
	switch s.FourEyes {
	case EyesNever:
		return false
	case EyesLaw:
		return law
	case EyesKeep:
		return kind == Keep
	}
	return true
}

func (s Settings) reports(regime string) bool { return slices.Contains(s.ReportRegimes, regime) }
