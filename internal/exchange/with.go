package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

// File is a file to lay over a knowledge.
type File struct {
	Name string
	Open func() (io.ReadCloser, error)
}

// maxYAML bounds an overlay file; package knowledge refuses larger ones with a
// message of its own.
const maxYAML = 2 << 20

// With lays files over a knowledge for one run, as the flag --with does: files
// of YAML (.yaml, .yml) as knowledge.Overlay has it, one after another, and
// then ownership data in any format that Read knows, all at once, so that
// parties of several files become one. Of a file with a problem nothing is
// used, and the error says which and why; wrong records of a file that can be
// read are told in the Laid.
func With(k *offshelf.Knowledge, files ...File) (*offshelf.Knowledge, *Laid, error) {
	var imports []*Import
	var errs []error
	for _, f := range files {
		r, err := f.Open()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if IsYAML(f.Name) {
			laid, err := overlay(k, f.Name, r)
			if err != nil {
				errs = append(errs, err)
			} else {
				k = laid
			}
		} else {
			im, err := Read(f.Name, r)
			if err != nil {
				errs = append(errs, err)
			}
			imports = append(imports, im)
		}
		if err := r.Close(); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, &Laid{Imports: imports}, err
	}
	if len(imports) == 0 {
		return k, &Laid{}, nil
	}
	out, l := Lay(k, imports...)
	return out, l, nil
}

// IsYAML reports whether With reads a file as YAML, by its name.
func IsYAML(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".yaml" || ext == ".yml"
}

// overlay lays one file of YAML.
func overlay(k *offshelf.Knowledge, name string, r io.Reader) (*offshelf.Knowledge, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxYAML))
	if err != nil {
		return nil, fmt.Errorf("%s: the file cannot be read: %w", name, err)
	}
	laid, problems := knowledge.Overlay(k, folder{"facts.yaml": data})
	if laid != nil {
		return laid, nil
	}
	var errs []error
	for _, p := range problems {
		if p.File != knowledge.Shipped {
			p.File = name
		}
		errs = append(errs, errors.New(p.String()))
	}
	return nil, errors.Join(append(errs, fmt.Errorf("%s: none of it is used", name))...)
}

// folder is a folder of files in memory.
type folder map[string][]byte

// Open implements fs.FS.
func (f folder) Open(name string) (fs.File, error) {
	if name == "." {
		return openFile{info{name, 0, fs.ModeDir | 0o555}, strings.NewReader("")}, nil
	}
	data, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return openFile{f.info(name), bytes.NewReader(data)}, nil
}

// ReadDir implements fs.ReadDirFS.
func (f folder) ReadDir(string) ([]fs.DirEntry, error) {
	var out []fs.DirEntry
	for _, name := range slices.Sorted(maps.Keys(f)) {
		out = append(out, fs.FileInfoToDirEntry(f.info(name)))
	}
	return out, nil
}

func (f folder) info(name string) info { return info{name, int64(len(f[name])), 0o444} }

type info struct {
	name string
	size int64
	mode fs.FileMode
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }

type openFile struct {
	info
	io.Reader
}

func (o openFile) Stat() (fs.FileInfo, error) { return o.info, nil }
func (o openFile) Close() error               { return nil }
