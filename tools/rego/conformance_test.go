package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/test/cases"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/util"
)

// What reaches out of the machine, or out of this process, by its very purpose.
var wantsNetwork = []string{"http.send", "net.lookup_ip_addr", "opa.runtime"}

const leastShare = 0.99

// TestConformance runs the cases of OPA's own module (KTL_OPA_MODULE) by this engine's language,
// parser and limits, and lists what fails.
func TestConformance(t *testing.T) {
	module := os.Getenv("KTL_OPA_MODULE")
	if module == "" {
		t.Fatal("KTL_OPA_MODULE names no folder: scripts/tools --test writes it")
	}
	var run, passed int
	for _, version := range []string{"v0", "v1"} {
		set := cases.MustLoad(module + "/v1/test/cases/testdata/" + version)
		for _, each := range set.Cases {
			if reachesOut(&each) {
				continue
			}
			run++
			if err := tryCase(t, &each); err != nil {
				t.Logf("%s %s: %v", version, each.Note, err)
				continue
			}
			passed++
		}
	}
	share := float64(passed) / float64(max(run, 1))
	t.Logf("%d of %d cases, %.2f %%", passed, run, share*100)
	if share < leastShare {
		t.Fail()
	}
}

func reachesOut(c *cases.TestCase) bool {
	text := c.Query + strings.Join(c.Modules, "\n")
	return slices.ContainsFunc(wantsNetwork, func(name string) bool { return strings.Contains(text, name) })
}

func tryCase(t *testing.T, c *cases.TestCase) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	for name, value := range c.Env {
		t.Setenv(name, value)
	}
	found, failed, err := evaluateCase(c)
	if err != nil {
		return err
	}
	return judgeCase(c, found, failed)
}

// evaluateCase gives what the query found and how its evaluation failed; err: it never began.
func evaluateCase(c *cases.TestCase) (topdown.QueryResultSet, error, error) {
	parsed := map[string]*ast.Module{}
	for i, text := range c.Modules {
		// Some cases expect this name in an error.
		name := fmt.Sprintf("test-%d.rego", i)
		module, err := parse(name, text)
		if err != nil {
			return nil, nil, err
		}
		parsed[name] = module
	}
	compiler := ast.NewCompiler().WithCapabilities(language())
	if compiler.Compile(parsed); compiler.Failed() {
		return nil, nil, compiler.Errors
	}
	body, err := compiler.QueryCompiler().Compile(ast.MustParseBody(c.Query))
	if err != nil {
		return nil, nil, err
	}
	data := map[string]any{}
	if c.Data != nil {
		maps.Copy(data, *c.Data)
	}
	store := inmem.NewFromObject(data)
	ctx := context.Background()
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer store.Abort(ctx, txn)
	counter := &stepCounter{left: maxSteps, cancel: topdown.NewCancel()}
	query := topdown.NewQuery(body).WithCompiler(compiler).WithStore(store).WithTransaction(txn).
		WithStrictBuiltinErrors(c.StrictError).WithCancel(counter.cancel).WithQueryTracer(counter)
	if input, err := inputOf(c); err != nil {
		return nil, nil, err
	} else if input != nil {
		query = query.WithInput(input)
	}
	found, failed := query.Run(ctx)
	return found, failed, nil
}

func inputOf(c *cases.TestCase) (*ast.Term, error) {
	if c.InputTerm != nil {
		return ast.ParseTerm(*c.InputTerm)
	}
	if c.Input == nil {
		return nil, nil
	}
	value, err := ast.InterfaceToValue(*c.Input)
	return ast.NewTerm(value), err
}

func judgeCase(c *cases.TestCase, found topdown.QueryResultSet, failed error) error {
	switch {
	case c.WantErrorCode != nil || c.WantError != nil:
		return judgeError(c, failed)
	case failed != nil:
		return failed
	case c.WantResult != nil:
		return judgeResult(c, found)
	case c.WantDefined != nil && *c.WantDefined != (len(found) > 0):
		return fmt.Errorf("defined: %v", len(found) > 0)
	}
	return nil
}

func judgeError(c *cases.TestCase, failed error) error {
	if failed == nil {
		return fmt.Errorf("no error")
	}
	if c.WantErrorCode != nil {
		if own, ok := failed.(*topdown.Error); !ok || own.Code != *c.WantErrorCode {
			return fmt.Errorf("another error: %w", failed)
		}
	}
	if c.WantError != nil && !strings.Contains(failed.Error(), *c.WantError) {
		return fmt.Errorf("another text: %w", failed)
	}
	return nil
}

func judgeResult(c *cases.TestCase, found topdown.QueryResultSet) error {
	want, got := ast.NewSet(), ast.NewSet()
	for _, each := range *c.WantResult {
		want.Add(ast.NewTerm(ast.MustInterfaceToValue(each)))
	}
	for _, bindings := range found {
		values := map[string]any{}
		for name, term := range bindings {
			value, err := ast.JSON(term.Value)
			if err != nil {
				return err
			}
			if list, isList := value.([]any); c.SortBindings && isList {
				slices.SortFunc(list, util.Compare)
			}
			if !c.IgnoreGeneratedVars || !strings.HasPrefix(string(name), "__localq") {
				values[string(name)] = value
			}
		}
		got.Add(ast.NewTerm(ast.MustInterfaceToValue(values)))
	}
	if want.Compare(got) != 0 {
		return fmt.Errorf("found %v", got)
	}
	return nil
}
