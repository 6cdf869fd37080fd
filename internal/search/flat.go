package search

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unsafe"
)

// The flat form of an index: a head, then sections of little-endian numbers and
// of text, each at a multiple of eight bytes. It is read where it lies, so that
// a mapped file is ready without being parsed.
const (
	flatMagic   = "offnames"
	flatVersion = 1
)

// sections of the flat form.
const (
	secWordAt    = iota // u32[words+1]: where the text of each word begins
	secWordText         // text
	secWordMeta         // u32[words]: class, flags, given name
	secWordRare         // f32[words]: weight
	secWordMask         // u64[fuzzy words]: which letters it has
	secLengths          // u32[maxLetter+2]: first word of each length; words are sorted by length
	secTable            // u32[power of two]: hash of the text → word+1, linear probing
	secPostAt           // u32[words+1]
	secPost             // u32: names that have the word, ascending
	secGramAt           // u32[grams+1]
	secGram             // u32: fuzzy words that have the two letters, ascending
	secSoundHash        // u32: hashes of the consonants, ascending
	secSoundWord        // u32: the word of each
	secGivenAt          // u32[given names+1]
	secGiven            // u32: words that are forms of a given name
	secNameAt           // u32[names+1]: where the tokens of each name begin
	secTokens           // u32: word and flags
	secNameMeta         // u32[names]: kind and legal forms
	secNameSum          // f32[names]: weight of all words
	secNameKey          // u64[names]: hash of the folded name
	secPrintAt          // u32[names+1]
	secPrint            // text as printed
	secLabel            // u32[names]: the caller's number
	numSections
)

const headSize = 8 + 4 + 4 + 4*4 + numSections*16

// flags of a word
const (
	wordClassBits    = 4
	wordPerson       = 1 << 4
	wordKnown        = 1 << 5
	wordAbbreviation = 1 << 6
	wordForeign      = 1 << 7
	wordJoin         = 1 << 8  // two neighbours written together
	wordHan          = 1 << 9  // the text holds the letters as written after a NUL
	wordSlip         = 1 << 10 // a word of business with a slip, read as what it was meant for
	wordGivenShift   = 16
)

// flags of a token of a name
const (
	tokenAside  = 1 << 31
	tokenFilial = 1 << 30
	tokenStrict = 1 << 29
	tokenHead   = 1 << 28
	tokenWord   = 1<<28 - 1
)

// Index finds names. It is immutable and may be used by several goroutines.
type Index struct {
	data []byte

	words, fuzzy, names uint32 // fuzzy words come first, joined ones after them

	wordAt, wordMeta, lengths, table, postAt, post, gramAt, gram, soundHash, soundWord, givenAt, given []uint32
	nameAt, tokens, nameMeta, printAt, label                                                           []uint32
	wordRare, nameSum                                                                                  []float32
	wordMask, nameKey                                                                                  []uint64
	wordText, print                                                                                    []byte
}

// Bytes is the flat form, for Open. It must not be written to.
func (x *Index) Bytes() []byte { return x.data }

// Len is how many names the index holds.
func (x *Index) Len() int { return int(x.names) }

// Name returns a name as it was given to Build, and its label.
func (x *Index) Name(i int) (name string, kind Kind, label uint32) {
	return view(x.print[x.printAt[i]:x.printAt[i+1]]), Kind(x.nameMeta[i] & 3), x.label[i]
}

// Open reads the flat form where it lies; the bytes must stay as they are as
// long as the index is used. The sizes of all sections, and every number that
// is followed, are checked, so that a damaged file is refused here and cannot
// lead astray later. Cost: one pass over the numbers.
func Open(data []byte) (*Index, error) {
	x, err := open(data)
	if err != nil {
		return nil, fmt.Errorf("name index: %w: build it again", err)
	}
	return x, nil
}

