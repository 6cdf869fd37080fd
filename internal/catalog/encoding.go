package catalog

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// charset is what a file is written in.
type charset struct {
	name  string // "" is UTF-8
	bom   int    // bytes of the byte order mark
	latin bool   // Windows-1252, which keeps ASCII in place
	wide  encoding.Encoding
}

// detectCharset recognises the encoding by the byte order mark, by the zero
// bytes of UTF-16, or by the bytes above ASCII.
func detectCharset(head []byte) charset {
	le := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	be := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return charset{bom: 3}
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return charset{name: "UTF-16LE", bom: 2, wide: le}
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return charset{name: "UTF-16BE", bom: 2, wide: be}
	}
	var zeros [2]int
	probe := head[:min(len(head), 4096)&^1]
	for i, c := range probe {
		if c == 0 {
			zeros[i&1]++
		}
	}
	pairs := len(probe) / 2
	switch {
	case pairs >= 4 && zeros[1]*3 > pairs && zeros[0]*20 < pairs:
		return charset{name: "UTF-16LE", wide: le}
	case pairs >= 4 && zeros[0]*3 > pairs && zeros[1]*20 < pairs:
		return charset{name: "UTF-16BE", wide: be}
	}
	// Some broken bytes among good UTF-8 are broken bytes, not an encoding.
	good, bad := 0, 0
	for b := head; len(b) > 0; {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			if len(b) < utf8.UTFMax && !utf8.FullRune(b) {
				b = nil // the head ends within a rune
				continue
			}
			bad++
		case n > 1:
			good++
		}
		b = b[n:]
	}
	if bad > good {
		return charset{name: "Windows-1252", latin: true}
	}
	return charset{}
}

// fromLatin reads v as Windows-1252.
func fromLatin(v string) string {
	ascii := true
	for i := range len(v) {
		if v[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if ascii {
		return v
	}
	b := make([]byte, 0, len(v)+len(v)/4)
	for i := range len(v) {
		b = utf8.AppendRune(b, charmap.Windows1252.DecodeByte(v[i]))
	}
	return string(b)
}

// repairLatin reads only the bytes that are no valid UTF-8 as Windows-1252.
func repairLatin(v []byte) []byte {
	b := make([]byte, 0, len(v)+16)
	for len(v) > 0 {
		r, n := utf8.DecodeRune(v)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(v[0])
		}
		b = utf8.AppendRune(b, r)
		v = v[n:]
	}
	return b
}
