package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	v1 "k8s.io/api/core/v1"
)

// launch is how a process of a container is made, with the values that the cluster held when it was read.
type launch struct {
	command []string
	env     []string
	dir     string
	mounts  []mount
	scratch string
	user    *int64
	group   *int64
}

// entry is for the first process of a container.
func (l launch) entry() entry {
	asked := entry{Command: l.command, Dir: l.dir, Mounts: l.mounts, Scratch: l.scratch}
	if l.user != nil {
		id := uint32(*l.user)
		asked.User = &id
	}
	if l.group != nil {
		id := uint32(*l.group)
		asked.Group = &id
	}
	return asked
}

// launchOf reads what a container says it needs from the API server, now.
func (w *podWorker) launchOf(ctx context.Context, spec *v1.Container) (launch, error) {
	folder := filepath.Join(w.folder, "containers", spec.Name)
	home, scratch := filepath.Join(folder, "home"), filepath.Join(folder, "root")
	for _, one := range []string{home, scratch} {
		if err := makeOpen(one); err != nil {
			return launch{}, err
		}
	}
	env := variables{"PATH": os.Getenv("PATH"), "HOME": home}
	made := launch{dir: home, scratch: scratch}
	if spec.WorkingDir != "" {
		made.dir = spec.WorkingDir
	}
	for _, asked := range spec.VolumeMounts {
		path := w.volumePath(asked.Name)
		env[mountVariable(asked.Name)] = path
		if w.k.mounts {
			source, err := subPath(path, asked)
			if err != nil {
				return launch{}, fmt.Errorf("failed to prepare subPath for volumeMount %q of container %q", asked.Name, spec.Name)
			}
			made.mounts = append(made.mounts, mount{source, asked.MountPath, asked.ReadOnly})
		}
	}
	fields := w.fields()
	if err := env.resolve(ctx, newObjects(w.k.client, w.namespace), spec, fields); err != nil {
		return launch{}, err
	}
	for _, argument := range append(append([]string{}, spec.Command...), spec.Args...) {
		made.command = append(made.command, expand(argument, env))
	}
	made.env = append(env.list(), w.k.service...)
	if os.Geteuid() == 0 {
		made.user, made.group = identity(fields.pod.Spec.SecurityContext, spec.SecurityContext)
	}
	return made, nil
}

// subPath answers what of a volume is mounted. As with a real kubelet a link is followed once, now, so a later change of
// the volume is not seen through it.
func subPath(volume string, asked v1.VolumeMount) (string, error) {
	if asked.SubPath == "" {
		return volume, nil
	}
	path := filepath.Join(volume, asked.SubPath)
	_, missing := os.Stat(path)
	if _, err := os.Lstat(filepath.Join(volume, dataLink)); missing != nil && os.IsNotExist(err) {
		if err := makeOpen(path); err != nil {
			return "", err
		}
	}
	return filepath.EvalSymlinks(path)
}

func identity(pod *v1.PodSecurityContext, own *v1.SecurityContext) (user, group *int64) {
	if pod != nil {
		user, group = pod.RunAsUser, pod.RunAsGroup
	}
	if own != nil && own.RunAsUser != nil {
		user = own.RunAsUser
	}
	if own != nil && own.RunAsGroup != nil {
		group = own.RunAsGroup
	}
	return user, group
}

// visit runs a command inside a running container, and kills it when kill ends or the container does. Nil streams are
// closed ones.
func (c *container) visit(kill context.Context, command []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	c.worker.mutex.Lock()
	running, how := c.running, c.launched
	c.worker.mutex.Unlock()
	if running == nil {
		return 0, fmt.Errorf("container %s is not running", c.spec.Name)
	}
	asked := how.entry()
	asked.Command, asked.Mounts = command, nil
	if len(how.mounts) > 0 {
		asked.Join = running.pid
	}
	p, err := startProcess(asked, how.env, stdin, stdout, stderr)
	if err != nil {
		return 0, err
	}
	c.worker.mutex.Lock()
	c.guests[p] = true
	if c.running != running {
		p.kill()
	}
	c.worker.mutex.Unlock()
	p.endOrKill(kill)
	c.worker.mutex.Lock()
	delete(c.guests, p)
	c.worker.mutex.Unlock()
	return p.exitCode, nil
}
