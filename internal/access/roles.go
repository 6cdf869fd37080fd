// Package access says who someone is and what they may do: roles and
// permissions, passwords, tokens, API keys, sign-in through an identity
// provider, and what a browser is told to refuse. It knows the users of the
// service alone, and keeps nothing itself.
package access

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a user is in a workspace. A higher one may all that a lower one
// may. The zero value is no role, which may nothing.
type Role uint8

const (
	Viewer   Role = iota + 1 // reads
	Analyst                  // screens, handles cases, decides
	Approver                 // is the second person of a decision, reads the ledger
	Admin                    // manages users, keys, webhooks and policies
)

var roleNames = []string{Viewer: "viewer", Analyst: "analyst", Approver: "approver", Admin: "admin"}

// String is the name of the role, "none" of no role.
func (r Role) String() string {
	if r < Viewer || r > Admin {
		return "none"
	}
	return roleNames[r]
}

// ParseRole reads the name of a role.
func ParseRole(s string) (Role, error) {
	if i := slices.Index(roleNames, s); i > 0 {
		return Role(i), nil
	}
	return 0, fmt.Errorf("%q is no role; take one of %s", clip(s), strings.Join(roleNames[Viewer:], ", "))
}

// MarshalText is the name of the role. No role has none and is an error.
func (r Role) MarshalText() ([]byte, error) {
	if r < Viewer || r > Admin {
		return nil, fmt.Errorf("role %d has no name", r)
	}
	return []byte(r.String()), nil
}

// UnmarshalText reads the name of a role.
func (r *Role) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRole(string(text))
	return err
}

// Permissions are what the role may.
func (r Role) Permissions() Permissions {
	switch r {
	case Viewer:
		return Permissions(Read)
	case Analyst:
		return Viewer.Permissions() | Permissions(Screen|Upload|Handle|Decide)
	case Approver:
		return Analyst.Permissions() | Permissions(Approve|Audit)
	case Admin:
		return Approver.Permissions() | Permissions(Manage)
	}
	return 0
}

// Permission is one thing that somebody may do.
type Permission uint16

const (
	Read    Permission = 1 << iota // see catalogs, findings and cases
	Screen                         // start a screening
	Upload                         // bring a catalog
	Handle                         // assign and comment a case, attach a file, ask a supplier
	Decide                         // decide a case
	Approve                        // approve, as a second person, what another decided
	Manage                         // users, keys, webhooks and policies
	Audit                          // read the ledger and the register of decisions
)

var permissionNames = []string{"read", "screen", "upload", "handle", "decide", "approve", "manage", "audit"}

const allPermissions = Permissions(1)<<8 - 1

// String is the name of the permission.
func (p Permission) String() string { return Permissions(p).String() }

// Permissions are a set of permissions: what a role may, or the scopes of an
// API key.
type Permissions uint16

// Has tells whether p is in the set. No permission at all is in none.
func (s Permissions) Has(p Permission) bool {
	return p != 0 && s&Permissions(p) == Permissions(p)
}

// Names are the names of the permissions, in the order of their constants.
func (s Permissions) Names() []string {
	var names []string
	for i, n := range permissionNames {
		if s&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return names
}

// String is the names of the permissions with a space between, as OAuth
// writes scopes.
func (s Permissions) String() string { return strings.Join(s.Names(), " ") }

// MarshalText is as String.
func (s Permissions) MarshalText() ([]byte, error) {
	if s&^allPermissions != 0 {
		return nil, fmt.Errorf("permissions %#x have no names", uint16(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads what String writes.
func (s *Permissions) UnmarshalText(text []byte) (err error) {
	*s, err = ParsePermissions(string(text))
	return err
}

// ParsePermissions reads names of permissions with spaces or commas between,
// in any order.
func ParsePermissions(s string) (Permissions, error) {
	var all Permissions
	for name := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == ',' }) {
		i := slices.Index(permissionNames, name)
		if i < 0 {
			return 0, fmt.Errorf("%q is no permission; take of %s", clip(name), strings.Join(permissionNames, ", "))
		}
		all |= 1 << i
	}
	return all, nil
}

// ParseScopes reads the scopes of an API key. They are permissions, at least
// one, and never approve: the second person is a person.
func ParseScopes(s string) (Permissions, error) {
	scopes, err := ParsePermissions(s)
	switch {
	case err != nil:
		return 0, err
	case scopes == 0:
		return 0, fmt.Errorf("a key without scopes may nothing; take of %s", (allPermissions &^ Permissions(Approve)).commas())
	case scopes.Has(Approve):
		return 0, fmt.Errorf("a key cannot have the scope approve, as the second person is a person; take of %s", (allPermissions &^ Permissions(Approve)).commas())
	}
	return scopes, nil
}

func (s Permissions) commas() string { return strings.Join(s.Names(), ", ") }

// clip bounds what an error repeats of its input.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
