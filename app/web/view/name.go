package view

import "statusd/app/typed"

// Name makes what a person typed safe to put into a line of text: see [typed.Name].
func Name(words string) string { return typed.Name(words) }

// InSentence is Name for the middle of a sentence: see [typed.InSentence].
func InSentence(words string) string { return typed.InSentence(words) }

// Initial is the first letter of a name, as typed: see [typed.Initial].
func Initial(words string) string { return typed.Initial(words) }
