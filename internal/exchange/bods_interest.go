package exchange

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
)

// controlDetails marks control as our own export writes it: BODS has no
// interest that says control and no more.
const controlDetails = "control, whatever the share"

// What an interest of BODS 0.4 is here. The rest of the code list is no stake:
// see noStake.
var (
	// Named control in the code list itself.
	controlling = map[string]bool{"controlViaCompanyRulesOrArticles": true, "controlByLegalFramework": true}

	// Control where it is the majority; without a number it must be asked.
	majority = map[string]bool{"votingRights": true, "appointmentOfBoard": true}

	// May be control: a stake of grade claim, which can only make an answer
	// possible.
	asked = map[string]bool{
		"otherInfluenceOrControl": true, "trustee": true, "settlor": true, "protector": true, "beneficiaryOfLegalArrangement": true,
		"nominator": true, "rightsGrantedByContract": true, "conditionalRightsGrantedByContract": true,
	}

	noStake = map[string]string{
		"boardMember": "a seat on the board is no stake", "boardChair": "a seat on the board is no stake",
		"seniorManagingOfficial": "a manager owns nothing", "nominee": "a nominee acts for another",
		"rightsToSurplusAssetsOnDissolution": "a right to money is no stake", "rightsToProfitOrIncome": "a right to money is no stake",
		"rightToProfitOrIncomeFromAssets": "a right to money is no stake", "enjoymentAndUseOfAssets": "a right of use is no stake",
	}
)

// interests reads the interests of a relationship as stakes.
func (c *bodsImport) interests(line int, r *relation, list []interest, s *statement, on offshelf.Date) error {
	if len(list) == 0 {
		list = []interest{{Type: "unknownInterest"}}
	}
	if len(list) > maxPairs {
		return fmt.Errorf("has more than %d interests: split it", maxPairs)
	}
	for i := range list {
		in := &list[i]
		stake := offshelf.Stake{Holder: r.holder, Held: r.held, Evidence: c.evidence(s.Publication.Publisher.Name)}
		if s.noted("/") == unconfirmed {
			stake.Grade = offshelf.GradeClaim
		}
		share, err := in.share()
		if err != nil {
			return fmt.Errorf("interest %d: %w", i+1, err)
		}
		at := fmt.Sprintf("/recordDetails/interests/%d", i)
		if stake.From, err = s.qualified(in.StartDate, at+"/startDate"); err != nil {
			return fmt.Errorf("interest %d: startDate: %w", i+1, err)
		}
		if stake.Until, err = s.qualified(in.EndDate, at+"/endDate"); err != nil {
			return fmt.Errorf("interest %d: endDate: %w", i+1, err)
		}
		if stake.Backwards() {
			return fmt.Errorf("interest %d %s", i+1, backwards(stake.Interval))
		}
		if reason, ok := noStake[in.Type]; ok {
			r.ignored = reason
			continue
		}
		switch {
		case in.Type == "shareholding":
			stake.Share = share
		case controlling[in.Type], in.Type == "otherInfluenceOrControl" && in.Details == controlDetails:
			stake.Control = true
		case majority[in.Type] && share.Known && share.Min > 5000:
			stake.Control = true
		case majority[in.Type] && share.Known && share.Max <= 5000:
			r.ignored = "votes or seats up to half are no control"
			continue
		case majority[in.Type], asked[in.Type]:
			stake.Control = true
			stake.Grade = offshelf.GradeClaim
			stake.Note = "Stated as " + in.Type + " in the source; whether that is control must be asked."
			c.find(line, "control", "%s: %s may be control: it is read as possible", s.StatementID, in.Type)
		case in.Type == "", in.Type == "unknownInterest", in.Type == "unpublishedInterest":
		default:
			c.find(line, "interest", "%s: interest %q is none of BODS %s: it is read as a stake of unknown share", s.StatementID, cutTo(in.Type, 40), bodsVersion)
		}
		if in.Direct == "indirect" || in.Direct != "direct" && len(r.components) > 0 {
			r.indirect = joined(r.indirect, stake)
		} else {
			r.stakes = joined(r.stakes, stake)
		}
	}
	return nil
}

// joined adds an interest to the stakes of a statement. Control with no share
// of its own joins a share that runs over the same days: shares and votes of
// one holder are one stake.
func joined(stakes []offshelf.Stake, s offshelf.Stake) []offshelf.Stake {
	for i := range stakes {
		o := &stakes[i]
		if o.Interval != s.Interval || o.Grade != s.Grade {
			continue
		}
		switch {
		case s.Control && !s.Share.Known && o.Share.Known, o.Control && !o.Share.Known && s.Share.Known:
			if s.Share.Known {
				o.Share = s.Share
			}
			o.Control = true
			return stakes
		case o.Share == s.Share && o.Control == s.Control:
			return stakes
		}
	}
	return append(stakes, s)
}

// share reads the numbers of an interest, which are percentages.
func (in *interest) share() (offshelf.Share, error) {
	one := func(what string, v jsontext.Value) (number, bool, error) {
		if len(v) == 0 || v.Kind() == 'n' {
			return number{}, false, nil
		}
		text := string(v)
		if v.Kind() == '"' {
			return number{}, false, fmt.Errorf("share: %s is a text: write a number", what)
		}
		if len(text) > 0 && text[0] == '-' {
			return number{}, false, fmt.Errorf("share: %s %s is below 0%%: correct it in the source", what, cutTo(text, 30))
		}
		n, err := decimal(text)
		if err != nil || v.Kind() != '0' {
			return number{}, false, fmt.Errorf("share: %s %s is no number like 12.5", what, cutTo(text, 30))
		}
		if over(n) {
			return number{}, false, fmt.Errorf("share: %s %s is over 100%%: correct it in the source", what, cutTo(text, 30))
		}
		return n, true, nil
	}
	exact, isExact, err := one("exact", in.Share.Exact)
	low, hasLow, err1 := one("minimum", in.Share.Minimum)
	high, hasHigh, err2 := one("maximum", in.Share.Maximum)
	over, hasOver, err3 := one("exclusiveMinimum", in.Share.ExclusiveMinimum)
	under, hasUnder, err4 := one("exclusiveMaximum", in.Share.ExclusiveMaximum)
	if err := errors.Join(err, err1, err2, err3, err4); err != nil {
		return offshelf.Share{}, err
	}
	if isExact {
		return offshelf.Share{Min: exact.down, Max: exact.up, Known: true}, nil
	}
	if !hasLow && !hasHigh && !hasOver && !hasUnder {
		return offshelf.Share{}, nil
	}
	s := offshelf.Share{Min: 0, Max: 10000, Known: true}
	if hasLow {
		s.Min = low.down
	}
	if hasOver {
		if s.Min = over.down; over.exact {
			s.Min++
		}
	}
	if hasHigh {
		s.Max = high.up
	}
	if hasUnder {
		if s.Max = under.up; under.exact && under.up > 0 {
			s.Max--
		}
	}
	if s.Min > s.Max || s.Min > 10000 {
		return offshelf.Share{}, fmt.Errorf("share: from %s to %s runs backwards: correct it in the source", percent(s.Min), percent(s.Max))
	}
	return s, nil
}

// percent prints basis points.
func percent(n int32) string { return offshelf.Share{Min: n, Max: n, Known: true}.String() }
