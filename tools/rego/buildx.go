package main

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// What ktl knows of a source when a policy written for docker buildx is asked about it
// (docs.docker.com/build/policies/inputs). A rule that reads more would see nothing there and might
// let pass what it was to stop, so it does not load.
var known = map[string][]string{
	"env":   {"args", "labels", "filename", "target"},
	"local": {"name"},
	"image": {"ref", "host", "repo", "fullRepo", "tag", "isCanonical", "checksum", "platform", "os", "arch", "variant"},
	"http":  {"url", "schema", "host", "path", "query", "hasAuth", "checksum"},
	"git":   {"schema", "host", "remote", "fullURL", "ref", "subDir", "isCommitRef", "checksum"},
}

func (u *unit) checkBuildInput() error {
	var wrong *failure
	for _, module := range u.modules {
		if module.Package.Path.String() != "data.docker" {
			continue
		}
		ast.WalkRefs(module, func(ref ast.Ref) bool {
			if wrong == nil && !isKnown(ref) {
				wrong = &failure{Message: ref.String() + " is not known to ktl", Place: placeOf(ref[0].Location)}
			}
			return false
		})
	}
	if wrong != nil {
		return wrong
	}
	return nil
}

func isKnown(ref ast.Ref) bool {
	if len(ref) < 3 || !ref[0].Equal(ast.InputRootDocument) {
		return true
	}
	kind, isText := ref[1].Value.(ast.String)
	field, alsoText := ref[2].Value.(ast.String)
	if !isText || !alsoText {
		return false
	}
	fields, there := known[string(kind)]
	return there && slices.Contains(fields, string(field))
}