func open(data []byte) (*Index, error) {
	if len(data) < headSize || string(data[:8]) != flatMagic {
		return nil, errors.New("not an index of names")
	}
	if v := binary.LittleEndian.Uint32(data[8:]); v != flatVersion {
		return nil, fmt.Errorf("form %d, this program reads form %d", v, flatVersion)
	}
	if !littleEndian() || uintptr(unsafe.Pointer(unsafe.SliceData(data)))%8 != 0 {
		data = append(make([]byte, 0, len(data)+8), data...)
	}
	x := &Index{data: data}
	x.words = binary.LittleEndian.Uint32(data[16:])
	x.fuzzy = binary.LittleEndian.Uint32(data[20:])
	x.names = binary.LittleEndian.Uint32(data[24:])
	if x.words >= tokenWord || x.names >= math.MaxInt32 || x.fuzzy > x.words {
		return nil, errors.New("counts out of range")
	}
	w, n := uint64(x.words), uint64(x.names)
	var bad error
	section := func(i int, size, count uint64) []byte {
		at := binary.LittleEndian.Uint64(data[32+16*i:])
		length := binary.LittleEndian.Uint64(data[40+16*i:])
		if at%8 != 0 || at > uint64(len(data)) || length > uint64(len(data))-at || length%size != 0 || count != math.MaxUint64 && length != size*count {
			bad = fmt.Errorf("section %d is cut short or misplaced", i)
			return nil
		}
		return data[at : at+length]
	}
	const anyCount = math.MaxUint64
	u32 := func(i int, count uint64) []uint32 { return numbers[uint32](section(i, 4, count)) }
	x.wordAt, x.wordMeta = u32(secWordAt, w+1), u32(secWordMeta, w)
	x.wordText = section(secWordText, 1, anyCount)
	x.wordRare = numbers[float32](section(secWordRare, 4, w))
	x.wordMask = numbers[uint64](section(secWordMask, 8, uint64(x.fuzzy)))
	x.lengths = u32(secLengths, maxLetter+2)
	x.table = u32(secTable, anyCount)
	x.postAt, x.post = u32(secPostAt, w+1), u32(secPost, anyCount)
	x.gramAt, x.gram = u32(secGramAt, numGrams+1), u32(secGram, anyCount)
	x.soundHash = u32(secSoundHash, anyCount)
	x.soundWord = u32(secSoundWord, uint64(len(x.soundHash)))
	x.givenAt, x.given = u32(secGivenAt, anyCount), u32(secGiven, anyCount)
	x.nameAt, x.tokens = u32(secNameAt, n+1), u32(secTokens, anyCount)
	x.nameMeta = u32(secNameMeta, n)
	x.nameSum = numbers[float32](section(secNameSum, 4, n))
	x.nameKey = numbers[uint64](section(secNameKey, 8, n))
	x.printAt, x.print = u32(secPrintAt, n+1), section(secPrint, 1, anyCount)
	x.label = u32(secLabel, n)
	if bad != nil {
		return nil, bad
	}
	for _, c := range []struct {
		at    []uint32
		limit int
	}{{x.wordAt, len(x.wordText)}, {x.postAt, len(x.post)}, {x.gramAt, len(x.gram)}, {x.givenAt, len(x.given)}, {x.nameAt, len(x.tokens)}, {x.printAt, len(x.print)}, {x.lengths, int(x.fuzzy)}} {
		last := uint32(0)
		for _, v := range c.at {
			if v < last {
				return nil, errors.New("offsets run backwards")
			}
			last = v
		}
		if int(last) > c.limit {
			return nil, errors.New("an offset leads outside")
		}
	}
	for _, c := range []struct {
		list  []uint32
		limit uint32
		mask  uint32
	}{{x.post, x.names, math.MaxUint32}, {x.gram, x.fuzzy, math.MaxUint32}, {x.soundWord, x.fuzzy, math.MaxUint32}, {x.given, x.fuzzy, math.MaxUint32}, {x.tokens, x.words, tokenWord}, {x.table, x.words + 1, math.MaxUint32}} {
		for _, v := range c.list {
			if v&c.mask >= c.limit {
				return nil, errors.New("a number leads outside")
			}
		}
	}
	free := 0
	for _, v := range x.table {
		if v == 0 {
			free++
		}
	}
	if len(x.table)&(len(x.table)-1) != 0 || len(x.table) > 0 && free == 0 {
		return nil, errors.New("the table of words is full")
	}
	for i := range x.names {
		if x.nameAt[i+1]-x.nameAt[i] > maxTokens || x.nameMeta[i]&3 == 0 {
			return nil, errors.New("a name of too many words or no kind")
		}
	}
	for i := range x.words {
		if n := x.wordAt[i+1] - x.wordAt[i]; n > 6*maxLetter || n == 0 || x.wordMeta[i]&(1<<wordClassBits-1) > uint32(initial) {
			return nil, errors.New("a word of no letters, too many or no class")
		}
		if t := x.text(i); len(t) == 0 || len(t) > maxLetter {
			return nil, errors.New("a word too long")
		}
	}
	return x, nil
}

