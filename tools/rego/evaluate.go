package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/util"
)

const (
	maxSteps = 20_000_000
	maxSaid  = 10_000
)

// said is one thing that a rule had to say: a text, or an object with a message.
type said struct {
	Unit  string `json:"unit"`
	Rule  string `json:"rule"`
	Value any    `json:"value"`
}

// stepCounter ends an evaluation that goes on for too many steps.
type stepCounter struct {
	left   int64
	cancel topdown.Cancel
}

func (s *stepCounter) Enabled() bool               { return true }
func (s *stepCounter) Config() topdown.TraceConfig { return topdown.TraceConfig{} }
func (s *stepCounter) TraceEvent(event topdown.Event) {
	if s.left--; s.left == 0 {
		s.cancel.Cancel()
	}
}

func (e *engine) evaluate(r *request, a *answer) error {
	var document any
	if err := util.UnmarshalJSON(r.Document, &document); err != nil {
		return err
	}
	input, err := ast.InterfaceToValue(document)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Duration(r.TimeoutMs)*time.Millisecond)
	defer stop()
	for _, u := range e.units {
		for _, each := range u.rules {
			if r.Only != "" && r.Only != each.kind {
				continue
			}
			value, err := ask(ctx, &each, input)
			if err != nil {
				return in(u, &each, err)
			}
			if err := a.take(u, &each, value); err != nil {
				return in(u, &each, err)
			}
		}
	}
	return nil
}

func in(u *unit, r *rule, err error) error {
	f := *failureOf(err)
	f.Message = fmt.Sprintf("%s: %s: %s", u.name, r.name, f.Message)
	return &f
}

func ask(ctx context.Context, r *rule, input ast.Value) (any, error) {
	counter := &stepCounter{left: maxSteps, cancel: topdown.NewCancel()}
	ended := context.AfterFunc(ctx, counter.cancel.Cancel)
	defer ended()
	found, err := r.query.Eval(ctx, rego.EvalParsedInput(input), rego.EvalExternalCancel(counter.cancel),
		rego.EvalQueryTracer(counter))
	switch {
	case err != nil && counter.left <= 0:
		return nil, fmt.Errorf("the evaluation was stopped after %d steps", maxSteps)
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, fmt.Errorf("it is undefined for this input, and so says neither yes nor no")
	}
	return found[0].Expressions[0].Value, nil
}

func (a *answer) take(u *unit, r *rule, value any) error {
	if r.kind == kindBuild {
		a.Said = append(a.Said, said{u.name, r.name, value})
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		return fmt.Errorf("it must be a set or an array, and is %s", typeName(value))
	}
	for _, each := range list {
		switch each.(type) {
		case string, map[string]any:
		default:
			return fmt.Errorf("each of it must be a text or an object, and one is %s", typeName(each))
		}
		a.Said = append(a.Said, said{u.name, r.name, each})
	}
	if len(a.Said) > maxSaid {
		return fmt.Errorf("more than %d denials and warnings", maxSaid)
	}
	return nil
}

func typeName(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a text"
	case json.Number, float64, int:
		return "a number"
	case []any:
		return "a list"
	default:
		return "an object"
	}
}
