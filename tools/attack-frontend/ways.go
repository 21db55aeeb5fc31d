package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
)

func solve(ctx context.Context, c client.Client, state llb.State, request client.SolveRequest) (*client.Result, error) {
	definition, err := state.Marshal(ctx, llb.LinuxAmd64)
	if err != nil {
		return nil, err
	}
	request.Definition = definition.ToPB()
	request.Evaluate = true
	return c.Solve(ctx, request)
}

func (a *attacker) ref(state llb.State) (client.Reference, error) {
	result, err := solve(a, a.Client, state, client.SolveRequest{})
	if err != nil {
		return nil, err
	}
	return result.SingleRef()
}

// root is the frontend's own image, with its kit.
func (a *attacker) root() llb.State { return llb.Image(a.BuildOpts().Opts["source"]) }

// links is a folder with links to what is wanted: made by a step, for no frontend may make them otherwise.
func (a *attacker) links() llb.State {
	return a.root().Run(llb.Args([]string{"/kit/busybox", "sh", "-c", a.fill(
		"cd / && /kit/busybox ln -s $MARK file && /kit/busybox ln -s $PLACE_OF_MARK folder")})).Root()
}

func shell(script string) []string {
	return []string{"/kit/busybox", "sh", "-c", "PATH=/kit/bin:/kit; (" + script + ") > /got 2>&1; exit 0"}
}

func stepWith(script string, option func(*attacker) llb.RunOption) attempt {
	return func(a *attacker) (string, error) {
		ref, err := a.ref(a.root().Run(llb.Args(shell(a.fill(script))), llb.IgnoreCache, option(a)).Root())
		if err != nil {
			return "", err
		}
		got, err := ref.ReadFile(a, client.ReadRequest{Filename: "/got"})
		return string(got), err
	}
}

// step runs a script as a RUN step would, with more than a Dockerfile may ask for.
func step(script string, options ...llb.RunOption) attempt {
	return stepWith(script, func(*attacker) llb.RunOption {
		if len(options) == 0 {
			return llb.Network(llb.NetModeSandbox)
		}
		return options[0]
	})
}

type writer struct{ bytes.Buffer }

func (*writer) Close() error { return nil }

func (a *attacker) start(script string, request client.NewContainerRequest, mode pb.SecurityMode) (string, error) {
	root, err := a.ref(a.root())
	if err != nil {
		return "", err
	}
	request.Mounts = append(request.Mounts, client.Mount{Dest: "/", MountType: pb.MountType_BIND, Ref: root})
	made, err := a.NewContainer(a, request)
	if err != nil {
		return "", err
	}
	defer made.Release(context.WithoutCancel(a))
	var said writer
	process, err := made.Start(a, client.StartRequest{Args: []string{"/kit/busybox", "sh", "-c", "PATH=/kit/bin:/kit; " + a.fill(script)},
		Cwd: "/", Stdin: io.NopCloser(strings.NewReader("")), Stdout: &said, Stderr: &said, SecurityMode: mode})
	if err != nil {
		return "", err
	}
	err = process.Wait()
	return said.String(), err
}

// container runs a script in a container of the frontend's own, which is no step of the build.
func container(script string, request client.NewContainerRequest, mode pb.SecurityMode) attempt {
	return func(a *attacker) (string, error) { return a.start(script, request, mode) }
}

// containerMount is container with something at /c.
func containerMount(script string, mount client.Mount) attempt {
	return func(a *attacker) (string, error) {
		mount.Dest = "/c"
		if mount.Selector != "" {
			mount.Selector += place(a)
			root, err := a.ref(a.links())
			if err != nil {
				return "", err
			}
			mount.Ref = root
		}
		if mount.CacheOpt != nil {
			mount.CacheOpt.ID += place(a)
		}
		return a.start(script, client.NewContainerRequest{Mounts: []client.Mount{mount}}, 0)
	}
}

