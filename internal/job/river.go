package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/notify"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// Config is what a worker needs.
type Config struct {
	Store  *store.Store
	State  func() *State // the state of the knowledge that runs answer from
	Tool   string        // version of offshelf
	Sender *notify.Sender
	Log    *slog.Logger
	// Runs is how many uploads are screened at the same time; 0 means one.
	Runs int
	// Workers is how many goroutines screen an upload; 0 means one a core.
	Workers int
	// Alone says that no other process works on this database, so that what a
	// process before left behind is taken up at once.
	Alone bool
}

// Queues: runs are heavy and few, deliveries wait for others, care is brief.
const (
	queueRuns    = "runs"
	queueDeliver = "deliver"
	queueCare    = "care"
)

const (
	careEvery   = 5 * time.Second // lost work is taken up
	tidyEvery   = time.Hour       // what ran out is ended, what is old removed
	snooze      = time.Second     // before a run that has to wait is looked at again
	keepReplies = 24 * time.Hour  // idempotency keys
)

type runArgs struct {
	Run int64 `json:"run"`
}

func (runArgs) Kind() string { return "run" }

type deliverArgs struct {
	Endpoint int64 `json:"endpoint"`
}

func (deliverArgs) Kind() string { return "deliver" }

type careArgs struct{}

func (careArgs) Kind() string { return "care" }

type tidyArgs struct{}

func (tidyArgs) Kind() string { return "tidy" }

// client is the part of a River client that is the same on both engines.
type client interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	Insert(ctx context.Context, args river.JobArgs, o *river.InsertOpts) (*rivertype.JobInsertResult, error)
}

// wake tells River that there is something to do. Where that fails the
// periodic care finds the work in the store.
type wake struct {
	mu     sync.Mutex
	client client
	store  *store.Store
	log    *slog.Logger
}

func (w *wake) insert(args river.JobArgs, o *river.InsertOpts) {
	w.mu.Lock()
	c := w.client
	w.mu.Unlock()
	if c == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := c.Insert(ctx, args, o); err != nil {
		w.log.Warn("a job could not be put in the queue; it is found again in a few seconds", "job", args.Kind(), "error", err)
	}
}

func (w *wake) run(id int64) {
	w.insert(runArgs{id}, &river.InsertOpts{Queue: queueRuns})
}

func (w *wake) deliveries() {
	ids, err := w.store.Query().DueEndpoints(context.Background(), w.store.Now())
	if err != nil {
		return
	}
	for _, id := range ids {
		w.insert(deliverArgs{id}, &river.InsertOpts{Queue: queueDeliver, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: careEvery}})
	}
}

// New makes a worker and brings River's tables up to date.
func New(ctx context.Context, c Config) (*Worker, error) {
	host, _ := os.Hostname()
	w := &Worker{store: c.Store, state: c.State, tool: c.Tool, log: c.Log, workers: c.Workers, batchRows: batchRows, sender: c.Sender, name: fmt.Sprintf("%s/%d", host, os.Getpid())}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	w.wake = wake{store: c.Store, log: w.log}
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, j *river.Job[runArgs]) error {
		err := w.execute(ctx, j.Args.Run)
		if errors.Is(err, errElsewhere) {
			return river.JobSnooze(snooze)
		}
		return err
	}))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, j *river.Job[deliverArgs]) error { return w.deliver(ctx, j.Args.Endpoint) }))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, j *river.Job[careArgs]) error { return w.care(ctx) }))
	river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, j *river.Job[tidyArgs]) error { return w.tidy(ctx) }))
	once := func(args river.JobArgs, every time.Duration) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(every), func() (river.JobArgs, *river.InsertOpts) {
			return args, &river.InsertOpts{Queue: queueCare, MaxAttempts: 1}
		}, &river.PeriodicJobOpts{RunOnStart: true})
	}
	config := &river.Config{
		Workers:                     workers,
		Queues:                      map[string]river.QueueConfig{queueRuns: {MaxWorkers: max(1, c.Runs)}, queueDeliver: {MaxWorkers: 8}, queueCare: {MaxWorkers: 2}},
		PeriodicJobs:                []*river.PeriodicJob{once(careArgs{}, careEvery), once(tidyArgs{}, tidyEvery)},
		JobTimeout:                  -1, // a lease, not the clock, says who works on a run
		RescueStuckJobsAfter:        time.Hour,
		FetchPollInterval:           500 * time.Millisecond,
		CompletedJobRetentionPeriod: time.Hour,
		Logger:                      slog.New(quiet{w.log.Handler()}),
	}
	if err := w.connect(ctx, config); err != nil {
		return nil, err
	}
	if c.Alone {
		if err := w.takeUp(ctx); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// connect makes the River client of the engine.
func (w *Worker) connect(ctx context.Context, config *river.Config) (err error) {
	if pool := w.store.Pool(); pool != nil {
		driver := riverpgxv5.New(pool)
		// Processes that start together must not migrate together.
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", riverLock); err != nil {
			return err
		}
		defer conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", riverLock)
		if err := migrate(ctx, driver); err != nil {
			return err
		}
		w.wake.client, err = river.NewClient(driver, config)
		return err
	}
	driver := riversqlite.New(w.store.Writer())
	if err := migrate(ctx, driver); err != nil {
		return err
	}
	w.wake.client, err = river.NewClient(driver, config)
	return err
}

