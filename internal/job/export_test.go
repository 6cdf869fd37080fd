package job

import (
	"context"
	"errors"

	"github.com/offshelf/offshelf/internal/store/query"
)

// Execute works a run off as a job of the queue does.
func (w *Worker) Execute(ctx context.Context, run int64) error { return w.execute(ctx, run) }

// Elsewhere reports whether a run is to be looked at again later.
func Elsewhere(err error) bool { return errors.Is(err, errElsewhere) }

// Take takes the lease of a run as it was read, and gives its number.
func (w *Worker) Take(ctx context.Context, run query.Run) (int64, error) {
	a, err := w.take(ctx, &run)
	if err != nil {
		return 0, err
	}
	return a.epoch, nil
}

// Care looks for work that no job stands for, and does it.
func (w *Worker) Care(ctx context.Context) error { return w.care(ctx) }

// SetBatchRows sets how many rows one transaction writes.
func (w *Worker) SetBatchRows(n int) { w.batchRows = n }

// LeaseMost is how far ahead a lease can be.
const LeaseMost = leaseMost
