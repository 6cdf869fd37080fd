package casework

import (
	"context"
	"errors"
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// maxComment is how many characters a comment has at most.
const maxComment = 10000

// Assign gives a case to a member of the workspace; 0 takes it from whoever
// has it.
func Assign(ctx context.Context, tx *store.Tx, ws, caseID, version, assignee int64) (query.Case, error) {
	c, err := begin(ctx, tx, ws, caseID, version)
	if err != nil {
		return c, err
	}
	who, err := actor(ctx, tx, ws)
	if err != nil {
		return c, err
	}
	if assignee != 0 {
		_, err := store.Found(tx.Member(ctx, query.MemberParams{WorkspaceID: ws, UserID: assignee}))
		if errors.Is(err, store.ErrNotFound) {
			return c, invalid("assignee", "no member of the workspace has the number %d: invite the person first", assignee)
		}
		if err != nil {
			return c, err
		}
		u, err := store.Found(tx.User(ctx, assignee))
		if err != nil {
			return c, err
		}
		if u.Disabled != 0 {
			return c, invalid("assignee", "%s is disabled: choose another person", u.Login)
		}
	}
	from, err := userName(ctx, tx.Queries, c.Assignee)
	if err != nil {
		return c, err
	}
	to, err := userName(ctx, tx.Queries, assignee)
	if err != nil {
		return c, err
	}
	c.Assignee = assignee
	return log(ctx, tx, c, "case.assigned", map[string]any{"by": who.Name, "from": from, "to": to, "assignee": assignee})
}

// Comment adds what a person has to say to a case. The text is kept in the
// event alone.
func Comment(ctx context.Context, tx *store.Tx, ws, caseID, version int64, comment string) (query.Case, error) {
	comment, err := text("text", comment, maxComment, true)
	if err != nil {
		return query.Case{}, err
	}
	c, err := begin(ctx, tx, ws, caseID, version)
	if err != nil {
		return c, err
	}
	who, err := actor(ctx, tx, ws)
	if err != nil {
		return c, err
	}
	return log(ctx, tx, c, "case.commented", map[string]any{"by": who.Name, "text": comment})
}

// Attach adds a received file to a case. Where it fails the caller drops the
// blob.
func Attach(ctx context.Context, tx *store.Tx, ws, caseID, version int64, name, mediaType string, b *store.ReceivedBlob) (query.Case, query.Attachment, error) {
	none := query.Attachment{}
	c, err := begin(ctx, tx, ws, caseID, version)
	if err != nil {
		return c, none, err
	}
	who, err := actor(ctx, tx, ws)
	if err != nil {
		return c, none, err
	}
	if b.Size == 0 {
		return c, none, invalid("file", "it is empty: send the document")
	}
	row, err := store.Found(tx.Blob(ctx, b.ID))
	if err != nil {
		return c, none, err
	}
	if row.WorkspaceID != ws || row.SHA256 != "" { // another company's, or kept for something else
		return c, none, store.ErrNotFound
	}
	if err := tx.Keep(ctx, b); err != nil {
		return c, none, err
	}
	a, err := tx.CreateAttachment(ctx, query.CreateAttachmentParams{
		WorkspaceID: ws, CaseID: c.ID, Name: fileName(name), MediaType: media(mediaType), BlobID: b.ID, SHA256: b.SHA256, Size: b.Size, AddedBy: who.ID, AddedAt: tx.Now,
	})
	if err != nil {
		return c, none, err
	}
	c, err = log(ctx, tx, c, "case.attached", map[string]any{
		"by": who.Name, "attachment": a.ID, "name": a.Name, "media_type": a.MediaType, "sha256": a.SHA256, "size": a.Size,
	}, store.Row("attachments", a.ID), store.Row("blobs", b.ID))
	return c, a, err
}

// log saves the case and logs what was done to it.
func log(ctx context.Context, tx *store.Tx, c query.Case, kind string, data map[string]any, rows ...store.Ref) (query.Case, error) {
	if err := save(ctx, tx, &c); err != nil {
		return c, err
	}
	tx.Log(store.Event{Workspace: c.WorkspaceID, Kind: kind, Case: c.ID, Data: data, Rows: append(rows, store.Row("cases", c.ID))})
	return c, nil
}

// maxFileName is how many bytes of the name of a file are kept.
const maxFileName = 200

// fileName is the last part of a name that somebody gave, fit to be shown and
// to be saved under.
func fileName(s string) string {
	s = strings.ToValidUTF8(s, "_")
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, s)
	s = strings.Trim(s, ". ")
	for len(s) > maxFileName {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	if s == "" {
		return "attachment"
	}
	return s
}

// media is the type that the sender names, without its parameters, or the one
// that says nothing.
func media(s string) string {
	t, _, err := mime.ParseMediaType(s)
	if err != nil || len(t) > 100 || !strings.Contains(t, "/") {
		return "application/octet-stream"
	}
	return t
}
