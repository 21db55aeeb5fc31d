package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/types"
	"sigs.k8s.io/yaml"
)

const (
	maxData   = 25 << 20 // bytes of one data file
	testEnd   = "_test.rego"
	kindKtl   = "ktl"
	kindBuild = "docker"
)

type file struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// unitFiles is what one --policy names: it is compiled by itself and meets no other.
type unitFiles struct {
	Name   string `json:"name"`
	Files  []file `json:"files"`
	Bundle []byte `json:"bundle"` // .tar.gz instead of files
	Tests  bool   `json:"tests"`  // *_test.rego belongs to it
}

type unitFacts struct {
	Name  string   `json:"name"`
	Rules []string `json:"rules"`
}

// rule is one that is asked: deny, warn or decision.
type rule struct {
	kind, name string
	query      rego.PreparedEvalQuery
}

type unit struct {
	name     string
	modules  map[string]*ast.Module
	data     map[string]any
	compiler *ast.Compiler
	store    storage.Store
	rules    []rule
}

func (e *engine) load(r *request, a *answer) error {
	e.units = nil
	sum := sha256.New()
	for i := range r.Units {
		u, err := newUnit(&r.Units[i])
		if err != nil {
			f := failureOf(err)
			f.Load = true
			return f
		}
		facts := unitFacts{Name: u.name}
		for _, each := range u.rules {
			facts.Rules = append(facts.Rules, each.name)
		}
		for _, f := range r.Units[i].Files {
			fmt.Fprintf(sum, "%d %s %d %s", len(f.Path), f.Path, len(f.Text), f.Text)
		}
		a.Units = append(a.Units, facts)
		e.units = append(e.units, u)
	}
	a.Digest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return nil
}

func newUnit(files *unitFiles) (*unit, error) {
	if files.Bundle != nil {
		unpacked, err := unpack(files.Name, files.Bundle)
		if err != nil {
			return nil, err
		}
		files.Files = unpacked
	}
	u := &unit{name: files.Name, modules: map[string]*ast.Module{}, data: map[string]any{}}
	for _, f := range files.Files {
		if err := u.take(files, f); err != nil {
			return nil, err
		}
	}
	return u, u.compile(files.Tests)
}

// take reads one file: a module, or data that belongs where its folder says, as in OPA's bundles.
func (u *unit) take(files *unitFiles, f file) error {
	base := path.Base(f.Path)
	switch {
	case strings.HasSuffix(base, testEnd) && !files.Tests:
		return nil
	case strings.HasSuffix(base, ".rego"):
		module, err := parse(f.Path, f.Text)
		if err != nil {
			return err
		}
		if module == nil {
			return &failure{Message: "the file has no package", Place: f.Path}
		}
		u.modules[f.Path] = module
	case base == "data.json" || base == "data.yaml" || base == "data.yml":
		return u.takeData(files.Name, f)
	case strings.HasSuffix(base, ".wasm"):
		return &failure{Message: "rules compiled to WebAssembly are not supported", Place: f.Path}
	}
	return nil
}

func (u *unit) takeData(root string, f file) error {
	if len(f.Text) > maxData {
		return &failure{Message: fmt.Sprintf("more than %d MiB of data", maxData>>20), Place: f.Path}
	}
	text := []byte(f.Text)
	if !strings.HasSuffix(f.Path, ".json") {
		converted, err := yaml.YAMLToJSONStrict(text)
		if err != nil {
			return &failure{Message: err.Error(), Place: f.Path}
		}
		text = converted
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var value map[string]any
	if err := decoder.Decode(&value); err != nil {
		return &failure{Message: "no JSON object: " + err.Error(), Place: f.Path + placeInJSON(text, err)}
	}
	below := strings.Trim(strings.TrimPrefix(path.Dir(f.Path), root), "/.")
	target := u.data
	for _, key := range strings.FieldsFunc(below, func(c rune) bool { return c == '/' }) {
		next, ok := target[key].(map[string]any)
		if !ok {
			next = map[string]any{}
			target[key] = next
		}
		target = next
	}
	for key, each := range value {
		if _, there := target[key]; there {
			return &failure{Message: "data." + key + " is said twice", Place: f.Path}
		}
		target[key] = each
	}
	return nil
}

func placeInJSON(text []byte, err error) string {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return ""
	}
	before := string(text[:min(int(syntax.Offset), len(text))])
	return fmt.Sprintf(":%d:%d", strings.Count(before, "\n")+1, len(before)-strings.LastIndex(before, "\n"))
}

