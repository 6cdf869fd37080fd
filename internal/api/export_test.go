package api

// ProblemNames are the names of the kinds of problems.
func ProblemNames() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.name)
	}
	return out
}
