package access

import "context"

// Kind is what kind of principal acts.
type Kind string

const (
	User   Kind = "user"   // a person who signed in
	Key    Kind = "key"    // a program with an API key
	System Kind = "system" // the service itself, or the operator at its console
)

// Principal is who acts. The zero value may nothing.
type Principal struct {
	Kind Kind
	ID   int64 // of the user or of the key; 0 of the system
	// Owner is the user who answers for a key, 0 otherwise. What a key
	// decides counts as decided by its owner.
	Owner     int64
	Name      string
	Workspace int64       // 0 of the system is all workspaces
	Role      Role        // of a key its owner's, as it is now: the key of somebody demoted may no more than they
	Scopes    Permissions // of a key
}

// May tells whether p may do it: a user what the role may; a key what its
// scopes and its owner's role both may, and never approve; the system all but
// decide and approve, which are acts of people.
func (p Principal) May(what Permission) bool {
	switch p.Kind {
	case User:
		return p.Role.Permissions().Has(what)
	case Key:
		return (p.Role.Permissions() & p.Scopes &^ Permissions(Approve)).Has(what)
	case System:
		return (allPermissions &^ Permissions(Decide|Approve)).Has(what)
	}
	return false
}

// Within tells whether p belongs to the workspace.
func (p Principal) Within(workspace int64) bool {
	if workspace <= 0 {
		return false
	}
	return p.Workspace == workspace || p.Kind == System && p.Workspace == 0
}

// Person is the user who answers for what p does, 0 of the system.
func (p Principal) Person() int64 {
	switch p.Kind {
	case User:
		return p.ID
	case Key:
		return p.Owner
	}
	return 0
}

// MayApprove tells whether p may be the second person of a decision that the
// user decider, Principal.Person of that time, made: a user who may approve
// and is somebody else.
func (p Principal) MayApprove(decider int64) bool {
	return p.Kind == User && p.ID > 0 && decider > 0 && p.ID != decider && p.May(Approve)
}

// MayGrant tells whether p may give somebody the role, or a key under it. Only
// people and the operator hand out rights, and none above their own:
// otherwise a leaked key with the scope manage would make itself a second
// person.
func (p Principal) MayGrant(role Role) bool {
	if role < Viewer || role > Admin {
		return false
	}
	return p.May(Manage) && (p.Kind == System || p.Kind == User && role <= p.Role)
}

type principalKey struct{}

// NewContext carries who acts.
func NewContext(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// FromContext is who acts, false where nobody is known to.
func FromContext(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	return p, ok
}
