package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	firstBackOff = time.Second
	lastBackOff  = 20 * time.Second
	// A process that ran this long starts with the first back-off again.
	backOffForgotten = 2 * lastBackOff
	// How soon something that keeps a container from being made is looked at again.
	configRetry = time.Second
)

// container is one container of a pod over all its processes.
type container struct {
	worker *podWorker
	spec   *v1.Container
	init   bool
	policy v1.RestartPolicy
	logs   *containerLogs

	// Under the worker's mutex.
	state    v1.ContainerState
	last     *v1.ContainerStateTerminated
	restarts int32
	// Number of the newest process, from 1; 0 when none was started.
	instance int
	started  bool
	ready    bool
	running  *process
	launched launch
	// Processes of exec and of probes, which end with the container.
	guests map[*process]bool
	// Whether it will not be started again by itself.
	over bool
}

// run keeps the container going until its policy lets it rest or ctx ends; the result is whether it ended well.
func (c *container) run(ctx context.Context) bool {
	for delay := firstBackOff; ; {
		p, terminated := c.start(ctx)
		if p == nil && terminated == nil {
			return false
		}
		if p != nil {
			c.attend(ctx, p)
			terminated = c.terminatedBy(p)
			if p.ended.Sub(p.started) > backOffForgotten {
				delay = firstBackOff
			}
		}
		if ctx.Err() != nil || !c.restartsAfter(terminated.ExitCode) {
			c.rest(v1.ContainerState{Terminated: terminated}, func() { c.over = true })
			return terminated.ExitCode == 0
		}
		message := fmt.Sprintf("back-off %s restarting failed container=%s pod=%s", delay, c.spec.Name, c.worker.label())
		c.rest(waiting("CrashLoopBackOff", message), func() { c.last = terminated })
		c.event(v1.EventTypeWarning, "BackOff", "Back-off restarting failed container %s in pod %s", c.spec.Name, c.worker.label())
		if !sleep(ctx, delay) {
			c.rest(v1.ContainerState{Terminated: terminated}, func() { c.over = true })
			return false
		}
		delay = min(2*delay, lastBackOff)
	}
}

// rest is for a container without a process.
func (c *container) rest(state v1.ContainerState, change func()) {
	c.set(func() {
		c.state, c.running, c.ready, c.started = state, nil, false, false
		change()
	})
}

// isSidecar tells an init container that runs beside the others, until they have ended.
func (c *container) isSidecar() bool {
	return c.spec.RestartPolicy != nil && *c.spec.RestartPolicy == v1.ContainerRestartPolicyAlways && c.init
}

func (c *container) restartsAfter(exitCode int32) bool {
	return c.policy == v1.RestartPolicyAlways || c.policy == v1.RestartPolicyOnFailure && exitCode != 0
}

// start tries until a process is there. Without one it answers how it could not be started, or nothing when ctx ended.
func (c *container) start(ctx context.Context) (*process, *v1.ContainerStateTerminated) {
	for pull := firstBackOff; ctx.Err() == nil; {
		reason, message := c.prepare(ctx)
		if reason == "" {
			return c.launch()
		}
		c.set(func() { c.state = waiting(reason, message) })
		c.event(v1.EventTypeWarning, "Failed", "Error: %s", message)
		if !sleep(ctx, configRetry) {
			break
		}
		if reason == "ErrImagePull" {
			c.set(func() { c.state = waiting("ImagePullBackOff", fmt.Sprintf("Back-off pulling image %q", c.spec.Image)) })
			c.event(v1.EventTypeNormal, "BackOff", "Back-off pulling image %q", c.spec.Image)
			sleep(ctx, pull)
			pull = min(2*pull, lastBackOff)
		}
	}
	return nil, nil
}

// prepare reads all that the process needs to be told; an answer is why the container cannot be made now.
func (c *container) prepare(ctx context.Context) (reason, message string) {
	if strings.HasPrefix(c.spec.Image, "missing/") {
		return "ErrImagePull", fmt.Sprintf("failed to pull and unpack image %q: not found", c.spec.Image)
	}
	if len(c.spec.Command) == 0 {
		return "CreateContainerError", "no command specified"
	}
	ready, err := c.worker.launchOf(ctx, c.spec)
	if err != nil {
		return "CreateContainerConfigError", err.Error()
	}
	c.worker.mutex.Lock()
	defer c.worker.mutex.Unlock()
	c.launched = ready
	return "", ""
}

