// Package model holds the words that every part of statusd speaks: ids, pages, components, checks, accounts, and the kinds of error.
// It has no behaviour beyond reading and writing those words; rules live in the use cases of package app and in the pure leaves.
// Start with Page, Component and Check; then Actor (who asks) and Invalid (what was wrong with what was asked).
//
// Implements SPEC §1.
package model
