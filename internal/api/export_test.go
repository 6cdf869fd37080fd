package api

import "time"

// ProblemNames are the names of the kinds of problems.
func ProblemNames() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.name)
	}
	return out
}

// SetAnswerIdle changes how long a client may take none of an answer.
func SetAnswerIdle(d time.Duration) { answerIdle = d }
