package main

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// What reaches out of the evaluation, or gives another answer to the same question: a policy that
// uses one of these does not load.
var forbidden = []string{
	"http.send", "net.", "opa.runtime", "trace", "rand.", "uuid.rfc4122", "time.now_ns",
}

func isForbidden(name string) bool {
	return slices.ContainsFunc(forbidden, func(each string) bool {
		return name == each || strings.HasSuffix(each, ".") && strings.HasPrefix(name, each)
	})
}

// language is OPA's own without the forbidden builtins.
func language() *ast.Capabilities {
	own := *ast.CapabilitiesForThisVersion()
	own.AllowNet = []string{}
	own.Builtins = slices.DeleteFunc(slices.Clone(own.Builtins), func(b *ast.Builtin) bool {
		// Pure parts of net: addresses and no names.
		return isForbidden(b.Name) && !strings.HasPrefix(b.Name, "net.cidr_")
	})
	return &own
}

// parse reads a module in today's syntax or, where it is none, in that before OPA 1.0.
func parse(path, text string) (*ast.Module, error) {
	options := ast.ParserOptions{Capabilities: language(), ProcessAnnotation: false}
	options.RegoVersion = ast.RegoV1
	module, err := ast.ParseModuleWithOpts(path, text, options)
	if err == nil {
		return module, nil
	}
	options.RegoVersion = ast.RegoV0
	if old, e := ast.ParseModuleWithOpts(path, text, options); e == nil {
		return old, nil
	}
	return nil, err
}
