package main

import (
	"context"
	"time"

	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/tester"
)

type testResult struct {
	Unit    string `json:"unit"`
	Name    string `json:"name"`
	Place   string `json:"place"`
	Failed  bool   `json:"failed"`
	Skipped bool   `json:"skipped,omitempty"`
	Error   string `json:"error,omitempty"`
	Ns      int64  `json:"ns"`
}

// test runs the rules whose names begin with test_, as `opa test` does.
func (e *engine) test(r *request, a *answer) error {
	ctx, stop := context.WithTimeout(context.Background(), time.Duration(r.TimeoutMs)*time.Millisecond)
	defer stop()
	for _, u := range e.units {
		if err := u.test(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) test(ctx context.Context, a *answer) error {
	runner := tester.NewRunner().SetCompiler(u.compiler).SetStore(u.store).SetModules(u.modules).
		SetTimeout(30 * time.Second).RaiseBuiltinErrors(true)
	var results chan *tester.Result
	err := storage.Txn(ctx, u.store, storage.TransactionParams{}, func(txn storage.Transaction) error {
		var err error
		if results, err = runner.RunTests(ctx, txn); err != nil {
			return err
		}
		for each := range results {
			a.Tests = append(a.Tests, resultOf(u, each))
		}
		return nil
	})
	return err
}

func resultOf(u *unit, from *tester.Result) testResult {
	result := testResult{Unit: u.name, Name: from.Package + "." + from.Name, Failed: from.Fail,
		Skipped: from.Skip, Ns: from.Duration.Nanoseconds()}
	if from.Location != nil {
		result.Place = placeOf(from.Location)
	}
	if from.Error != nil {
		result.Error = from.Error.Error()
		result.Failed = true
	}
	return result
}
