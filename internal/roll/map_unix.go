//go:build unix

package roll

import (
	"fmt"
	"os"
	"syscall"
)

// maxSize bounds a roll, in bytes.
const maxSize = 2 << 30

// Map opens the roll in a file. Where there is none, the error is
// fs.ErrNotExist.
func Map(path string) (*Roll, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() < startAt || info.Size() > maxSize {
		return nil, fmt.Errorf("%s: not a file of compiled lists: compile them again with: offshelf lists compile", path)
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r, err := Open(data)
	if err != nil {
		syscall.Munmap(data)
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r.close = func() error { return syscall.Munmap(data) }
	return r, nil
}