// hasData says whether data stands where a rule wants to be.
func (u *unit) hasData(path []string) (bool, error) {
	at := u.data
	for i, key := range path {
		value, there := at[key]
		next, isFolder := value.(map[string]any)
		if !there || i == len(path)-1 || !isFolder {
			return there, nil
		}
		at = next
	}
	return len(at) > 0, nil
}

func (u *unit) compile(tests bool) error {
	u.compiler = ast.NewCompiler().WithCapabilities(language()).
		WithPathConflictsCheck(u.hasData)
	u.compiler.Compile(u.modules)
	if u.compiler.Failed() {
		return u.compiler.Errors
	}
	u.store = inmem.NewFromObjectWithOpts(u.data, inmem.OptRoundTripOnWrite(false))
	err := u.findRules()
	if err == nil && len(u.rules) == 0 && !tests {
		err = &failure{Message: u.packages(), Place: u.name}
	}
	return err
}

// packages says why nothing of this would ever be asked.
func (u *unit) packages() string {
	var found []string
	for _, module := range u.modules {
		found = append(found, strings.TrimPrefix(module.Package.Path.String(), "data."))
	}
	sort.Strings(found)
	what := "it has no rules at all"
	if len(found) > 0 {
		what = "its packages are " + strings.Join(found, ", ")
	}
	return "no policy: neither deny nor warn of package ktl.build, nor decision of package docker; " + what
}

func (u *unit) findRules() error {
	for _, each := range []rule{
		{kind: kindKtl, name: "data.ktl.build.deny"},
		{kind: kindKtl, name: "data.ktl.build.warn"},
		{kind: kindBuild, name: "data.docker.decision"},
	} {
		ref := ast.MustParseRef(each.name)
		rules := u.compiler.GetRulesExact(ref)
		if len(rules) == 0 {
			if below := u.compiler.GetRules(ref); len(below) == 0 || each.kind != kindKtl {
				continue
			}
			return &failure{Message: each.name + " has parts of its own and is no set", Place: u.name}
		}
		if err := checkType(each, ref, rules[0], u.compiler.TypeEnv.Get(ref)); err != nil {
			return err
		}
		if err := u.prepare(&each); err != nil {
			return err
		}
		u.rules = append(u.rules, each)
	}
	if u.compiler.GetRulesExact(ast.MustParseRef("data.docker.decision")) != nil {
		return u.checkBuildInput()
	}
	return nil
}

// checkType refuses what could never be a list of denials, or a decision.
func checkType(asked rule, ref ast.Ref, first *ast.Rule, found types.Type) error {
	place := fmt.Sprintf("%s:%d:%d", first.Location.File, first.Location.Row, first.Location.Col)
	if len(first.Head.Args) > 0 {
		return &failure{Message: asked.name + " is a function", Place: place}
	}
	wrong := &failure{Message: fmt.Sprintf("%s is %s, and must be a set or an array", asked.name, types.Sprint(found)), Place: place}
	if asked.kind == kindBuild {
		wrong.Message = fmt.Sprintf("%s is %s, and must be an object", asked.name, types.Sprint(found))
	}
	if found == nil || fits(asked.kind, found) {
		return nil
	}
	return wrong
}

func fits(kind string, found types.Type) bool {
	switch t := found.(type) {
	case types.Any:
		if len(t) == 0 {
			return true
		}
		for _, each := range t {
			if fits(kind, each) {
				return true
			}
		}
		return false
	case *types.Set, *types.Array:
		return kind == kindKtl
	case *types.Object:
		return kind == kindBuild
	default:
		return false
	}
}

func (u *unit) prepare(r *rule) error {
	query, err := rego.New(rego.Query(r.name), rego.Compiler(u.compiler), rego.Store(u.store),
		rego.StrictBuiltinErrors(true)).PrepareForEval(context.Background())
	r.query = query
	return err
}
