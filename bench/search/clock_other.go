//go:build !linux

package main

import "time"

var began = time.Now()

// cpu is the time on the clock, where the time of a thread cannot be had.
func cpu() time.Duration { return time.Since(began) }
