// Package style holds the look that the HTML report and the static site of
// the knowledge share.
package style

import _ "embed"

// Page is the style sheet of a page: colours for light and dark, type, tables,
// chains and print.
//
//go:embed page.css
var Page string
