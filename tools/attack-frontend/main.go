// Command attack-frontend is a hostile frontend for `# syntax=`: it asks the builder, through the
// gateway that every frontend has, for what a Dockerfile cannot say. It prints "=== NAME" and what it
// got hold of to standard error, and ends as an honest frontend would, with an image.
//
// The build argument ATTEMPTS names what to try, with commas; /kit/env has what an attacker knows.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/frontend/gateway/grpcclient"
	_ "github.com/moby/buildkit/util/grpcutil/encoding/proto"
)

const patience = 6 * time.Second

type attacker struct {
	context.Context
	client.Client
	known map[string]string
}

// known reads NAME='VALUE' lines.
func known(path string) map[string]string {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	values := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		values[name] = strings.Trim(value, "'")
	}
	return values
}

// fill replaces $NAME in a text.
func (a *attacker) fill(text string) string {
	return os.Expand(text, func(name string) string { return a.known[name] })
}

func (a *attacker) try(name string) {
	run := attempts[name]
	if run == nil {
		panic("there is no attempt " + name)
	}
	ctx, cancel := context.WithTimeout(a.Context, patience)
	defer cancel()
	fmt.Fprintf(os.Stderr, "=== %s\n", name)
	got, err := run(&attacker{ctx, a.Client, a.known})
	if err != nil {
		got += "error: " + err.Error()
	}
	fmt.Fprintf(os.Stderr, "%s\n", got)
}

// image is what an honest frontend ends with.
func image(ctx context.Context, c client.Client) (*client.Result, error) {
	state := llb.Scratch().File(llb.Mkfile("/built", 0o644, []byte("built\n")))
	result, err := solve(ctx, c, state, client.SolveRequest{})
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(map[string]any{"architecture": "amd64", "os": "linux",
		"config": map[string]any{}, "rootfs": map[string]any{"type": "layers"}})
	result.AddMeta("containerimage.config", config)
	return result, err
}

func build(ctx context.Context, c client.Client) (*client.Result, error) {
	a := &attacker{ctx, c, known("/kit/env")}
	for name := range strings.SplitSeq(c.BuildOpts().Opts["build-arg:ATTEMPTS"], ",") {
		if name != "" {
			a.try(name)
		}
	}
	fmt.Fprintln(os.Stderr, "=== end")
	return image(ctx, c)
}

func main() {
	if err := grpcclient.RunFromEnvironment(context.Background(), build); err != nil {
		fmt.Fprintln(os.Stderr, "error: "+err.Error())
		os.Exit(1)
	}
}
