package storetest

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/offshelf/offshelf/internal/store"
)

// Copy copies a database, of which no store may be open, to another of its
// engine.
func Copy(tb testing.TB, database string) string {
	tb.Helper()
	if !store.IsPostgres(database) {
		data, err := os.ReadFile(database)
		if err != nil {
			tb.Fatal(err)
		}
		name := SQLite(tb)
		if err := os.WriteFile(name, data, 0o600); err != nil {
			tb.Fatal(err)
		}
		return name
	}
	ctx := context.Background()
	c, err := pgx.Connect(ctx, server.url)
	if err != nil {
		tb.Fatal(err)
	}
	defer c.Close(ctx)
	from, err := pgx.ParseConfig(database)
	if err != nil {
		tb.Fatal(err)
	}
	name := "t" + strings.ToLower(rand.Text())
	if _, err := c.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+from.Database+" STRATEGY FILE_COPY"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if c, err := pgx.Connect(ctx, server.url); err == nil {
			c.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
			c.Close(ctx)
		}
	})
	return strings.Replace(database, "/"+from.Database+"?", "/"+name+"?", 1)
}
