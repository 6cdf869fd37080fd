package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
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
		if isYAML(f.Name) {
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

func isYAML(name string) bool {
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
		return &openFolder{f: f, names: sortedNames(f)}, nil
	}
	data, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &openFile{info{name, int64(len(data)), 0o444}, bytes.NewReader(data)}, nil
}

type info struct {
	name string
	size int64
	mode fs.FileMode
}

func (i info) Name() string               { return i.name }
func (i info) Size() int64                { return i.size }
func (i info) Mode() fs.FileMode          { return i.mode }
func (i info) ModTime() time.Time         { return time.Time{} }
func (i info) IsDir() bool                { return i.mode.IsDir() }
func (i info) Sys() any                   { return nil }
func (i info) Type() fs.FileMode          { return i.mode.Type() }
func (i info) Info() (fs.FileInfo, error) { return i, nil }

type openFile struct {
	info
	*bytes.Reader
}

func (o *openFile) Stat() (fs.FileInfo, error) { return o.info, nil }
func (o *openFile) Close() error               { return nil }
func (o *openFile) Size() int64                { return o.info.size }

type openFolder struct {
	f     folder
	names []string
}

func (o *openFolder) Stat() (fs.FileInfo, error) { return info{".", 0, fs.ModeDir | 0o555}, nil }
func (o *openFolder) Close() error               { return nil }
func (o *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: ".", Err: errors.New("is a folder")}
}

// ReadDir implements fs.ReadDirFile.
func (o *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(o.names) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(o.names) {
		n = len(o.names)
	}
	var out []fs.DirEntry
	for _, name := range o.names[:n] {
		out = append(out, info{name, int64(len(o.f[name])), 0o444})
	}
	o.names = o.names[n:]
	return out, nil
}
