// Package casework is what people do with findings: cases that gather them,
// decisions by one person or two, what a decision keeps quiet and when that
// ends, what was ordered off the shelf and whether it went, questions to
// suppliers, and the clocks that run meanwhile.
//
// Every function that changes something works in a transaction of the store
// and logs events there. Those that people call take the version of the case
// that the person saw, and fail with store.ErrConflict where it is another now.
package casework

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// The states of a case.
const (
	Open     = "open"
	Waiting  = "waiting"
	Proposed = "proposed" // a decision waits for a second person
	Pulled   = "pulled"
	Kept     = "kept"
	Closed   = "closed"
)

// Invalid is an input that cannot be taken, and what to do about it.
type Invalid struct {
	Field string
	Text  string
}

// Error implements error.
func (e *Invalid) Error() string { return e.Field + ": " + e.Text }

// Forbidden is that this person may not do it, though another may.
type Forbidden struct{ Text string }

// Error implements error.
func (e *Forbidden) Error() string { return e.Text }

// Untimely is that it cannot be done in the state that the case is in.
type Untimely struct{ Text string }

// Error implements error.
func (e *Untimely) Error() string { return e.Text }

func invalid(field, format string, a ...any) error {
	return &Invalid{field, fmt.Sprintf(format, a...)}
}

func untimely(format string, a ...any) error { return &Untimely{fmt.Sprintf(format, a...)} }

// Lock lets one transaction at a time work on the cases of a workspace; it
// lasts until the transaction ends. Whoever changes findings takes it before
// it reads them, so that no decision falls between the reading and the writing.
func Lock(ctx context.Context, tx *store.Tx, workspace int64) error {
	n, err := tx.LockWorkspace(ctx, workspace)
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	return err
}

// begin locks the workspace and reads a case as the person saw it.
func begin(ctx context.Context, tx *store.Tx, workspace, id, version int64) (query.Case, error) {
	if err := Lock(ctx, tx, workspace); err != nil {
		return query.Case{}, err
	}
	c, err := caseOf(ctx, tx.Queries, workspace, id)
	if err == nil && c.Version != version {
		err = store.ErrConflict
	}
	return c, err
}

// caseOf reads a case of the workspace.
func caseOf(ctx context.Context, q *query.Queries, workspace, id int64) (query.Case, error) {
	c, err := store.Found(q.CaseByID(ctx, id))
	if err == nil && c.WorkspaceID != workspace {
		return query.Case{}, store.ErrNotFound
	}
	return c, err
}

// save writes the case, with its next version.
func save(ctx context.Context, tx *store.Tx, c *query.Case) error {
	c.UpdatedAt = tx.Now
	n, err := tx.UpdateCase(ctx, query.UpdateCaseParams{
		ID: c.ID, Version: c.Version, State: c.State, Action: c.Action, Basis: c.Basis, Assignee: c.Assignee,
		Findings: c.Findings, Products: c.Products, UpdatedAt: c.UpdatedAt, ClosedAt: c.ClosedAt,
	})
	if err != nil {
		return err
	}
	if n != 1 {
		return store.ErrConflict
	}
	c.Version++
	return nil
}

// person is who acts, and through what.
type person struct {
	ID    int64 // of the user; for an API key, of who made it
	Name  string
	ByKey bool
}

// actor finds the person behind the actor of the transaction. An API key acts
// for who made it, so nobody becomes a second person by a key.
func actor(ctx context.Context, tx *store.Tx, workspace int64) (person, error) {
	kind, number, _ := strings.Cut(tx.Actor, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return person{}, &Forbidden{"only a person can do this, or an API key that a person made"}
	}
	p := person{ID: id}
	switch kind {
	case "user":
	case "key":
		k, err := store.Found(tx.Key(ctx, id))
		if err != nil {
			return person{}, err
		}
		if k.WorkspaceID != workspace {
			return person{}, store.ErrNotFound
		}
		p = person{ID: k.CreatedBy, ByKey: true}
	default:
		return person{}, &Forbidden{"only a person can do this, or an API key that a person made"}
	}
	if _, err := store.Found(tx.Member(ctx, query.MemberParams{WorkspaceID: workspace, UserID: p.ID})); err != nil {
		return person{}, err
	}
	u, err := store.Found(tx.User(ctx, p.ID))
	if err == nil && u.Disabled != 0 {
		err = &Forbidden{u.Login + " is disabled and can do nothing, nor can the keys that this person made"}
	}
	p.Name = nameOf(&u)
	return p, err
}

// userName is what people know a user by.
func userName(ctx context.Context, q *query.Queries, id int64) (string, error) {
	if id == 0 {
		return "", nil
	}
	u, err := store.Found(q.User(ctx, id))
	return nameOf(&u), err
}

func nameOf(u *query.User) string {
	if u.Name != "" {
		return u.Name
	}
	return u.Login
}

// DayOf is the civil day of an instant in UTC.
func DayOf(micros int64) offshelf.Day {
	const day = 24 * 60 * 60 * 1e6
	d := micros / day
	if micros < 0 && micros%day != 0 {
		d--
	}
	return offshelf.Day(d)
}

// text checks what somebody wrote: of this many characters at most, and none
// that are not for reading.
func text(field, s string, most int, required bool) (string, error) {
	if !utf8.ValidString(s) {
		return "", invalid(field, "this is no UTF-8 text: write it again")
	}
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if s == "" && required {
		return "", invalid(field, "it is empty: write at least a sentence")
	}
	if n := utf8.RuneCountInString(s); n > most {
		return "", invalid(field, "%d characters are too many: at most %d are kept; attach a file instead", n, most)
	}
	for _, r := range s {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return "", invalid(field, "it holds the control character U+%04X: remove it", r)
		}
	}
	return s, nil
}

// count spells a number of things out.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
