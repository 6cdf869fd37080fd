package access

import (
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var everyPermission = []Permission{Read, Screen, Upload, Handle, Decide, Approve, Manage, Audit}

// TestPermissions is the table of who may what, as the reference has it.
func TestPermissions(t *testing.T) {
	all := "read screen upload handle decide approve manage audit"
	for _, c := range []struct {
		p    Principal
		want string
	}{
		{Principal{}, ""},
		{Principal{Role: Admin}, ""},
		{Principal{Kind: "other", Role: Admin, Scopes: allPermissions}, ""},
		{Principal{Kind: User}, ""},
		{Principal{Kind: User, Role: Admin + 1}, ""},
		{Principal{Kind: User, Role: Viewer}, "read"},
		{Principal{Kind: User, Role: Analyst}, "read screen upload handle decide"},
		{Principal{Kind: User, Role: Approver}, "read screen upload handle decide approve audit"},
		{Principal{Kind: User, Role: Admin}, all},
		{Principal{Kind: Key, Role: Admin}, ""},
		{Principal{Kind: Key, Scopes: allPermissions}, ""},
		{Principal{Kind: Key, Role: Admin, Scopes: allPermissions}, "read screen upload handle decide manage audit"},
		{Principal{Kind: Key, Role: Viewer, Scopes: allPermissions}, "read"},
		{Principal{Kind: Key, Role: Admin, Scopes: Permissions(Upload | Screen)}, "screen upload"},
		{Principal{Kind: System}, "read screen upload handle manage audit"},
	} {
		var may Permissions
		for _, p := range everyPermission {
			if c.p.May(p) {
				may |= Permissions(p)
			}
		}
		if may.String() != c.want {
			t.Errorf("%+v may %q, want %q", c.p, may, c.want)
		}
		if c.p.May(0) {
			t.Errorf("%+v may what is no permission", c.p)
		}
		if c.p.May(1 << 12) {
			t.Errorf("%+v may what has no name", c.p)
		}
	}
	if allPermissions.String() != all || len(everyPermission) != len(permissionNames) {
		t.Errorf("all permissions are %q", allPermissions)
	}
}

func drawPrincipal(t *rapid.T) Principal {
	return Principal{
		Kind:      rapid.SampledFrom([]Kind{"", User, Key, System, "x"}).Draw(t, "kind"),
		ID:        rapid.Int64Range(0, 4).Draw(t, "id"),
		Owner:     rapid.Int64Range(0, 4).Draw(t, "owner"),
		Workspace: rapid.Int64Range(0, 3).Draw(t, "workspace"),
		Role:      Role(rapid.IntRange(0, 5).Draw(t, "role")),
		Scopes:    Permissions(rapid.Uint16().Draw(t, "scopes")),
	}
}

func TestPrincipalInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPrincipal(t)
		higher := p
		higher.Role++
		other := rapid.Int64Range(0, 4).Draw(t, "decider")
		for _, what := range everyPermission {
			if p.May(what) && higher.Role <= Admin && !higher.May(what) {
				t.Fatalf("%v may %v and the role above not", p.Role, what)
			}
			if p.Kind == Key && p.May(what) && (!p.Scopes.Has(what) || what == Approve || !p.Role.Permissions().Has(what)) {
				t.Fatalf("%+v may %v", p, what)
			}
		}
		if p.MayApprove(other) && (p.Kind != User || p.Person() == other || p.Role < Approver) {
			t.Fatalf("%+v approves what %d decided", p, other)
		}
		role := Role(rapid.IntRange(0, 5).Draw(t, "granted"))
		if p.MayGrant(role) && (p.Kind == Key || !p.May(Manage) || p.Kind == User && role > p.Role || role < Viewer || role > Admin) {
			t.Fatalf("%+v grants %v", p, role)
		}
		w := rapid.Int64Range(-1, 3).Draw(t, "of")
		if p.Within(w) && (w < 1 || p.Workspace != w && (p.Kind != System || p.Workspace != 0)) {
			t.Fatalf("%+v is within %d", p, w)
		}
	})
}

func TestSecondPerson(t *testing.T) {
	approver := Principal{Kind: User, ID: 4, Role: Approver}
	key := Principal{Kind: Key, ID: 9, Owner: 4, Role: Admin, Scopes: allPermissions}
	for _, c := range []struct {
		p       Principal
		decider int64
		want    bool
	}{
		{approver, 5, true},
		{approver, 4, false},
		{approver, key.Person(), false}, // decided by a key of their own
		{approver, 0, false},            // decided by nobody
		{Principal{Kind: User, ID: 4, Role: Analyst}, 5, false},
		{key, 5, false},
		{Principal{Kind: System}, 5, false},
	} {
		if got := c.p.MayApprove(c.decider); got != c.want {
			t.Errorf("%+v approves what %d decided: %v", c.p, c.decider, got)
		}
	}
	if !(Principal{Kind: System}).MayGrant(Admin) || !(Principal{Kind: User, Role: Admin}).MayGrant(Admin) || key.MayGrant(Viewer) {
		t.Error("who hands out rights")
	}
	if !(Principal{Kind: System}).Within(3) || approver.Within(0) || !(Principal{Kind: User, Workspace: 3}).Within(3) {
		t.Error("who is within")
	}
}

func TestRoleText(t *testing.T) {
	for _, r := range []Role{Viewer, Analyst, Approver, Admin} {
		text, err := r.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Role
		if err := back.UnmarshalText(text); err != nil || back != r {
			t.Errorf("%v: %v, %v", r, back, err)
		}
	}
	for _, s := range []string{"", "Admin", "none", "root", strings.Repeat("x", 1<<20)} {
		if r, err := ParseRole(s); err == nil || r != 0 || !strings.Contains(err.Error(), "viewer, analyst, approver, admin") || len(err.Error()) > 300 {
			t.Errorf("%.20q: %v, %v", s, r, err)
		}
	}
	if _, err := Role(0).MarshalText(); err == nil {
		t.Error("no role was written")
	}
}

func TestScopes(t *testing.T) {
	for in, want := range map[string]string{
		"read": "read", "upload,screen": "screen upload", " read  read ,": "read", "manage audit": "manage audit",
	} {
		if s, err := ParseScopes(in); err != nil || s.String() != want {
			t.Errorf("%q: %q, %v", in, s, err)
		}
	}
	for in, want := range map[string]string{"": "without scopes", ",": "without scopes", "read approve": "second person", "Read": `"Read" is no permission`} {
		if s, err := ParseScopes(in); err == nil || s != 0 || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v", in, s, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := Permissions(rapid.Uint16().Draw(t, "set"))
		text, err := s.MarshalText()
		if (err == nil) != (s&^allPermissions == 0) {
			t.Fatalf("%#x: %v", uint16(s), err)
		}
		var back Permissions
		if err == nil && (back.UnmarshalText(text) != nil || back != s) {
			t.Fatalf("%q becomes %q", text, back)
		}
	})
}

func TestContext(t *testing.T) {
	if p, ok := FromContext(context.Background()); ok || p.May(Read) {
		t.Error("somebody acts where nobody does")
	}
	want := Principal{Kind: User, ID: 7, Role: Analyst}
	if got, ok := FromContext(NewContext(t.Context(), want)); !ok || got != want {
		t.Errorf("%+v, %v", got, ok)
	}
}
