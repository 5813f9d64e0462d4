package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// How long output is still read after the last process of a group was killed: one that left the group may hold it.
const outputGrace = time.Second

// process is a command of a container with all that it starts: one process group.
type process struct {
	pid int
	// Closed when it has ended and all its output was written.
	done chan struct{}
	// Of the command itself, as a shell tells it; valid after done.
	exitCode int
	signal   int
	// Valid after done.
	started, ended time.Time
}

// errStart is why a command did not become a process.
type errStart struct{ message string }

func (e errStart) Error() string { return e.message }

// makeProcess is done on the first thread: the kernel kills our processes when the thread that made them ends, and lists
// them as its children.
var makeProcess = make(chan func())

// startProcess runs a command with exactly this environment. stdin may be nil. The kernel kills it when we die.
func startProcess(asked entry, env []string, stdin io.Reader, stdout, stderr io.Writer) (*process, error) {
	text, err := json.Marshal(asked)
	if err != nil {
		return nil, err
	}
	heard, complaint, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer heard.Close()
	cmd := exec.Command("/proc/self/exe", enterArgument, string(text))
	cmd.Env, cmd.Stdout, cmd.Stderr = env, stdout, stderr
	cmd.ExtraFiles = []*os.File{complaint}
	cmd.WaitDelay = outputGrace
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if len(asked.Mounts) > 0 {
		cmd.SysProcAttr.Cloneflags = unix.CLONE_NEWNS
	}
	if stdin != nil {
		input, err := cmd.StdinPipe()
		if err != nil {
			return nil, errors.Join(err, complaint.Close())
		}
		// Not by cmd itself, whose Wait would wait for the end of a stdin that nobody closes.
		go func() {
			_, _ = io.Copy(input, stdin)
			_ = input.Close()
		}()
	}
	started := make(chan error, 1)
	makeProcess <- func() { started <- cmd.Start() }
	err = <-started
	_ = complaint.Close()
	if err != nil {
		return nil, errStart{err.Error()}
	}
	p := &process{pid: cmd.Process.Pid, done: make(chan struct{}), started: time.Now()}
	go p.wait(cmd)
	said, err := io.ReadAll(heard)
	if err != nil || len(said) > 0 {
		p.kill()
		<-p.done
		return nil, errStart{fmt.Sprintf("failed to start the process: %s", said)}
	}
	return p, nil
}

// wait ends the whole group when its first process has ended, as a container ends with its process 1.
func (p *process) wait(cmd *exec.Cmd) {
	defer close(p.done)
	// Not yet reaped, so its number is still that of its group.
	for unix.Waitid(unix.P_PID, p.pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
		continue
	}
	p.ended = time.Now()
	p.kill()
	_ = cmd.Wait()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		p.signal = int(status.Signal())
		p.exitCode = 128 + p.signal
		return
	}
	p.exitCode = cmd.ProcessState.ExitCode()
}

func (p *process) kill() {
	_ = unix.Kill(-p.pid, unix.SIGKILL)
}

// end asks the group to end, kills it when kill ends first, and returns when it has ended.
func (p *process) end(kill context.Context) {
	if !p.hasEnded() {
		_ = unix.Kill(-p.pid, unix.SIGTERM)
	}
	p.endOrKill(kill)
}

// endOrKill is end for a process that was not asked to end.
func (p *process) endOrKill(kill context.Context) {
	select {
	case <-p.done:
	case <-kill.Done():
		p.kill()
		<-p.done
	}
}

func (p *process) hasEnded() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}
