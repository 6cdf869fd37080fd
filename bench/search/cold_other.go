//go:build !linux

package main

import (
	"errors"

	"github.com/offshelf/offshelf/internal/search"
)

func searchMapped(string, string) error { return errors.New("mapped files are measured on Linux") }

func measureCold(*search.Index) error { return nil }
