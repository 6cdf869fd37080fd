package catalog

import (
	"strings"

	"github.com/go-json-experiment/json"
)

// joinPath makes "A > B" of a category that is written as a JSON array of
// strings, as crawls have it in CSV.
func joinPath(v string) string {
	if !strings.HasPrefix(v, `["`) {
		return v
	}
	var parts []string
	if json.Unmarshal([]byte(v), &parts) != nil {
		return v
	}
	return strings.Join(parts, " > ")
}