func (c *container) launch() (*process, *v1.ContainerStateTerminated) {
	next := c.instance + 1
	stdout, stderr, err := c.logs.open(next)
	var p *process
	if err == nil {
		p, err = startProcess(c.launched.entry(), c.launched.env, nil, stdout, stderr)
	}
	now := metav1.Now()
	if err != nil {
		c.logs.close()
		c.set(func() { c.instance, c.restarts = next, int32(next-1) })
		c.event(v1.EventTypeWarning, "Failed", "Error: %s", err.Error())
		return nil, &v1.ContainerStateTerminated{
			ExitCode: 128, Reason: "StartError", Message: err.Error(), StartedAt: now, FinishedAt: now, ContainerID: c.id(),
		}
	}
	c.set(func() {
		c.running, c.instance, c.restarts = p, next, int32(next-1)
		c.state = v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: now}}
		c.started = c.spec.StartupProbe == nil
		c.ready = c.started && c.spec.ReadinessProbe == nil
	})
	c.event(v1.EventTypeNormal, "Started", "Container started")
	return p, nil
}

// attend waits for the end of a process: by itself, by a probe, or because ctx ended.
func (c *container) attend(ctx context.Context, p *process) {
	probing, stopProbes := context.WithCancel(context.Background())
	unhealthy := c.probe(ctx, probing, p)
	select {
	case <-p.done:
	case message := <-unhealthy:
		c.event(v1.EventTypeNormal, "Killing", "Container %s failed %s probe, will be restarted", c.spec.Name, message.kind)
		kill, cancel := context.WithTimeout(c.worker.kill, message.grace)
		p.end(kill)
		cancel()
	case <-ctx.Done():
		c.event(v1.EventTypeNormal, "Killing", "Stopping container %s", c.spec.Name)
		c.preStop(p)
		p.end(c.worker.kill)
	}
	stopProbes()
	c.logs.close()
	c.worker.mutex.Lock()
	defer c.worker.mutex.Unlock()
	c.running = nil
	for guest := range c.guests {
		guest.kill()
	}
}

func (c *container) preStop(p *process) {
	if c.spec.Lifecycle == nil || c.spec.Lifecycle.PreStop == nil {
		return
	}
	hook := c.spec.Lifecycle.PreStop
	switch {
	case hook.Exec != nil:
		if code, err := c.visit(c.worker.kill, hook.Exec.Command, nil, nil, nil); err != nil || code != 0 {
			c.event(v1.EventTypeWarning, "FailedPreStopHook", "PreStopHook failed")
		}
	case hook.Sleep != nil:
		select {
		case <-p.done:
		case <-c.worker.kill.Done():
		case <-time.After(time.Duration(hook.Sleep.Seconds) * time.Second):
		}
	}
}

func (c *container) terminatedBy(p *process) *v1.ContainerStateTerminated {
	terminated := &v1.ContainerStateTerminated{
		ExitCode: int32(p.exitCode), Signal: int32(p.signal), Reason: "Completed",
		StartedAt: metav1.NewTime(p.started), FinishedAt: metav1.NewTime(p.ended), ContainerID: c.id(),
	}
	if p.exitCode != 0 {
		terminated.Reason = "Error"
		if c.spec.TerminationMessagePolicy == v1.TerminationMessageFallbackToLogsOnError {
			terminated.Message = c.logs.lastWords(c.instance)
		}
	}
	return terminated
}

// id names the newest process in the API.
func (c *container) id() string {
	return containerID(c.worker, c.spec.Name, c.instance)
}

func containerID(worker *podWorker, name string, instance int) string {
	if instance == 0 {
		return ""
	}
	return fmt.Sprintf("process://%s-%s-%d", worker.uid, name, instance)
}

// set changes what the status is made of, and has it told.
func (c *container) set(change func()) {
	c.worker.mutex.Lock()
	change()
	c.worker.mutex.Unlock()
	c.worker.touch()
}

func (c *container) event(kind, reason, format string, args ...any) {
	c.worker.k.events.Eventf(c.worker.reference(c.spec.Name), kind, reason, format, args...)
}

func waiting(reason, message string) v1.ContainerState {
	return v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: reason, Message: message}}
}

// sleep answers false when ctx ended first.
func sleep(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
