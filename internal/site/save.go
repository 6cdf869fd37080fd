package site

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

// marker names the file by which a directory is known as a site of offshelf.
// It lists the files of the site, so that none of another's is ever removed.
const (
	marker     = ".offshelf-site"
	markerHead = "A site of the knowledge of offshelf. Its files:"
	temporary  = ".offshelf-part"
)

// ours is the shape of the names that a site may have.
var ours = regexp.MustCompile(`^(index\.html|facts\.html|style\.css|search\.js|(brand|party|regime|list)/[a-z0-9]+(-[a-z0-9]+)*\.html)$`)

// save writes the files to dir, each through a temporary file, and nothing
// outside dir, even where it holds symbolic links.
func save(dir string, files []file) error {
	if dir == "" {
		return errors.New("name the folder for the site")
	}
	var names []string
	for _, f := range files {
		if !ours.MatchString(f.name) {
			return fmt.Errorf("%q cannot be the name of a page", f.name)
		}
		names = append(names, f.name)
	}
	slices.Sort(names)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("folder for the site: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("folder for the site: %w", err)
	}
	defer root.Close()
	before, err := previous(root)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	// Until all is written, the marker lists what was there and what comes.
	all := slices.Compact(slices.Sorted(slices.Values(slices.Concat(names, before))))
	if err := put(root, marker, manifest(all)); err != nil {
		return err
	}
	for _, d := range []string{"brand", "party", "regime", "list"} {
		if err := root.MkdirAll(d, 0o777); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	for _, f := range files {
		if err := put(root, f.name, f.data); err != nil {
			return err
		}
	}
	for _, name := range before {
		if _, keep := slices.BinarySearch(names, name); keep {
			continue
		}
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: remove a page of the previous site: %w", dir, err)
		}
	}
	return put(root, marker, manifest(names))
}

func manifest(names []string) []byte {
	return []byte(markerHead + "\n" + strings.Join(names, "\n") + "\n")
}

// previous returns the files of the site that stands in root, and an error
// where something else does.
func previous(root *os.Root) ([]string, error) {
	d, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, nil
	}
	foreign := errors.New("the folder is not empty and holds no site of offshelf: name a new folder")
	info, err := root.Lstat(marker)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 16<<20 {
		return nil, foreign
	}
	data, err := root.ReadFile(marker)
	if err != nil {
		return nil, err
	}
	head, list, _ := strings.Cut(string(data), "\n")
	if head != markerHead {
		return nil, foreign
	}
	var names []string
	for name := range strings.Lines(list) {
		if name = strings.TrimSuffix(name, "\n"); ours.MatchString(name) {
			names = append(names, name)
		}
	}
	return names, nil
}

func put(root *os.Root, name string, data []byte) error {
	part := path.Join(path.Dir(name), temporary)
	if err := root.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = root.Rename(part, name)
	}
	if err != nil {
		return errors.Join(err, root.Remove(part))
	}
	return nil
}
