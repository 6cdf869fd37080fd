package casework

import "strings"

// The kinds of a decision.
const (
	Pull = "pull"
	Keep = "keep"
	Wait = "wait"
)

// Reason is one entry of the form of disposition: why it was decided so, out
// of few reasons that can be counted and compared over years.
type Reason struct {
	Kind    string `json:"kind"`
	Code    string `json:"code"`
	Meaning string `json:"meaning"`
	// Evidence says that at least one attachment must show it.
	Evidence bool `json:"evidence,omitempty"`
	// PolicyOnly says that it holds only where no law is the basis, LawOnly that
	// it holds only where one is.
	PolicyOnly bool `json:"policy_only,omitempty"`
	LawOnly    bool `json:"law_only,omitempty"`
}

// reasons follow the steps that OFAC names for a hit on a list: which list,
// what kind of party, how much of the name, and what the rest of the record
// says; and what the rules say of goods.
var reasons = []Reason{
	{Kind: Pull, Code: "required-by-law", Meaning: "A law forbids that it is sold", LawOnly: true},
	{Kind: Pull, Code: "own-policy", Meaning: "No law forbids the sale; our own policy does"},
	{Kind: Pull, Code: "supplier-confirmed", Meaning: "The supplier confirmed who makes or owns it"},
	{Kind: Pull, Code: "supplier-silent", Meaning: "The supplier did not answer, or not with the documents that were asked for"},
	{Kind: Pull, Code: "back-on-shelf", Meaning: "It was ordered off before and came back"},
	{Kind: Pull, Code: "precaution", Meaning: "It is not settled whether the rule reaches it, and it is not sold until it is"},

	{Kind: Keep, Code: "not-made-by", Meaning: "Documents show that the listed party neither makes nor owns it", Evidence: true},
	{Kind: Keep, Code: "not-covered-goods", Meaning: "The rule does not cover goods of this kind or origin", Evidence: true},
	{Kind: Keep, Code: "authorised-before", Meaning: "The model was authorised before the rule began, and the rule leaves such models in trade", Evidence: true},
	{Kind: Keep, Code: "exception-applies", Meaning: "An exception, a licence or an approval covers it", Evidence: true},
	{Kind: Keep, Code: "false-match", Meaning: "The product is not of that brand or maker: the names only look alike"},
	{Kind: Keep, Code: "accepted-risk", Meaning: "No law forbids the sale, and the company accepts the risk", PolicyOnly: true},

	{Kind: Wait, Code: "supplier-asked", Meaning: "The supplier was asked and has time to answer"},
	{Kind: Wait, Code: "counsel-asked", Meaning: "Counsel was asked"},
	{Kind: Wait, Code: "not-on-sale", Meaning: "It is not on sale until this is settled"},
	{Kind: Wait, Code: "rule-pending", Meaning: "The rule, or a case about it, is to be settled soon"},
}

// Reasons returns the form of disposition: all reasons, by kind.
func Reasons() []Reason { return append([]Reason(nil), reasons...) }

// reasonOf finds a reason of a kind of decision.
func reasonOf(kind, code string) (Reason, error) {
	var codes []string
	for _, r := range reasons {
		if r.Kind == kind {
			if r.Code == code {
				return r, nil
			}
			codes = append(codes, r.Code)
		}
	}
	if codes == nil {
		return Reason{}, invalid("kind", "%q is unknown: use pull, keep or wait", kind)
	}
	return Reason{}, invalid("reason_code", "%q is no reason to %s: use one of %s", code, kind, strings.Join(codes, ", "))
}
