package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/offshelf/offshelf/internal/search"
)

// searchMapped is a whole search by a process that has just begun: map the flat
// form, check it, find a name.
func searchMapped(file, name string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return err
	}
	x, err := search.Open(data)
	if err != nil {
		return err
	}
	for _, h := range x.Search(name, search.Options{}) {
		printed, _, _ := x.Name(h.Name)
		fmt.Println(h.Score, printed)
	}
	// What getrusage says counts the process that this one was forked from.
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			fmt.Println("resident", strings.Fields(rest)[0])
		}
	}
	return nil
}

// measureCold starts such processes and prints their time and memory.
func measureCold(x *search.Index) error {
	dir, err := os.MkdirTemp("", "names")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "names.index")
	if err := os.WriteFile(file, x.Bytes(), 0o600); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var wall, user []time.Duration
	resident := int64(0)
	for range 15 {
		c := exec.Command(self, "-mapped", file, "Hikvison Digital Technology")
		start := time.Now()
		out, err := c.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		wall = append(wall, time.Since(start))
		user = append(user, c.ProcessState.UserTime()+c.ProcessState.SystemTime())
		if _, after, ok := strings.Cut(string(out), "resident "); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(after), 10, 64)
			if err != nil {
				return err
			}
			resident = max(resident, n)
		}
	}
	slices.Sort(wall)
	slices.Sort(user)
	fmt.Printf("a process that maps the flat form and searches once: median %.1f ms on the clock, %.1f ms computing, at most %.0f MB resident\n",
		float64(wall[7].Microseconds())/1000, float64(user[7].Microseconds())/1000, float64(resident)/1024)
	return nil
}
