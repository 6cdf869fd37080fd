package exchange

import (
	"path"
	"regexp"
	"strings"

	"github.com/mozillazg/go-unidecode"

	"github.com/offshelf/offshelf"
)

// maxPublishers bounds the sources that one file gives.
const maxPublishers = 100

// stateBody are words of the names of state bodies, which publish in their own
// act.
var stateBody = regexp.MustCompile(`(?i)\b(ministry|minister|government|department of|department for|treasury|bureau of|office of foreign assets|federal register|federal communications commission|european commission|council of the european union|official journal|congress|parliament|state secretariat|customs and border protection|court of|state council|security council)\b`)

// grade is how far a publisher can be trusted where the format itself says
// nothing: FollowTheMoney carries what somebody gathered, BODS and GLEIF carry
// what companies filed.
func (im *Import) grade(publisher string) offshelf.Grade {
	switch {
	case im.Format != FtM:
		return offshelf.GradeFiling
	case stateBody.MatchString(publisher):
		return offshelf.GradeOfficial
	}
	return offshelf.GradeTrade
}

// evidence cites the file, as published by somebody or as it is.
func (im *Import) evidence(publisher string) offshelf.Evidence {
	id, ok := im.sources[publisher]
	if !ok {
		if len(im.sources) >= maxPublishers {
			publisher = ""
		}
		publisher = strings.Clone(cutTo(publisher, 200))
		if id, ok = im.sources[publisher]; !ok {
			id = "import-" + slug(path.Base(im.File), 40)
			title := "Ownership data in " + path.Base(im.File) + " (" + string(im.Format) + ")"
			if publisher != "" {
				id += "-" + identity("publisher", publisher)[len("offshelf-"):][:8]
				title += ", as published by " + publisher
			}
			im.sources[publisher] = id
			im.Sources = append(im.Sources, offshelf.Source{ID: id, Title: title, Publisher: publisher, Grade: im.grade(publisher)})
		}
	}
	return offshelf.Evidence{Sources: []string{id}, Grade: im.grade(publisher)}
}

// slug makes an id of a text: lower-case letters, digits and single hyphens,
// of names in any script.
func slug(text string, most int) string {
	var b strings.Builder
	for _, r := range strings.ToLower(unidecode.Unidecode(cutTo(text, 4*most))) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if s := b.String(); s != "" && s[len(s)-1] != '-' {
			b.WriteByte('-')
		}
		if b.Len() >= most {
			break
		}
	}
	if s := strings.Trim(b.String(), "-"); s != "" {
		return s
	}
	return "x"
}
