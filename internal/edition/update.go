package edition

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/sync/errgroup"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/fetch"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/register"
)

// Updater brings the lists of a store up to date.
type Updater struct {
	Store *Store
	// Client fetches. Each list has one of its own, made by this.
	Client func(tell func(string)) *fetch.Client
	// Mirror is an address or a folder in which MIRROR/LIST/FILE stands for
	// the authority's address, or "".
	Mirror string
	// Addresses are the operator's own, by list; each is of the web, a file or
	// a folder. They come before the mirror and the authority.
	Addresses map[string][]string
	AnySize   bool
	Now       func() time.Time
	// Tell is given what happens on the way. It may be called at the same time
	// for several lists.
	Tell func(list, message string)
}

// Result is what became of the update of a list.
type Result struct {
	List    string
	Record  *Record // the edition in force, or nil
	Updated bool    // it is a new one
	Checked bool    // the source was asked, or read, and has no newer one
	Err     error   // the edition in force stays
}

// ErrNoAddress says that nobody publishes a list in a form that is read.
var ErrNoAddress = errors.New("no address is known")

// abreast bounds how many lists are fetched at the same time.
const abreast = 3

// Update brings lists up to date. There is a result for each, in their order.
func (u *Updater) Update(ctx context.Context, ids []string) []Result {
	out := make([]Result, len(ids))
	var g errgroup.Group
	g.SetLimit(abreast)
	for i, id := range ids {
		g.Go(func() error {
			out[i] = u.one(ctx, id)
			return nil
		})
	}
	g.Wait()
	return out
}

func (u *Updater) one(ctx context.Context, id string) Result {
	r := Result{List: id}
	st, err := u.Store.State(id)
	if err != nil {
		r.Err = err
		return r
	}
	r.Record = st.InForce()
	src, err := register.Find(id)
	if err != nil {
		r.Err = err
		return r
	}
	in, unchanged, err := u.get(ctx, src, st)
	switch {
	case err == nil && unchanged:
		r.Checked = true
		r.Err = u.Store.Unchanged(ctx, id, u.Now())
		return r
	case err == nil:
		var out *Outcome
		out, err = u.Store.Add(ctx, id, in, Options{AnySize: u.AnySize, Published: true, Now: u.Now()})
		if err == nil {
			if out.InForce {
				r.Record = &out.Record
			} else {
				u.Tell(id, fmt.Sprintf("the edition of %s that was fetched is older than the one in force: it is kept beside it", out.Record.Date))
			}
			r.Updated = !out.Known && out.InForce
			r.Checked = !r.Updated
			return r
		}
	}
	r.Err = err
	if errors.Is(err, ErrNoAddress) || ctx.Err() != nil {
		return r
	}
	if noted := u.Store.Fail(ctx, id, err, u.Now()); noted != nil {
		r.Err = errors.Join(err, noted)
	}
	return r
}

// get gets the files of a list. unchanged means that all of them are those of
// the edition in force.
func (u *Updater) get(ctx context.Context, src *register.Source, st *State) (in []Input, unchanged bool, err error) {
	client := u.Client(func(m string) { u.Tell(src.ID, m) })
	where, err := u.where(ctx, client, src)
	if err != nil {
		return nil, false, err
	}
	now := st.InForce()
	kept := map[string]KeptFile{}
	if now != nil {
		for _, f := range now.Files {
			kept[f.From] = f
		}
	}
	mended := false
	for _, w := range where {
		if !ofWeb(w.at) {
			files, err := ReadPath(w.at)
			if err != nil {
				return nil, false, err
			}
			in = append(in, files...)
			continue
		}
		old, have := kept[w.at]
		marks := fetch.Marks{}
		if have {
			marks = fetch.Marks{ETag: old.ETag, LastModified: old.LastModified}
		}
		f, err := client.Get(ctx, w.at, marks)
		if err != nil {
			return nil, false, err
		}
		if !f.Unchanged {
			in = append(in, Input{Name: w.name, From: w.at, Data: f.Data, ETag: f.ETag, LastModified: f.LastModified})
			continue
		}
		data, err := os.ReadFile(u.Store.raw(old.SHA256))
		if err != nil || list.Sum(data) != old.SHA256 { // what is kept is damaged
			if f, err = client.Get(ctx, w.at, fetch.Marks{}); err != nil {
				return nil, false, err
			}
			data, old.ETag, old.LastModified, mended = f.Data, f.ETag, f.LastModified, true
		}
		in = append(in, Input{Name: w.name, From: w.at, Data: data, ETag: old.ETag, LastModified: old.LastModified})
	}
	if now == nil || mended || len(in) != len(now.Files) {
		return in, false, nil
	}
	unchanged = true
	sums := map[string]bool{}
	for _, f := range now.Files {
		sums[f.SHA256] = true
	}
	for _, f := range in {
		unchanged = unchanged && sums[list.Sum(f.Data)]
	}
	return in, unchanged, nil
}

