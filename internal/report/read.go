package report

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
)

const (
	protocol = "offshelf/1"
	maxLine  = 16 << 20
)

// ErrIncomplete is the error of Read for a stream without a summary. What
// was in the stream has been rendered by then.
var ErrIncomplete = errors.New("the stream ends without a summary: the screening was interrupted, or the file was cut or filtered; screen again for the whole result")

// Read reads a saved stream, calls h for every message, and closes h. It is
// strict: what it accepts renders as it did the first time. After an error
// other than ErrIncomplete h is not closed, so that no report is completed
// that only looks whole.
func Read(r io.Reader, h Handler) error {
	br := bufio.NewReaderSize(r, 64<<10)
	var (
		buf    []byte
		last   *offshelf.Message
		closed = -1
	)
	for n := 1; ; n++ {
		line, err := readLine(br, &buf)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if closed > 0 {
			return fmt.Errorf("line %d: the stream goes on after its summary in line %d: render one stream a file", n, closed)
		}
		m, err := parse(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := h.Handle(m); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if last = m; m.Summary != nil {
			closed = n
		}
	}
	if last == nil {
		return errors.New("the stream is empty: save one with offshelf screen -o json")
	}
	if err := h.Close(); err != nil {
		return err
	}
	if closed < 0 {
		return ErrIncomplete
	}
	return nil
}

// readLine returns the next line without its end, in buf, or io.EOF.
func readLine(br *bufio.Reader, buf *[]byte) ([]byte, error) {
	*buf = (*buf)[:0]
	for {
		part, err := br.ReadSlice('\n')
		if len(*buf)+len(part) > maxLine {
			return nil, fmt.Errorf("longer than %d MiB: this is no stream of offshelf screen -o json", maxLine>>20)
		}
		*buf = append(*buf, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(*buf) > 0, err == nil:
			return *buf, nil
		}
		return nil, err
	}
}

func parse(line []byte) (*offshelf.Message, error) {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil, errors.New("no message: remove the empty line")
	}
	m := new(offshelf.Message)
	if err := json.Unmarshal(line, m, strict); err != nil {
		return nil, explain(err)
	}
	if err := checkOne(m); err != nil {
		return nil, err
	}
	if c := m.Config; c != nil && c.Protocol != protocol {
		return nil, fmt.Errorf("the stream speaks %q and this offshelf %q: render it with the version that wrote it (%q)", c.Protocol, protocol, c.Tool)
	}
	return m, nil
}

// explain says in the words of the stream what the decoder says in those of
// Go.
func explain(err error) error {
	var s *json.SemanticError
	if !errors.As(err, &s) {
		return fmt.Errorf("no message of a stream: %w; save it with offshelf screen -o json", err)
	}
	at := strings.ReplaceAll(strings.TrimPrefix(string(s.JSONPointer), "/"), "/", ".")
	switch {
	case errors.Is(err, json.ErrUnknownName):
		return fmt.Errorf("unknown field %s: the stream comes from another version of offshelf, or was edited", at)
	case s.Err != nil:
		return fmt.Errorf("%s: %w", at, s.Err)
	case at == "":
		return errors.New("no message of a stream: a line is one JSON object; save it with offshelf screen -o json")
	}
	return fmt.Errorf("%s: a %s does not fit here", at, s.JSONKind)
}