// riverLock is the advisory lock under which River's tables are brought up to date.
const riverLock = 0x6f666673 // "offs"

func migrate[T any](ctx context.Context, driver riverdriver.Driver[T]) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("the tables of the job queue cannot be brought up to date: %w", err)
	}
	return nil
}

// takeUp frees what a process left behind that was killed.
func (w *Worker) takeUp(ctx context.Context) error {
	return w.store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		if err := tx.DropLeases(ctx); err != nil {
			return err
		}
		_, err := tx.SQL().ExecContext(ctx, "DELETE FROM river_job WHERE state = 'running'")
		return err
	})
}

// Start begins to work.
func (w *Worker) Start(ctx context.Context) error { return w.wake.client.Start(ctx) }

// Stop ends the work: what is at work is given until the context ends, then cut
// short; it is taken up again later.
func (w *Worker) Stop(ctx context.Context) error {
	err := w.wake.client.Stop(ctx)
	if c, ok := w.wake.client.(interface{ StopAndCancel(context.Context) error }); ok && err != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return c.StopAndCancel(hard)
	}
	return err
}

// Wake tells a worker somewhere that a run was asked for. Without it the run is
// found within seconds.
func (w *Worker) Wake(run int64) { w.wake.run(run) }

// WakeDeliveries tells a worker somewhere that there are messages to send.
func (w *Worker) WakeDeliveries() { w.wake.deliveries() }

// care finds work that no job stands for, as after a crash.
func (w *Worker) care(ctx context.Context) error {
	runs, err := w.store.Query().OrphanedRuns(ctx, query.OrphanedRunsParams{LeaseUntil: w.store.Now(), Beyond: w.store.Now() + leaseMost.Microseconds()})
	if err != nil {
		return err
	}
	for _, id := range runs {
		p, err := w.store.Query().Progress(ctx, id)
		if err != nil {
			return err
		}
		if p.Cancel != 0 {
			if err := w.cancelQueued(ctx, id); err != nil {
				return err
			}
			continue
		}
		w.wake.insert(runArgs{id}, &river.InsertOpts{Queue: queueRuns, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: 2 * careEvery}})
	}
	w.wake.deliveries()
	return nil
}

// cancelQueued ends a run that nobody works on.
func (w *Worker) cancelQueued(ctx context.Context, id int64) error {
	run, err := w.store.Query().Run(ctx, id)
	if err != nil || run.State != "queued" {
		return err
	}
	a, err := w.take(ctx, &run)
	if errors.Is(err, errElsewhere) || errors.Is(err, errEnded) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.end(ctx, "cancelled", "")
}

// tidy ends what ran out and removes what nobody needs any more.
func (w *Worker) tidy(ctx context.Context) error {
	now := time.UnixMicro(w.store.Now()).UTC()
	err := casework.Expire(ctx, w.store, offshelf.DayOf(now))
	err = errors.Join(err, w.store.DropAbandoned(ctx, now.Add(-24*time.Hour).UnixMicro()))
	return errors.Join(err, w.store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		if err := tx.DeleteExpiredSessions(ctx, tx.Now); err != nil {
			return err
		}
		return tx.DeleteOldIdempotent(ctx, tx.Now-keepReplies.Microseconds())
	}))
}

// quiet lets River's warnings and errors through, not its everyday.
type quiet struct{ slog.Handler }

// Enabled implements slog.Handler.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}
