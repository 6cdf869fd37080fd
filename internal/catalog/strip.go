package catalog

import (
	"html"
	"strings"
)

// stripTags makes text of HTML. It is no parser: attribution reads words, and
// needs only that tags do not glue or split them.
func stripTags(v string) string {
	if !strings.ContainsAny(v, "<&") {
		return v
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(v, '<')
		if i < 0 {
			break
		}
		b.WriteString(v[:i])
		rest := v[i:]
		// "<" before anything but a name, "/" or "!" is text: "width < 3 m".
		if len(rest) < 2 || !(rest[1] == '/' || rest[1] == '!' || rest[1]|0x20 >= 'a' && rest[1]|0x20 <= 'z') {
			b.WriteByte('<')
			v = rest[1:]
			continue
		}
		name := strings.ToLower(rest[1:min(len(rest), 7)])
		var end int
		switch {
		case strings.HasPrefix(name, "script"):
			end = closeTag(rest, "</script")
		case strings.HasPrefix(name, "style"):
			end = closeTag(rest, "</style")
		case strings.HasPrefix(rest, "<!--"):
			end = strings.Index(rest, "-->")
			if end >= 0 {
				end += 2
			}
		default:
			end = strings.IndexByte(rest, '>')
		}
		if end < 0 {
			v = "" // a tag that never ends, as where a description was cut
			break
		}
		b.WriteByte(' ')
		v = rest[end+1:]
	}
	b.WriteString(v)
	return strings.Join(strings.Fields(html.UnescapeString(b.String())), " ")
}

// closeTag returns the end of the closing tag.
func closeTag(v, tag string) int {
	for i := 0; ; {
		j := strings.Index(v[i:], "</")
		if j < 0 {
			return -1
		}
		i += j
		if len(v)-i >= len(tag) && strings.EqualFold(v[i:i+len(tag)], tag) {
			end := strings.IndexByte(v[i:], '>')
			if end < 0 {
				return -1
			}
			return i + end
		}
		i += 2
	}
}
