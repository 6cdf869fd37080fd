package dossier

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// people gives actors their names, each read once.
type people struct {
	ctx       context.Context
	q         *query.Queries
	workspace int64
	known     map[string]Person
}

func (p *people) user(id int64) (Person, error) {
	if id == 0 {
		return Person{Ref: store.SystemActor}, nil
	}
	return p.actor("user:" + strconv.FormatInt(id, 10))
}

// actor resolves user:ID, key:ID and system; what it does not know stays as it
// is written.
func (p *people) actor(ref string) (Person, error) {
	if who, ok := p.known[ref]; ok {
		return who, nil
	}
	who := Person{Ref: ref}
	kind, number, _ := strings.Cut(ref, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if err == nil {
		switch kind {
		case "user":
			if err := p.fill(&who, id); err != nil {
				return who, err
			}
		case "key":
			k, err := p.q.Key(p.ctx, id)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return who, err
			}
			if err == nil && k.WorkspaceID == p.workspace { // the name of another company's key is not told
				if err := p.fill(&who, k.CreatedBy); err != nil {
					return who, err
				}
				who.Name = "key " + k.Name
			}
		}
	}
	p.known[ref] = who
	return who, nil
}

func (p *people) fill(who *Person, id int64) error {
	u, err := p.q.User(p.ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	who.Name, who.Login = u.Name, u.Login
	return err
}

// String names the person for readers.
func (p Person) String() string {
	switch {
	case p.Ref == store.SystemActor:
		return "offshelf"
	case p.Name != "" && p.Login != "" && p.Name != p.Login:
		return p.Name + " (" + p.Login + ")"
	case p.Name != "":
		return p.Name
	case p.Login != "":
		return p.Login
	}
	return p.Ref
}
