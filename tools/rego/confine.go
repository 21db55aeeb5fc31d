package main

import (
	"runtime/debug"
	"syscall"
)

const (
	softMemory      = 512 << 20 // where the collector begins to work hard
	hardMemory      = 2 << 30   // address space; beyond it the engine dies, which refuses the build
	cpuSeconds      = 600
	openFiles       = 16
	prSetNoNewPrivs = 38
)

// confine takes from this process what rules never need. It cannot be undone.
func confine() error {
	debug.SetMemoryLimit(softMemory)
	limits := []struct {
		resource int
		most     uint64
	}{
		{syscall.RLIMIT_AS, hardMemory},
		{syscall.RLIMIT_CPU, cpuSeconds},
		{syscall.RLIMIT_NOFILE, openFiles},
		{syscall.RLIMIT_FSIZE, 0},
		{syscall.RLIMIT_CORE, 0},
	}
	for _, limit := range limits {
		var now syscall.Rlimit
		if err := syscall.Getrlimit(limit.resource, &now); err != nil {
			return err
		}
		most := min(limit.most, now.Max)
		if err := syscall.Setrlimit(limit.resource, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return err
		}
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetNoNewPrivs, 1, 0); errno != 0 {
		return errno
	}
	return nil
}
