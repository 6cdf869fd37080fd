package list

import (
	"regexp"
	"strings"

	"github.com/offshelf/offshelf"
)

// linked is the way OFAC prints a connection.
var linked = regexp.MustCompile(`\(?Linked To: ([^;]+?)\)?(?:\.?$|\.?;|\.\s+\(|\)\.?)`)

// owned reads a share from "50% or more owned by X", "owned 50 percent or more
// by X" and "majority-owned by X". Bare "owned or controlled by X" has none.
var owned = regexp.MustCompile(`(?i)\b(?:(?:is |are )?(?:directly (?:or|and) indirectly |directly |indirectly )?(?:(\d{1,3}(?:\.\d{1,2})?) ?(?:%|percent)( or more)?[- ]owned|owned (\d{1,3}(?:\.\d{1,2})?) ?(?:%|percent)( or more)?|(majority|wholly)[- ]owned)(?: subsidiary of| by)) ([^;.]{2,200})`)

// ReadOwnership reads from a text who is linked to the party and who owns it,
// with the share where one is printed.
func ReadOwnership(s string) []Fact {
	if len(s) > MaxField {
		s = s[:MaxField]
	}
	var out []Fact
	for rest := s; ; {
		m := linked.FindStringSubmatchIndex(rest)
		if m == nil || len(out) == MaxItems {
			break
		}
		out = append(out, Fact{Kind: LinkedTo, Value: strings.Trim(rest[m[2]:m[3]], " )")})
		rest = rest[m[3]:]
	}
	for _, m := range owned.FindAllStringSubmatch(s, 50) {
		f := Fact{Kind: OwnedBy, Value: strings.Trim(m[6], " ,")}
		share, more := m[1]+m[3], m[2]+m[4]
		text := ""
		switch {
		case strings.EqualFold(m[5], "wholly"):
			text = "100%"
		case m[5] != "":
			text = "majority"
		case more != "":
			text = ">=" + share + "%"
		default:
			text = share + "%"
		}
		if v, err := offshelf.ParseShare(text); err == nil {
			f.Share = v
		}
		out = append(out, f)
	}
	return out
}
