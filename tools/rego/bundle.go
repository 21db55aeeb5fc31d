package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

const (
	maxUnpacked = 64 << 20
	maxEntries  = 10_000
)

// unpack reads a .tar.gz without trusting what it says of itself.
func unpack(name string, packed []byte) ([]file, error) {
	bad := func(what string) error { return &failure{Message: what, Place: name} }
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, bad("no .tar.gz: " + err.Error())
	}
	limited := &io.LimitedReader{R: unzipped, N: maxUnpacked + 1}
	archive := tar.NewReader(limited)
	var files []file
	seen := map[string]bool{}
	for entries := 0; ; entries++ {
		head, err := archive.Next()
		switch {
		case limited.N <= 0:
			return nil, bad(fmt.Sprintf("unpacks to more than %d MiB", maxUnpacked>>20))
		case errors.Is(err, io.EOF):
			return files, nil
		case err != nil:
			return nil, bad("broken archive: " + err.Error())
		case entries >= maxEntries:
			return nil, bad(fmt.Sprintf("more than %d entries", maxEntries))
		case head.Typeflag == tar.TypeDir:
			continue
		case head.Typeflag != tar.TypeReg:
			return nil, bad(head.Name + " is neither a file nor a folder")
		}
		within := path.Clean(strings.TrimLeft(head.Name, "/"))
		if strings.HasPrefix(head.Name, "/") && strings.Contains(head.Name, "..") ||
			within == ".." || strings.HasPrefix(within, "../") {
			return nil, bad(head.Name + " leads out of the bundle")
		}
		text, err := io.ReadAll(archive)
		if limited.N <= 0 {
			return nil, bad(fmt.Sprintf("unpacks to more than %d MiB", maxUnpacked>>20))
		}
		if err != nil {
			return nil, bad("broken archive: " + err.Error())
		}
		if seen[within] {
			return nil, bad(within + " is there twice")
		}
		seen[within] = true
		files = append(files, file{path.Join(name, within), string(text)})
	}
}
