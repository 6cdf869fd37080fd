package exchange

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// dollar is a value of the golden copy: a text, or an object of "$" and
// attributes.
type dollar string

// UnmarshalJSON implements json.Unmarshaler.
func (d *dollar) UnmarshalJSON(data []byte) error {
	switch jsontext.Value(data).Kind() {
	case '"':
		var s string
		err := json.Unmarshal(data, &s)
		*d = dollar(strings.TrimSpace(s))
		return err
	case '{':
		var o struct {
			Text string `json:"$"`
		}
		err := json.Unmarshal(data, &o)
		*d = dollar(strings.TrimSpace(o.Text))
		return err
	case 'n':
		return nil
	}
	return fmt.Errorf("a text belongs here, and %s stands there", cutTo(string(data), 40))
}

// several is a list, or one value where the writer left the brackets out.
type several[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (s *several[T]) UnmarshalJSON(data []byte) error {
	if jsontext.Value(data).Kind() == '[' {
		return json.Unmarshal(data, (*[]T)(s))
	}
	var one T
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	*s = several[T]{one}
	return nil
}

func entityOf(data []byte) (*entityRow, error) {
	type body struct {
		LEI    dollar `json:"LEI"`
		Entity struct {
			LegalName  dollar `json:"LegalName"`
			OtherNames struct {
				Name several[dollar] `json:"OtherEntityName"`
			} `json:"OtherEntityNames"`
			Transliterated struct {
				Name several[dollar] `json:"TransliteratedOtherEntityName"`
			} `json:"TransliteratedOtherEntityNames"`
			LegalAddress struct {
				Country dollar `json:"Country"`
			} `json:"LegalAddress"`
			Authority struct {
				ID     dollar `json:"RegistrationAuthorityID"`
				Number dollar `json:"RegistrationAuthorityEntityID"`
			} `json:"RegistrationAuthority"`
			Jurisdiction dollar `json:"LegalJurisdiction"`
			Category     dollar `json:"EntityCategory"`
			Successor    several[struct {
				LEI dollar `json:"SuccessorLEI"`
			}] `json:"SuccessorEntity"`
		} `json:"Entity"`
		Registration struct {
			Status dollar `json:"RegistrationStatus"`
		} `json:"Registration"`
	}
	var x struct {
		body
		Record *body `json:"LEIRecord"`
	}
	if err := json.Unmarshal(data, &x); err != nil {
		return nil, err
	}
	b := &x.body
	if x.Record != nil {
		b = x.Record
	}
	e := &b.Entity
	r := &entityRow{
		lei: string(b.LEI), name: string(e.LegalName), country: string(e.Jurisdiction), authority: string(e.Authority.ID), registered: string(e.Authority.Number),
		category: string(e.Category), registration: string(b.Registration.Status),
	}
	if r.country == "" {
		r.country = string(e.LegalAddress.Country)
	}
	for _, list := range []several[dollar]{e.OtherNames.Name, e.Transliterated.Name} {
		for _, n := range list[:min(len(list), maxOther)] {
			r.otherNames = append(r.otherNames, string(n))
		}
	}
	if len(e.Successor) > 0 {
		r.successor = string(e.Successor[0].LEI)
	}
	return r, nil
}

func relationOf(data []byte) (*relationRow, error) {
	type node struct {
		ID   dollar `json:"NodeID"`
		Type dollar `json:"NodeIDType"`
	}
	type body struct {
		Relationship struct {
			Start   node   `json:"StartNode"`
			End     node   `json:"EndNode"`
			Type    dollar `json:"RelationshipType"`
			Periods struct {
				Period several[struct {
					From  dollar `json:"StartDate"`
					Until dollar `json:"EndDate"`
					Type  dollar `json:"PeriodType"`
				}] `json:"RelationshipPeriod"`
			} `json:"RelationshipPeriods"`
			Status dollar `json:"RelationshipStatus"`
		} `json:"Relationship"`
		Registration struct {
			Updated dollar `json:"LastUpdateDate"`
			Status  dollar `json:"RegistrationStatus"`
		} `json:"Registration"`
	}
	var x struct {
		body
		Record *body `json:"RelationshipRecord"`
	}
	if err := json.Unmarshal(data, &x); err != nil {
		return nil, err
	}
	b := &x.body
	if x.Record != nil {
		b = x.Record
	}
	rel := &b.Relationship
	r := &relationRow{
		start: string(rel.Start.ID), startType: string(rel.Start.Type), end: string(rel.End.ID), endType: string(rel.End.Type),
		kind: string(rel.Type), status: string(rel.Status), registration: string(b.Registration.Status), updated: string(b.Registration.Updated),
	}
	for _, p := range rel.Periods.Period[:min(len(rel.Periods.Period), maxOther)] {
		r.periods = append(r.periods, periodRow{string(p.From), string(p.Until), string(p.Type)})
	}
	return r, nil
}
