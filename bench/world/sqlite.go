package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"time"

	_ "modernc.org/sqlite" // the database

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/exchange"
)

// recursive is what a user would write: follow each stake of at least half, on
// one date, from the listed parties down. SQL allows no sum in the recursive
// part, so that holders are not added up: it misses what only two together
// reach.
const recursive = `
WITH RECURSIVE reached(party) AS (
  SELECT party FROM listed WHERE since <= :day AND (until IS NULL OR until > :day)
  UNION
  SELECT s.held FROM reached r JOIN stake s ON s.holder = r.party
  WHERE s.share >= 5000 AND s.sure AND s.since <= :day AND (s.until IS NULL OR s.until > :day)
)
SELECT count(*) FROM reached`

// query asks SQLite the nearest question to a closure on one date.
func query(file string, f figures) error {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	begun := time.Now()
	if err := fill(db, file); err != nil {
		return err
	}
	loaded := time.Since(begun).Seconds()
	day, err := offshelf.ParseDay("2021-10-25")
	if err != nil {
		return err
	}
	begun = time.Now()
	var n int
	if err := db.QueryRow(recursive, sql.Named("day", int(day))).Scan(&n); err != nil {
		return err
	}
	took := time.Since(begun).Seconds()
	fmt.Printf("SQLite, in memory: load and index %.2f s (%.1f x ours); recursive query for one date %.3f s (%.1f x the closure), %d parties reached against %d: it neither adds holders up nor sees sources that contradict each other\n",
		loaded, loaded/f.Load, took, took/f.Closure, n, f.Reached)
	fmt.Println(recursive)
	return nil
}

func fill(db *sql.DB, file string) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	if _, err := db.Exec(`
		CREATE TABLE listed(party TEXT, since INTEGER, until INTEGER);
		CREATE TABLE stake(holder TEXT, held TEXT, share INTEGER, sure INTEGER, since INTEGER, until INTEGER)`); err != nil {
		return err
	}
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	stake, err := tx.Prepare(`INSERT INTO stake VALUES(?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	listed, err := tx.Prepare(`INSERT INTO listed VALUES(?, ?, ?)`)
	if err != nil {
		return err
	}
	ends := func(iv offshelf.Interval) (since int, until any) {
		if !iv.Until.IsZero() {
			until = int(iv.Until.Earliest())
		}
		if iv.From.IsZero() {
			return int(offshelf.MinDay), until
		}
		return int(iv.From.Latest()), until
	}
	_, err = exchange.StreamFtM(in, exchange.Handler{
		Stake: func(s *exchange.StakeRecord) error {
			since, until := ends(s.Interval)
			_, err := stake.Exec(s.Holder, s.Held, s.Share.Min, !s.Unconfirmed && s.Share.Known, since, until)
			return err
		},
		Listing: func(l *exchange.ListingRecord) error {
			if l.List != programmes[0] {
				return nil
			}
			since, until := ends(l.Interval)
			_, err := listed.Exec(l.Party, since, until)
			return err
		},
	})
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.Exec(`CREATE INDEX stake_holder ON stake(holder)`)
	return err
}
