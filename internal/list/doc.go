// Package list holds the words for what authorities publish: an Entry of a
// list, and an Edition of it with every row accounted for. Its folders read
// one source each; what they share, such as printed dates, citations, tables
// and bounds, is here.
package list
