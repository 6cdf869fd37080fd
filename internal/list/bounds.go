package list

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	xunicode "golang.org/x/text/encoding/unicode"
)

// The bounds of what is read. The greatest public lists stay well under them.
const (
	MaxFile  = 512 << 20 // bytes of one file, unpacked
	MaxRows  = 2_000_000
	MaxField = 64 << 10 // bytes of one field
	MaxItems = 4096     // aliases, addresses or facts of one entry
	MaxDepth = 64       // nested elements

	maxUID     = 120
	maxRefused = 1000 // refusals told one by one; the others are counted
)

// ErrNoList says that bytes are no list at all.
var ErrNoList = errors.New("no list")

var unicode16 = xunicode.UTF16(xunicode.LittleEndian, xunicode.ExpectBOM)

// Unpack returns the text of a file: gzip is unpacked, up to limit bytes,
// UTF-16 is made UTF-8, a byte order mark and the end-of-file mark of old systems are dropped, and
// bytes that are no UTF-8 are read as Windows-1252.
func Unpack(data []byte, limit int64) ([]byte, error) {
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("gzip: %w: fetch the file again", err)
		}
		if data, err = io.ReadAll(io.LimitReader(z, limit+1)); err != nil {
			return nil, fmt.Errorf("gzip: %w: fetch the file again", err)
		}
	}
	switch {
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("over %s unpacked: no list is that large", size(limit))
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return nil, fmt.Errorf("%w: a zip archive: unpack it and name the file in it", ErrNoList)
	case bytes.HasPrefix(data, []byte("%PDF")):
		return nil, fmt.Errorf("%w: a PDF: name a CSV, JSON, XML or HTML form of the list", ErrNoList)
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		var err error
		if data, err = unicode16.NewDecoder().Bytes(data); err != nil {
			return nil, fmt.Errorf("UTF-16: %w", err)
		}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.TrimRight(data, "\x1a")
	if !utf8.Valid(data) {
		var err error
		if data, err = charmap.Windows1252.NewDecoder().Bytes(data); err != nil {
			return nil, err
		}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fmt.Errorf("%w: the file is empty", ErrNoList)
	}
	return data, nil
}

// Sum is the SHA-256 of data in hexadecimal.
func Sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// LooksLikeHTML reports whether the text is a web page.
func LooksLikeHTML(data []byte) bool {
	head := bytes.ToLower(bytes.TrimSpace(data[:min(len(data), 2048)]))
	return bytes.HasPrefix(head, []byte("<!doctype html")) || bytes.HasPrefix(head, []byte("<html")) || bytes.Contains(head, []byte("<html ")) || bytes.Contains(head, []byte("<body"))
}

func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// shorten cuts s to at most n bytes on a rune, keeping what was cut apart by a
// part of its digest.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	cut := n - 9
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "-" + Sum([]byte(s))[:8]
}

// Squeeze drops control characters and joins runs of white space into one
// space.
func Squeeze(s string) string {
	clean := true
	space := true
	for _, r := range s {
		if r == ' ' {
			if space {
				clean = false
				break
			}
			space = true
			continue
		}
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError || isInvisible(r) {
			clean = false
			break
		}
		space = false
	}
	if clean && !space {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			gap = true
			continue
		case unicode.IsControl(r), r == utf8.RuneError, isInvisible(r):
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteRune(r)
	}
	return b.String()
}

// SqueezeJoin squeezes the parts of a text that a list prints in several fields,
// such as the lines of an address, and joins those that are not empty.
func SqueezeJoin(between string, parts ...string) string {
	out := make([]string, 0, len(parts))
	for _, p := range parts {
		if p = Squeeze(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, between)
}

// isInvisible tells of marks that change how text looks and not what it says:
// byte order marks, zero width spaces, direction controls.
func isInvisible(r rune) bool {
	return r == '\ufeff' || r == '\u200b' || unicode.Is(unicode.Bidi_Control, r)
}
