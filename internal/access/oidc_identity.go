package access

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/oauth2"
)

// Bounds of what a provider says of a person.
const (
	maxSubject = 255 // OpenID Connect Core, section 2
	maxText    = 512 // of a name, address or group
	maxGroups  = 1000
)

// claims are the fields of a token, told apart by case.
type claims map[string]jsontext.Value

// identity checks the ID token of an answer as OpenID Connect Core, section
// 3.1.3.7, asks, and reads it.
func (s *SignOn) identity(ctx context.Context, p *provider, token *oauth2.Token, nonce string) (Identity, error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Identity{}, errors.New("its answer has no ID token; see that the scope openid is allowed for the service")
	}
	t, err := p.verifier.Verify(ctx, raw)
	if expired, ok := errors.AsType[*oidc.TokenExpiredError](err); ok {
		return Identity{}, fmt.Errorf("its ID token expired at %s, and it is %s here; see that the clocks of both are right", expired.Expiry.UTC().Format("15:04:05"), s.now().UTC().Format("15:04:05"))
	}
	if err != nil {
		return Identity{}, fmt.Errorf("its ID token is refused: %s", clipError(err))
	}
	if subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(nonce)) != 1 {
		return Identity{}, fmt.Errorf("its ID token has the nonce of another sign-in; %w", ErrStartAgain)
	}
	if t.AccessTokenHash != "" {
		if err := t.VerifyAccessToken(token.AccessToken); err != nil {
			return Identity{}, errors.New("its ID token belongs to another access token (at_hash)")
		}
	}
	var c claims
	if err := t.Claims(&c); err != nil {
		return Identity{}, fmt.Errorf("its ID token cannot be read: %s", clipError(err))
	}
	if azp, err := c.text("azp"); err != nil {
		return Identity{}, err
	} else if azp != "" && azp != s.config.ClientID || azp == "" && len(t.Audience) > 1 {
		return Identity{}, fmt.Errorf("its ID token was made for %q (azp), not for %q", clip(azp), s.config.ClientID)
	}
	if t.Subject == "" || len(t.Subject) > maxSubject {
		return Identity{}, fmt.Errorf("its ID token has a subject of %d characters; 1 to %d are allowed", len(t.Subject), maxSubject)
	}
	// Some providers say the rest only where they are asked for it.
	if c["email"] == nil && p.UserInfoEndpoint() != "" && slices.Contains(s.config.Scopes, "email") {
		info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return Identity{}, fmt.Errorf("it does not say who the person is (%s)", clipError(err))
		}
		if info.Subject != t.Subject {
			return Identity{}, fmt.Errorf("its user info is of another person (%q) than its ID token", clip(info.Subject))
		}
		var more claims
		if err := info.Claims(&more); err != nil {
			return Identity{}, fmt.Errorf("its user info cannot be read: %s", clipError(err))
		}
		// What the token says is not overwritten.
		for name, value := range more {
			if c[name] == nil {
				c[name] = value
			}
		}
	}
	return s.read(t, c)
}

func (s *SignOn) read(t *oidc.IDToken, c claims) (id Identity, err error) {
	id = Identity{Issuer: s.config.Issuer, Subject: t.Subject}
	if id.Email, err = c.text("email"); err != nil {
		return Identity{}, err
	}
	if id.EmailVerified, err = c.truth("email_verified"); err != nil {
		return Identity{}, err
	}
	id.EmailVerified = id.EmailVerified && id.Email != ""
	if id.Name, err = c.text("name"); err != nil {
		return Identity{}, err
	}
	if id.Name == "" {
		if id.Name, err = c.text("preferred_username"); err != nil {
			return Identity{}, err
		}
	}
	id.Groups, err = c.texts(s.config.GroupsClaim)
	if err != nil {
		return Identity{}, err
	}
	return id, nil
}

// text is a claim that is a text, empty where it is absent or null.
func (c claims) text(name string) (string, error) {
	var s *string
	if v := c[name]; v != nil {
		if err := json.Unmarshal(v, &s); err != nil {
			return "", fmt.Errorf("its claim %q is %s and no text", clip(name), c.kind(name))
		}
	}
	if s == nil {
		return "", nil
	}
	if len(*s) > maxText {
		return "", fmt.Errorf("its claim %q is longer than %d bytes", clip(name), maxText)
	}
	return *s, nil
}

// truth is a claim that is true or false, which some providers write as text.
func (c claims) truth(name string) (bool, error) {
	switch string(c[name]) {
	case `true`, `"true"`:
		return true, nil
	case ``, `null`, `false`, `"false"`:
		return false, nil
	}
	return false, fmt.Errorf("its claim %q is %s and neither true nor false", clip(name), c.kind(name))
}

// texts is a claim that is a list of texts, or one text.
func (c claims) texts(name string) ([]string, error) {
	v := c[name]
	if v == nil || v.Kind() == 'n' {
		return nil, nil
	}
	if v.Kind() == '"' {
		one, err := c.text(name)
		if err != nil || one == "" {
			return nil, err
		}
		return []string{one}, nil
	}
	var all []string
	if err := json.Unmarshal(v, &all); err != nil {
		return nil, fmt.Errorf("its claim %q is %s and no list of texts; name the claim that holds the groups", clip(name), c.kind(name))
	}
	if len(all) > maxGroups {
		return nil, fmt.Errorf("its claim %q has %d entries; let the provider send only those of the service, %d at most", clip(name), len(all), maxGroups)
	}
	for i, g := range all {
		if g == "" || len(g) > maxText {
			return nil, fmt.Errorf("its claim %q has an entry (number %d) of %d bytes; 1 to %d are allowed", clip(name), i+1, len(g), maxText)
		}
	}
	return all, nil
}

func (c claims) kind(name string) string {
	switch c[name].Kind() {
	case '"':
		return "a text"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "a list"
	}
	return "true, false or null"
}

// clipError bounds what an error repeats of what a provider answered.
func clipError(err error) string {
	s := strings.ToValidUTF8(err.Error(), "")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
