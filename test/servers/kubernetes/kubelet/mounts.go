package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// mount shows a folder or file at another path.
type mount struct {
	Source   string `json:"source"`
	Target   string `json:"target"`
	ReadOnly bool   `json:"readOnly,omitempty"`
}

// canMount says whether processes can have a mount namespace of their own.
func canMount() bool {
	if os.Geteuid() != 0 {
		return false
	}
	try := exec.Command("/bin/true")
	try.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	return try.Run() == nil
}

// joinMounts gives this thread the mounts and the root of another process.
func joinMounts(pid int) error {
	if pid == 0 {
		return nil
	}
	namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/mnt", pid))
	if err != nil {
		return err
	}
	defer namespace.Close()
	root, err := os.Open(fmt.Sprintf("/proc/%d/root", pid))
	if err != nil {
		return err
	}
	defer root.Close()
	// Threads that share a working directory may not change their mounts alone.
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return err
	}
	if err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNS); err != nil {
		return err
	}
	if err := unix.Fchdir(int(root.Fd())); err != nil {
		return err
	}
	return unix.Chroot(".")
}

// mountAll expects to be alone in a mount namespace. Mount points that the machine does not have are made without
// touching it: the folder that lacks one is covered by an empty file system that shows all its entries again.
func mountAll(scratch string, mounts []mount) error {
	if len(mounts) == 0 {
		return nil
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	for _, one := range mounts {
		if err := mountOne(scratch, one); err != nil {
			return fmt.Errorf("mounting %s: %w", one.Target, err)
		}
	}
	return nil
}

func mountOne(scratch string, one mount) error {
	source, err := os.Stat(one.Source)
	if err != nil {
		return err
	}
	target, err := mountPoint(scratch, filepath.Clean(one.Target), source.IsDir())
	if err != nil {
		return err
	}
	if err := unix.Mount(one.Source, target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return err
	}
	if !one.ReadOnly {
		return nil
	}
	return unix.Mount("", target, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, "")
}

// mountPoint answers where a path really is, and makes it when it is not there.
func mountPoint(scratch, path string, folder bool) (string, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real, nil
	}
	base := filepath.Dir(path)
	for ; ; base = filepath.Dir(base) {
		real, err := filepath.EvalSymlinks(base)
		if err == nil {
			rest := strings.TrimPrefix(path, base)
			base, path = real, filepath.Join(real, rest)
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	if err := cover(scratch, base); err != nil {
		return "", fmt.Errorf("covering %s: %w", base, err)
	}
	return path, makeEmpty(path, folder)
}

// cover puts an empty file system on a folder, in which its entries are mounted again.
func cover(scratch, folder string) error {
	about, err := os.Stat(folder)
	if err != nil {
		return err
	}
	options := fmt.Sprintf("mode=%o", about.Mode().Perm())
	if about.Mode()&fs.ModeSticky != 0 {
		options = fmt.Sprintf("mode=1%o", about.Mode().Perm())
	}
	if err := unix.Mount("tmpfs", scratch, "tmpfs", 0, options); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := showAgain(filepath.Join(folder, entry.Name()), filepath.Join(scratch, entry.Name()), entry); err != nil {
			return err
		}
	}
	if folder == "/" {
		return errors.Join(unix.Chroot(scratch), os.Chdir("/"))
	}
	return unix.Mount(scratch, folder, "", unix.MS_MOVE, "")
}

func showAgain(old, shown string, entry fs.DirEntry) error {
	if entry.Type()&fs.ModeSymlink != 0 {
		to, err := os.Readlink(old)
		if err != nil {
			return err
		}
		return os.Symlink(to, shown)
	}
	if err := makeEmpty(shown, entry.IsDir()); err != nil {
		return err
	}
	err := unix.Mount(old, shown, "", unix.MS_BIND|unix.MS_REC, "")
	if errors.Is(err, fs.ErrNotExist) {
		return os.Remove(shown)
	}
	return err
}

func makeEmpty(path string, folder bool) error {
	if folder {
		return os.MkdirAll(path, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, nil, 0o644)
}
