// Package knowledge holds the curated facts as YAML, reads and checks them,
// and embeds their compiled form. The facts are in the public domain
// (CC0-1.0), see the LICENSE beside them.
package knowledge
