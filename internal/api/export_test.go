package api

import "time"

// SetAnswerIdle changes how long a client may take none of an answer.
func SetAnswerIdle(d time.Duration) { answerIdle = d }
