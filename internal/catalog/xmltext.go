package catalog

import (
	"bufio"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// xmlText feeds the XML decoder byte by byte: it counts lines, turns invalid
// UTF-8 to what it is in Windows-1252, and ends a token that is too long.
type xmlText struct {
	br      *bufio.Reader
	pending []byte // of a repaired byte
	latin   bool   // all of it is Windows-1252
	odd     int    // bytes that were repaired
	line    int
	token   int // bytes since the last token
	rune    int // bytes left of a rune that was looked at
	err     error
}

var errTokenLong = errors.New("a text or tag longer than 1 MiB")

func newXMLText(r io.Reader, latin bool) *xmlText {
	return &xmlText{br: bufio.NewReaderSize(r, 64<<10), latin: latin, line: 1}
}

func (x *xmlText) ReadByte() (byte, error) {
	if len(x.pending) > 0 {
		c := x.pending[0]
		x.pending = x.pending[1:]
		return c, nil
	}
	if x.token++; x.token > maxRow {
		x.err = errTokenLong
		return 0, x.err
	}
	c, err := x.br.ReadByte()
	if err != nil {
		if err != io.EOF {
			x.err = err
		}
		return 0, err
	}
	switch {
	case c == '\n':
		x.line++
	case c < utf8.RuneSelf:
	case x.rune > 0:
		x.rune--
	default:
		x.br.UnreadByte()
		peek, _ := x.br.Peek(utf8.UTFMax)
		r, n := utf8.DecodeRune(peek)
		x.br.ReadByte()
		if !x.latin && (r != utf8.RuneError || n > 1) {
			x.rune = n - 1
			break
		}
		if !x.latin {
			x.odd++
		}
		b := utf8.AppendRune(nil, charmap.Windows1252.DecodeByte(c))
		c, x.pending = b[0], b[1:]
	}
	return c, nil
}

// Read makes an io.Reader of it, which the decoder asks for and does not use.
func (x *xmlText) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c, err := x.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = c
	return 1, nil
}
