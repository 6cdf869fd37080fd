//go:build !unix

package roll

import (
	"fmt"
	"os"
)

// Map opens the roll in a file, which is read where the system has no mapping.
// Where there is no file, the error is fs.ErrNotExist.
func Map(path string) (*Roll, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r, err := Open(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}
