package knowledge

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"

	"github.com/offshelf/offshelf"
)

// ParsePolicy reads a policy file: the fields of one policy, or a policies
// section with exactly one. Errors name file and line.
func ParsePolicy(name string, data []byte) (offshelf.Policy, error) {
	var p offshelf.Policy
	err := yaml.UnmarshalWithOptions(data, &p, yaml.Strict())
	if err != nil {
		var file struct {
			Policies []offshelf.Policy `json:"policies"`
		}
		if e := yaml.UnmarshalWithOptions(data, &file, yaml.Strict()); e == nil && len(file.Policies) == 1 {
			p, err = file.Policies[0], nil
		} else if e == nil && len(file.Policies) > 1 {
			return p, fmt.Errorf("%s: holds %d policies: keep one a file", name, len(file.Policies))
		}
	}
	if err != nil {
		return p, fmt.Errorf("%s:%d: %s", name, errorLine(err), firstLine(err))
	}
	if p.ID == "" {
		p.ID = name
	}
	if len(p.Rules) == 0 && p.Otherwise == offshelf.NoAction {
		return p, errors.New(name + ": has no rules and no otherwise: see the shipped policies with offshelf knowledge show default")
	}
	for i := range p.Regimes {
		p.Regimes[i].House = true
	}
	return p, nil
}
