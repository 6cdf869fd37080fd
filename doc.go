// Package offshelf holds the words of the domain: who is listed, who owns
// whom, who makes what, which rule reaches how far, and what a screening
// found. It imports nothing but the standard library.
//
// Embed the scanner through package screen; read the curated facts through
// package knowledge.
package offshelf