// littleEndian reports whether this machine keeps numbers as the flat form
// does.
func littleEndian() bool {
	v := uint16(1)
	return *(*byte)(unsafe.Pointer(&v)) == 1
}

// numbers reads a section as numbers: where it lies on machines of the same
// byte order, as a copy on others.
func numbers[T uint32 | uint64 | float32](b []byte) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	n := len(b) / size
	if n == 0 {
		return nil
	}
	if littleEndian() {
		return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
	}
	out := make([]T, n)
	for i := range out {
		switch p := any(&out[i]).(type) {
		case *uint32:
			*p = binary.LittleEndian.Uint32(b[i*4:])
		case *uint64:
			*p = binary.LittleEndian.Uint64(b[i*8:])
		case *float32:
			*p = math.Float32frombits(binary.LittleEndian.Uint32(b[i*4:]))
		}
	}
	return out
}

// view is the text of bytes that do not change.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// flatWriter puts sections one after the other.
type flatWriter struct {
	data []byte
}

func newFlatWriter(words, fuzzy, names int) *flatWriter {
	w := &flatWriter{data: make([]byte, headSize)}
	copy(w.data, flatMagic)
	binary.LittleEndian.PutUint32(w.data[8:], flatVersion)
	binary.LittleEndian.PutUint32(w.data[16:], uint32(words))
	binary.LittleEndian.PutUint32(w.data[20:], uint32(fuzzy))
	binary.LittleEndian.PutUint32(w.data[24:], uint32(names))
	return w
}

func (w *flatWriter) begin(section int) int {
	for len(w.data)%8 != 0 {
		w.data = append(w.data, 0)
	}
	binary.LittleEndian.PutUint64(w.data[32+16*section:], uint64(len(w.data)))
	return len(w.data)
}

func (w *flatWriter) end(section, at int) {
	binary.LittleEndian.PutUint64(w.data[40+16*section:], uint64(len(w.data)-at))
}

func (w *flatWriter) text(section int, b []byte) {
	at := w.begin(section)
	w.data = append(w.data, b...)
	w.end(section, at)
}

func (w *flatWriter) u32(section int, list []uint32) {
	at := w.begin(section)
	for _, v := range list {
		w.data = binary.LittleEndian.AppendUint32(w.data, v)
	}
	w.end(section, at)
}

func (w *flatWriter) u64(section int, list []uint64) {
	at := w.begin(section)
	for _, v := range list {
		w.data = binary.LittleEndian.AppendUint64(w.data, v)
	}
	w.end(section, at)
}

func (w *flatWriter) f32(section int, list []float32) {
	at := w.begin(section)
	for _, v := range list {
		w.data = binary.LittleEndian.AppendUint32(w.data, math.Float32bits(v))
	}
	w.end(section, at)
}

// text returns the text of a word.
func (x *Index) text(i uint32) string {
	b := x.wordText[x.wordAt[i]:x.wordAt[i+1]]
	if x.wordMeta[i]&wordHan != 0 {
		for k, c := range b {
			if c == 0 {
				return view(b[:k])
			}
		}
	}
	return view(b)
}

// han returns the letters of a word as written, for scripts without letters.
func (x *Index) han(i uint32) string {
	if x.wordMeta[i]&wordHan == 0 {
		return ""
	}
	b := x.wordText[x.wordAt[i]:x.wordAt[i+1]]
	for k, c := range b {
		if c == 0 {
			return view(b[k+1:])
		}
	}
	return ""
}
