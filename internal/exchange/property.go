package exchange

import (
	"strings"

	"github.com/offshelf/offshelf"
)

func entity(id, schema string) Entity {
	return Entity{ID: id, Schema: schema, Properties: map[string][]string{}}
}

// add adds values that are not empty and not there yet.
func (e Entity) add(property string, values ...string) {
next:
	for _, v := range values {
		if v == "" {
			continue
		}
		for _, have := range e.Properties[property] {
			if have == v {
				continue next
			}
		}
		e.Properties[property] = append(e.Properties[property], v)
	}
}

// during sets the dates. The model knows no "on or before" and no "about":
// what a date leaves open is said in words.
func (e Entity) during(iv offshelf.Interval) {
	for _, d := range []struct {
		property, word string
		date           offshelf.Date
	}{{"startDate", "Start", iv.From}, {"endDate", "End", iv.Until}} {
		e.add(d.property, plain(d.date))
		switch s := d.date.String(); {
		case strings.HasPrefix(s, ".."):
			e.add("summary", d.word+": on or before "+s[2:])
		case strings.HasSuffix(s, "~"):
			e.add("summary", d.word+" is approximate")
		case strings.HasSuffix(s, "?"):
			e.add("summary", d.word+" is uncertain")
		}
	}
}

// plain is a date as the model writes it, or nothing where it has no start.
func plain(d offshelf.Date) string {
	if strings.HasPrefix(d.String(), "..") {
		return ""
	}
	return bare(d)
}

// cite says what the fact rests on. Only links and sanctions have the field
// status for that.
func (x *exporter) cite(e Entity, evidence offshelf.Evidence) {
	for _, id := range evidence.Sources {
		e.add("sourceUrl", x.sources[id].URL)
		e.add("publisher", x.sources[id].Publisher)
	}
	if evidence.Grade.Weak() && (e.Schema == ownership || e.Schema == unknownLink || e.Schema == sanction) {
		e.add("status", unconfirmed)
	}
	if e.Schema == ownership || e.Schema == unknownLink {
		e.add("description", evidence.Note)
	}
}

// numbers sets the identifiers. Of a register code, which the model has no
// field for, the number stands behind its code.
func numbers(e Entity, ids []offshelf.Identifier) {
	for _, id := range ids {
		id = id.Normal()
		property, number := "registrationNumber", id.ID
		if id.Scheme != offshelf.SchemeRegistration {
			number = id.Scheme + " " + id.ID
		}
		for _, n := range numbered {
			if n.scheme == id.Scheme {
				property, number = n.property, id.ID
			}
		}
		e.add(property, number)
	}
}
