package api

import (
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// answerHead is what an answer says once, and counts.
type answerHead struct {
	tool     string
	day      offshelf.Day
	snapshot *screen.Snapshot
	policy   *chosenPolicy

	findings int
}

// append writes a ScreenAnswer; a test holds it to the bytes that the struct
// would give.
func (a *answerHead) append(b []byte, products []offshelf.Product, found [][]offshelf.Finding, chains *chainCache) ([]byte, error) {
	b = append(b, '{')
	if a.tool != "" {
		b = append(appendText(append(b, `"tool":`...), a.tool), ',')
	}
	b = appendText(append(b, `"as_of":`...), a.day.String())
	b = appendText(append(b, `,"knowledge":`...), a.snapshot.Version())
	b = appendText(append(b, `,"snapshot":`...), a.snapshot.Sum())
	b = appendText(append(b, `,"policy":`...), a.policy.ID)
	b = appendText(append(b, `,"policy_sha256":`...), a.policy.sum)
	b = append(b, `,"products":[`...)
	with := 0
	for i := range products {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"id":`...), products[i].ID)
		list := found[i]
		if len(list) == 0 {
			b = append(b, `,"action":"","evidence":"none found"}`...)
			continue
		}
		with++
		a.findings += len(list)
		strongest := offshelf.NoAction
		for j := range list {
			strongest = max(strongest, list[j].Action)
		}
		b = append(appendText(append(b, `,"action":`...), strongest.String()), `,"evidence":"found","findings":[`...)
		for j := range list {
			if j > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = appendFinding(b, &list[j], chains); err != nil {
				return b, err
			}
		}
		b = append(b, "]}"...)
	}
	b = strconv.AppendInt(append(b, `],"products_with_findings":`...), int64(with), 10)
	b = strconv.AppendInt(append(b, `,"findings":`...), int64(a.findings), 10)
	b = appendText(append(b, `,"statement":`...), statement)
	return append(b, "}\n"...), nil
}

// appendFinding writes a FindingAnswer.
func appendFinding(b []byte, f *offshelf.Finding, chains *chainCache) ([]byte, error) {
	b = appendText(append(b, `{"fingerprint":`...), f.Fingerprint)
	b = appendMember(b, `,"brand":`, f.Brand)
	b = appendMember(b, `,"brand_id":`, f.BrandID)
	b = appendMember(b, `,"maker":`, f.Maker)
	b = appendMember(b, `,"goods":`, f.Goods)
	b = appendNumber(append(b, `,"probability":`...), f.Probability)
	if len(f.Reasons) > 0 {
		b = append(b, `,"reasons":[`...)
		for i := range f.Reasons {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(append(b, `{"text":`...), f.Reasons[i].Text)
			b = append(appendNumber(append(b, `,"weight":`...), f.Reasons[i].Weight), '}')
		}
		b = append(b, ']')
	}
	b = appendText(append(b, `,"regime":`...), f.Regime)
	b = appendText(append(b, `,"regime_title":`...), f.RegimeTitle)
	b = appendText(append(b, `,"listing":`...), f.Listing)
	b = appendText(append(b, `,"listed":`...), f.Listed)
	b = appendText(append(b, `,"verdict":`...), string(f.Verdict))
	b = appendText(append(b, `,"basis":`...), string(f.Basis))
	b = appendText(append(b, `,"state":`...), f.State)
	b = appendTexts(b, `,"forbids":`, f.Forbids)
	b = appendMember(b, `,"spared":`, f.Spared)
	b = appendTexts(b, `,"needs":`, f.Needs)
	b = appendText(append(b, `,"action":`...), f.Action.String())
	b = appendMember(b, `,"why":`, f.Why)
	if !f.Since.IsZero() {
		b = appendText(append(b, `,"since":`...), f.Since.String())
	}
	if !f.Until.IsZero() {
		b = appendText(append(b, `,"until":`...), f.Until.String())
	}
	if f.Days != 0 {
		b = strconv.AppendInt(append(b, `,"days":`...), int64(f.Days), 10)
	}
	text, err := chains.encode(f.Chains)
	if err != nil {
		return b, err
	}
	return append(append(append(b, `,"chains":`...), text...), '}'), nil
}

func appendMember(b []byte, name, v string) []byte {
	if v == "" {
		return b
	}
	return appendText(append(b, name...), v)
}

func appendTexts(b []byte, name string, list []string) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(append(b, name...), '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, v)
	}
	return append(b, ']')
}

// appendText writes a JSON string; what is no UTF-8 becomes the replacement
// character.
func appendText(b []byte, s string) []byte {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return append(append(append(b, '"'), s...), '"')
	}
	b, _ = jsontext.AppendQuote(b, s) // its error is that something was replaced
	return b
}

// appendNumber writes a number as the JSON package does.
func appendNumber(b []byte, v float64) []byte {
	return strconv.AppendFloat(b, v, floatFormat(v), -1, 64)
}

// floatFormat is that of ECMAScript for the numbers that occur here:
// probabilities and log-odds.
func floatFormat(v float64) byte {
	if v != 0 && (v < 1e-6 && v > -1e-6) {
		return 'e'
	}
	return 'f'
}

// chainCache keeps the JSON of chains. The findings of a screener share them:
// a brand has one set a rule and listing, however many products bear it.
type chainCache struct {
	texts sync.Map // *offshelf.Chain, the first of them → chainText
	size  atomic.Int64
}

type chainText struct {
	n    int
	text []byte
}

// maxChainTexts bounds the bytes of the cache.
const maxChainTexts = 16 << 20

func (c *chainCache) encode(list []offshelf.Chain) ([]byte, error) {
	if len(list) == 0 {
		return []byte("[]"), nil
	}
	if v, ok := c.texts.Load(&list[0]); ok {
		if t := v.(chainText); t.n == len(list) {
			return t.text, nil
		}
	}
	text, err := json.Marshal(list, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, err
	}
	// Chains that the screener does not share are met once each: they must not
	// fill the memory.
	if c.size.Add(int64(len(text))) > maxChainTexts {
		c.texts.Clear()
		c.size.Store(0)
	}
	// The pointer keeps the chains alive, so that its address is no other's.
	c.texts.Store(&list[0], chainText{len(list), text})
	return text, nil
}
