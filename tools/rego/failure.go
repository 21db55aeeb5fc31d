package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

const shownErrors = 10

// failureOf turns what OPA says into a sentence and a place.
func failureOf(err error) *failure {
	var own *failure
	if errors.As(err, &own) {
		return own
	}
	var list ast.Errors
	if errors.As(err, &list) && len(list) > 0 {
		return failureOfList(list)
	}
	var halt *topdown.Error
	if errors.As(err, &halt) {
		f := &failure{Message: halt.Message}
		if halt.Location != nil {
			f.Place = placeOf(halt.Location)
		}
		if topdown.IsCancel(err) {
			f.Message = "the evaluation was stopped: it took too long"
		}
		return f
	}
	return &failure{Message: err.Error()}
}

func failureOfList(list ast.Errors) *failure {
	f := &failure{Message: list[0].Message}
	if list[0].Location != nil {
		f.Place = placeOf(list[0].Location)
	}
	var more []string
	for _, each := range list[1:min(len(list), shownErrors)] {
		at := ""
		if each.Location != nil {
			at = " (" + placeOf(each.Location) + ")"
		}
		more = append(more, each.Message+at)
	}
	if len(more) > 0 {
		f.Message += "; " + strings.Join(more, "; ")
	}
	return f
}

func placeOf(l *ast.Location) string {
	return fmt.Sprintf("%s:%d:%d", l.File, l.Row, l.Col)
}
