package edition

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/offshelf/offshelf/internal/list/register"
)

// Sources is the operator's file of addresses, sources.yaml in the data
// directory:
//
//	mirror: https://lists.example.org/
//	lists:
//	  us-fcc-covered: https://lists.example.org/fcc.html
//	  us-ofac-sdn: [/srv/lists/sdn.csv, /srv/lists/alt.csv]
type Sources struct {
	Mirror string               `yaml:"mirror"`
	Lists  map[string]addresses `yaml:"lists"`
}

// addresses is one address, or several.
type addresses []string

// UnmarshalYAML implements yaml.InterfaceUnmarshaler.
func (a *addresses) UnmarshalYAML(read func(any) error) error {
	var one string
	if err := read(&one); err == nil {
		*a = addresses{one}
		return nil
	}
	var many []string
	if err := read(&many); err != nil {
		return err
	}
	*a = many
	return nil
}

// maxSources bounds the file.
const maxSources = 1 << 20

// ReadSources reads the file. One that is not there is empty, unless it was
// asked for.
func ReadSources(path string, asked bool) (*Sources, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return &Sources{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxSources {
		return nil, fmt.Errorf("%s: no file, or over %d MiB", path, maxSources>>20)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var s Sources
	if err := yaml.UnmarshalWithOptions(data, &s, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	check := func(key, a string) error {
		switch {
		case a == "":
			return fmt.Errorf("%s: %s: an empty address", path, key)
		case strings.Contains(a, "://") && !ofWeb(a):
			return fmt.Errorf("%s: %s: %q is neither https://… nor a path", path, key, a)
		case !ofWeb(a) && !filepath.IsAbs(a):
			return fmt.Errorf("%s: %s: %q is not a whole path: begin it with /", path, key, a)
		}
		return nil
	}
	if s.Mirror != "" {
		if err := check("mirror", s.Mirror); err != nil {
			return nil, err
		}
	}
	for id, as := range s.Lists {
		if _, err := register.Find(id); err != nil {
			return nil, fmt.Errorf("%s: lists: %w", path, err)
		}
		if len(as) == 0 || len(as) > maxFiles {
			return nil, fmt.Errorf("%s: lists: %s: %d addresses", path, id, len(as))
		}
		for _, a := range as {
			if err := check("lists: "+id, a); err != nil {
				return nil, err
			}
		}
	}
	return &s, nil
}

// Addresses are the addresses by list.
func (s *Sources) Addresses() map[string][]string {
	out := map[string][]string{}
	for id, a := range s.Lists {
		out[id] = a
	}
	return out
}
