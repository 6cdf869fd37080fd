package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/offshelf/offshelf/internal/api"
	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/namebook"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// liveState is the state of the knowledge that a service answers from. When
// the compiled lists change it is made anew, while the old one serves on.
type liveState struct {
	flags   *overlayFlags
	s       *session
	log     *slog.Logger
	now     atomic.Pointer[servedState]
	changed time.Time                   // of the compiled lists
	loaded  func(context.Context) error // called after the state was made anew
}

type servedState struct {
	job   job.State
	names api.Knowledge
}

// load makes the state as it is now.
func (l *liveState) load() error {
	l.changed = l.listsTime()
	k, digest, lists, err := l.flags.factsAndLists(l.s)
	if err != nil {
		return err
	}
	facts, err := knowledge.Compile(k)
	if err != nil {
		return err
	}
	snapshot, err := screen.Compile(k, digest)
	if err != nil {
		return err
	}
	st := &servedState{job: job.State{Snapshot: snapshot, Facts: facts, Editions: k.Lists}, names: api.Knowledge{Snapshot: snapshot}}
	if lists != nil {
		snapshot.Use(lists)
		path, err := listsPath(l.flags.Lists)
		if err != nil {
			return err
		}
		// The file may be replaced; what is kept must be what is mapped.
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		st.job.Lists = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	}
	roll, err := openRoll(l.flags.Lists, knowledge.EmbeddedSum())
	if err != nil {
		return err
	}
	if roll != nil {
		st.names.Names = namebook.Mapped(roll)
	} else {
		st.names.Names = namebook.Of(k)
	}
	l.now.Store(st)
	l.log.Info("the knowledge is loaded", "version", snapshot.Version(), "snapshot", snapshot.Sum(), "lists", k.Lists)
	return nil
}

func (l *liveState) listsTime() time.Time {
	path, err := listsPath(l.flags.Lists)
	if err != nil || path == "" {
		return time.Time{}
	}
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// watch loads the state again when the compiled lists change, until the
// context ends.
func (l *liveState) watch(ctx context.Context) {
	t := time.NewTicker(10 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if l.listsTime().Equal(l.changed) {
			continue
		}
		err := l.load()
		if err == nil {
			err = l.loaded(ctx)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.log.Error("the changed lists cannot be loaded; the state before goes on", "error", err)
		}
	}
}

func (l *liveState) forJobs() *job.State { return &l.now.Load().job }

func (l *liveState) forAPI() *api.Knowledge {
	if st := l.now.Load(); st != nil {
		return &st.names
	}
	return nil
}
