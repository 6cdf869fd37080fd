package notify_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf/internal/notify"
)

func TestWait(t *testing.T) {
	bare := []time.Duration{0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
	if len(bare) != notify.MaxTries {
		t.Fatalf("%d tries", notify.MaxTries)
	}
	for tries, d := range bare {
		waits := map[time.Duration]bool{}
		for i := range 100 {
			id := fmt.Sprintf("evt_%d", i)
			got, ok := notify.Wait(tries, id, 0)
			if !ok || got < d || got > d+d/10 {
				t.Errorf("after %d tries: %s, %v; want %s and up to a tenth more", tries, got, ok, d)
			}
			if again, _ := notify.Wait(tries, id, 0); again != got {
				t.Errorf("after %d tries: once %s, once %s", tries, got, again)
			}
			waits[got] = true
		}
		if d > 0 && len(waits) < 80 {
			t.Errorf("after %d tries: 100 events wait only %d different times", tries, len(waits))
		}
	}
	if _, ok := notify.Wait(notify.MaxTries, "evt_1", time.Hour); ok {
		t.Error("tried for ever")
	}
}

func TestWaitAfter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tries := rapid.IntRange(-1, notify.MaxTries-1).Draw(t, "tries")
		after := time.Duration(rapid.Int64().Draw(t, "after"))
		id := rapid.String().Draw(t, "id")
		d, ok := notify.Wait(tries, id, after)
		least, _ := notify.Wait(tries, id, 0)
		if !ok || d < least || d < min(after, 24*time.Hour) || d > 24*time.Hour+24*time.Hour/10 {
			t.Fatalf("%s, %v", d, ok)
		}
	})
}
