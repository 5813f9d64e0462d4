package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// First argument with which this program becomes a process of a container.
const enterArgument = "enter-container"

// Where the one who started it reads why a process could not be made; closed without a word when it runs.
const complaintFd = 3

// entry is what stands between this program and the command of a container.
type entry struct {
	Command []string `json:"command"`
	Dir     string   `json:"dir"`
	Mounts  []mount  `json:"mounts,omitempty"`
	// Instead: the process whose mounts are shared; 0: none.
	Join int `json:"join,omitempty"`
	// An empty folder to build on.
	Scratch string  `json:"scratch,omitempty"`
	User    *uint32 `json:"user,omitempty"`
	Group   *uint32 `json:"group,omitempty"`
}

// enter mounts what the container asked for, gives up rights, and becomes its command. It never returns, and stays on
// the first thread: mounts, working directory and the like can be those of one thread.
func enter(text string) {
	unix.CloseOnExec(complaintFd)
	err := becomeCommand(text)
	complaint := os.NewFile(complaintFd, "complaint")
	_, _ = fmt.Fprint(complaint, err)
	os.Exit(128)
}

func becomeCommand(text string) error {
	var asked entry
	if err := json.Unmarshal([]byte(text), &asked); err != nil {
		return err
	}
	if err := errors.Join(joinMounts(asked.Join), mountAll(asked.Scratch, asked.Mounts)); err != nil {
		return err
	}
	if err := giveUpRights(asked); err != nil {
		return err
	}
	if err := os.Chdir(asked.Dir); err != nil {
		return err
	}
	path, err := exec.LookPath(asked.Command[0])
	if err != nil {
		return err
	}
	// After the change of user, which clears it; of this thread, which becomes the process.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	return errors.Join(fmt.Errorf("exec %s", path), syscall.Exec(path, asked.Command, os.Environ()))
}

func giveUpRights(asked entry) error {
	if asked.User == nil && asked.Group == nil {
		return nil
	}
	group := 0
	if asked.Group != nil {
		group = int(*asked.Group)
	}
	if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(group)); err != nil {
		return err
	}
	if asked.User == nil {
		return nil
	}
	return syscall.Setuid(int(*asked.User))
}
