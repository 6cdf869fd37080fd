package exchange

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// headSize is how much of a file is looked at to recognise it.
const headSize = 256 << 10

// ErrFormat says that a file is in none of the formats that Read knows.
var ErrFormat = errors.New("is no ownership data that is known: use FollowTheMoney (an entity a line), BODS 0.4 (an array or a statement a line), or GLEIF level 1 or 2 (CSV or JSON)")

// Read reads ownership data and says what became of each record. The format is
// recognised by the content: FollowTheMoney with an entity a line, BODS 0.4 as
// an array, a package or a statement a line, GLEIF levels 1 and 2 as CSV or
// JSON; any of them compressed with gzip, or alone in a zip archive.
//
// Wrong records are refused one by one. Where the file as a whole cannot be
// read to its end, the error says why, and the Import has the counts and what
// was wrong until there, but no facts: nothing is half imported.
func Read(name string, r io.Reader) (*Import, error) {
	im := newImport(name)
	plain, err := unpack(r)
	if err != nil {
		return im, fmt.Errorf("%s: %w", name, err)
	}
	defer plain.Close()
	digest := sha256.New()
	b := bufio.NewReaderSize(io.TeeReader(plain, digest), headSize)
	head, err := b.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return im, fmt.Errorf("%s: the file cannot be read: %w", name, err)
	}
	head = bytes.Clone(head)
	im.Format = recognise(head)
	switch im.Format {
	case FtM:
		err = readFtM(im, b)
	case BODS:
		err = readBODS(im, b, head)
	case GLEIFEntities, GLEIFRelations:
		err = readGLEIF(im, b, head)
	default:
		return im, fmt.Errorf("%s: %w", name, ErrFormat)
	}
	if err != nil {
		im.drop()
	}
	im.finish()
	if err != nil {
		return im, fmt.Errorf("%s: %w; nothing of it is used", name, err)
	}
	sum := hex.EncodeToString(digest.Sum(nil))
	for i := range im.Sources {
		im.Sources[i].Citation = name + ", SHA-256 " + sum
	}
	im.Proposals = proposals(im)
	return im, nil
}

// beginning is a head without what may stand before its text, and whether that
// is JSON.
func beginning(head []byte) (text []byte, isJSON bool) {
	text = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	return text, len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

// recognise tells the format of a file by its head.
func recognise(head []byte) Format {
	text, isJSON := beginning(head)
	if len(text) == 0 || !utf8.Valid(text[:min(len(text), 16)]) && !isJSON {
		return ""
	}
	if !isJSON {
		line, _, _ := strings.Cut(string(text), "\n")
		switch {
		case strings.Contains(line, "Relationship.StartNode.NodeID"):
			return GLEIFRelations
		case strings.Contains(line, "Entity.LegalName") && strings.Contains(line, "LEI"):
			return GLEIFEntities
		}
	}
	// The first record that has the marks of a format decides; a broken one
	// before it does not.
	counts := map[string]bool{}
	for _, line := range bytes.SplitAfterN(text, []byte("\n"), 2000) {
		for _, word := range marks {
			if !counts[word] && bytes.Contains(line, []byte(`"`+word+`"`)) {
				counts[word] = true
			}
		}
		switch {
		case counts["schema"] && counts["properties"] && (counts["id"] || !counts["statementId"]):
			return FtM
		case counts["statementId"] && (counts["recordType"] || counts["bodsVersion"]), counts["statementID"] && counts["statementType"]:
			return BODS
		case counts["StartNode"] && counts["EndNode"], counts["RelationshipRecord"]:
			return GLEIFRelations
		case counts["LEI"] && counts["Entity"], counts["LegalName"] && counts["LEI"]:
			return GLEIFEntities
		}
	}
	return ""
}

var marks = []string{"schema", "properties", "id", "statementId", "statementID", "statementType", "recordType", "bodsVersion", "LEI", "Entity", "LegalName", "StartNode", "EndNode", "RelationshipRecord"}

// syntax says what is wrong in JSON in plain words.
func syntax(err error) string {
	var s *jsontext.SyntacticError
	if errors.As(err, &s) {
		return "is no valid JSON: " + strings.TrimPrefix(s.Err.Error(), "jsontext: ")
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "json: "), "\n")
	return cutTo(text, 200)
}