func readLinks(file string) attempt {
	return func(a *attacker) (string, error) {
		ref, err := a.ref(a.links())
		if err != nil {
			return "", err
		}
		got, err := ref.ReadFile(a, client.ReadRequest{Filename: a.fill(file)})
		return string(got), err
	}
}

func listLinks(a *attacker) (string, error) {
	ref, err := a.ref(a.links())
	if err != nil {
		return "", err
	}
	got, err := ref.ReadDir(a, client.ReadDirRequest{Path: "/folder"})
	return fmt.Sprint(got), err
}

func copyLinks(info llb.CopyInfo) attempt {
	return func(a *attacker) (string, error) {
		links := a.links()
		return a.everything(llb.Scratch().File(llb.Copy(links, "/file", "/got", &info)), client.SolveRequest{})
	}
}

// everything shows the files at the top of what a state solves to.
func (a *attacker) everything(state llb.State, request client.SolveRequest) (string, error) {
	result, err := solve(a, a.Client, state, request)
	if err != nil {
		return "", err
	}
	ref, err := result.SingleRef()
	if err != nil || ref == nil {
		return "", err
	}
	found, err := ref.ReadDir(a, client.ReadDirRequest{Path: "/"})
	var said string
	for _, each := range found {
		text, wrong := ref.ReadFile(a, client.ReadRequest{Filename: each.Path, Range: &client.FileRange{Length: 4096}})
		said += fmt.Sprintln(each.Path, string(text), wrong)
	}
	return said, err
}

func source(from func(*attacker) llb.State) attempt {
	return func(a *attacker) (string, error) { return a.everything(from(a), client.SolveRequest{}) }
}

func web(url string, options ...llb.HTTPOption) func(*attacker) llb.State {
	return func(a *attacker) llb.State { return llb.HTTP(a.fill(url), options...) }
}

// local reads a file of a folder that the session shares, or should not.
func local(name, file string, options ...llb.LocalOption) attempt {
	return func(a *attacker) (string, error) {
		ref, err := a.ref(llb.Local(a.fill(name), append(options, llb.SharedKeyHint(name))...))
		if err != nil {
			return "", err
		}
		got, err := ref.ReadFile(a, client.ReadRequest{Filename: a.fill(file)})
		return string(got), err
	}
}

func configOf(name string) attempt {
	return func(a *attacker) (string, error) {
		_, _, config, err := a.ResolveImageConfig(a, a.fill(name), sourceresolver.Opt{})
		return string(config), err
	}
}

// cacheFrom lets the daemon fetch a cache from wherever the frontend likes.
func cacheFrom(kind string, attributes map[string]string) attempt {
	return func(a *attacker) (string, error) {
		filled := map[string]string{}
		for name, value := range attributes {
			filled[name] = a.fill(value)
		}
		state := llb.Scratch().File(llb.Mkfile("/"+kind, 0o644, []byte("x"))).File(llb.Mkfile("/x", 0o644, []byte("x")), llb.IgnoreCache)
		return a.everything(state, client.SolveRequest{CacheImports: []client.CacheOptionsEntry{{Type: kind, Attrs: filled}}})
	}
}

// nested asks another frontend, with options that the client did not give.
func nested(what string) attempt {
	return func(a *attacker) (string, error) {
		options := map[string]string{"source": a.BuildOpts().Opts["source"], "build-arg:ATTEMPTS": "step-insecure,container-insecure",
			"entitlements": "security.insecure", "force-network-mode": "host"}
		_, err := a.Solve(a, client.SolveRequest{Frontend: "gateway.v0", FrontendOpt: options, Evaluate: true})
		return what, err
	}
}

func nestedContext(url string) attempt {
	return func(a *attacker) (string, error) {
		result, err := a.Solve(a, client.SolveRequest{Frontend: "dockerfile.v0", Evaluate: true, FrontendOpt: map[string]string{"context": a.fill(url)}})
		return fmt.Sprint(result), err
	}
}
