// ktl-rego is the engine of plugins/policy: OPA behind a pipe. It reads frames (four bytes of
// length, big endian, then JSON) from stdin and answers each on stdout, in order. It opens no file
// and no connection: rules come in frames, and builtins that reach out are not in its language.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// request is one frame to the engine.
type request struct {
	Op        string          `json:"op"` // load, evaluate, test, query
	Units     []unitFiles     `json:"units"`
	Document  json.RawMessage `json:"document"`
	Only      string          `json:"only"`       // evaluate: units of this kind; empty: all
	TimeoutMs int64           `json:"timeout_ms"` // evaluate and test
}

// failure is a sentence for people; Load says that the rules are wrong, not what they judge.
type failure struct {
	Message string `json:"message"`
	Place   string `json:"place,omitempty"` // FILE:LINE:COL
	Load    bool   `json:"load,omitempty"`
}

func (f *failure) Error() string { return f.Message }

// answer is one frame back.
type answer struct {
	Error  *failure     `json:"error,omitempty"`
	Digest string       `json:"digest,omitempty"`
	Units  []unitFacts  `json:"units,omitempty"`
	Said   []said       `json:"said,omitempty"`
	Tests  []testResult `json:"tests,omitempty"`
}

type engine struct {
	units []*unit
}

func (e *engine) answer(r *request) (a *answer) {
	defer func() {
		if cause := recover(); cause != nil {
			a = &answer{Error: &failure{Message: fmt.Sprintf("the engine failed: %v", cause)}}
		}
	}()
	var err error
	a = &answer{}
	switch r.Op {
	case "load":
		err = e.load(r, a)
	case "evaluate":
		err = e.evaluate(r, a)
	case "test":
		err = e.test(r, a)
	default:
		err = fmt.Errorf("unknown operation %q", r.Op)
	}
	if err != nil {
		return &answer{Error: failureOf(err)}
	}
	return a
}

func main() {
	if err := confine(); err != nil {
		fmt.Fprintln(os.Stderr, "ktl-rego:", err)
		os.Exit(1)
	}
	var e engine
	for {
		frame, err := readFrame(os.Stdin)
		if err != nil {
			return // nobody asks any more
		}
		var r request
		var a *answer
		if err := json.Unmarshal(frame, &r); err != nil {
			a = &answer{Error: &failure{Message: "no request: " + err.Error()}}
		} else {
			a = e.answer(&r)
		}
		if err := writeFrame(os.Stdout, a); err != nil {
			return
		}
	}
}