type place struct{ name, at string }

// where finds the addresses of a list: the operator's own, the mirror's, or
// the authority's.
func (u *Updater) where(ctx context.Context, client *fetch.Client, src *register.Source) ([]place, error) {
	var out []place
	if own := u.Addresses[src.ID]; len(own) > 0 {
		for _, a := range own {
			out = append(out, place{nameOf(a), a})
		}
		return out, nil
	}
	if u.Mirror != "" && !ofWeb(u.Mirror) {
		dir := filepath.Join(u.Mirror, src.ID)
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: the mirror has no folder %s", ErrNoAddress, dir)
		}
		return []place{{src.ID, dir}}, nil
	}
	if len(src.Files) == 0 {
		return nil, fmt.Errorf("%w: no form of it that is read has one: offshelf lists add %s FILE, or write an address into the sources", ErrNoAddress, src.ID)
	}
	for _, f := range src.Files {
		if u.Mirror != "" {
			out = append(out, place{f.Name, strings.TrimSuffix(u.Mirror, "/") + "/" + src.ID + "/" + url.PathEscape(f.Name)})
			continue
		}
		at := f.URL
		if f.Day != "" {
			day, err := newestDay(ctx, client, f.Day)
			if err != nil {
				return nil, err
			}
			at = strings.ReplaceAll(at, "{day}", day)
		}
		out = append(out, place{f.Name, at})
	}
	return out, nil
}

func nameOf(address string) string {
	if u, err := url.Parse(address); err == nil && ofWeb(address) {
		return filepath.Base(u.Path)
	}
	return filepath.Base(address)
}

// ofWeb tells an address of the web from a path.
func ofWeb(s string) bool { return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") }

// titleOfCommerce is the title of the Code of Federal Regulations that holds
// the lists of the Bureau of Industry and Security.
const titleOfCommerce = 15

// newestDay asks the Electronic Code of Federal Regulations up to which day
// its text goes: it answers no request for a later one.
func newestDay(ctx context.Context, client *fetch.Client, address string) (string, error) {
	f, err := client.Get(ctx, address, fetch.Marks{})
	if err != nil {
		return "", err
	}
	var titles struct {
		Titles []struct {
			Number int    `json:"number"`
			Day    string `json:"up_to_date_as_of"`
		} `json:"titles"`
	}
	if err := json.Unmarshal(f.Data, &titles); err != nil {
		return "", fmt.Errorf("%s: no table of titles: %w", address, err)
	}
	for _, t := range titles.Titles {
		if t.Number == titleOfCommerce {
			if _, err := offshelf.ParseDay(t.Day); err != nil || t.Day == "" {
				return "", fmt.Errorf("%s: title %d is up to date as of %q, which is no day", address, t.Number, t.Day)
			}
			return t.Day, nil
		}
	}
	return "", fmt.Errorf("%s: no title %d in it", address, titleOfCommerce)
}

// maxFiles bounds the files of an edition.
const maxFiles = 16

// ReadPath reads a file, or the files of a folder, of which an edition is made.
// Hidden files and further folders are left out.
func ReadPath(path string) ([]Input, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file or folder: check the name and the folder you are in", path)
	}
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		in, err := readFile(path, info)
		if err != nil {
			return nil, err
		}
		return []Input{in}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var out []Input
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || !e.Type().IsRegular() {
			continue
		}
		if len(out) == maxFiles {
			return nil, fmt.Errorf("%s: over %d files: name the folder of one edition", path, maxFiles)
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		in, err := readFile(filepath.Join(path, e.Name()), info)
		if err != nil {
			return nil, err
		}
		out = append(out, in)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no file in it", path)
	}
	return out, nil
}

func readFile(path string, info fs.FileInfo) (Input, error) {
	switch {
	case !info.Mode().IsRegular():
		return Input{}, fmt.Errorf("%s: no file: name a file", path)
	case info.Size() > list.MaxFile:
		return Input{}, fmt.Errorf("%s: over %d MiB: no list is that large", path, list.MaxFile>>20)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Input{}, err
	}
	full, err := filepath.Abs(path)
	if err != nil {
		full = path
	}
	return Input{Name: filepath.Base(path), From: full, Data: data}, nil
}
