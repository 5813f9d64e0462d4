package main

import (
	"context"
	"encoding/json"
	"log"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

const (
	hostIP        = "127.0.0.1"
	statusRetry   = 200 * time.Millisecond
	statusRetries = 25
)

// publish writes the status whenever it was touched, and once more when the pod has ended.
func (w *podWorker) publish(ended <-chan struct{}) {
	for {
		select {
		case <-w.dirty:
			if !w.publishNow() {
				time.AfterFunc(statusRetry, w.touch)
			}
		case <-ended:
			for range statusRetries {
				if w.publishNow() {
					return
				}
				time.Sleep(statusRetry)
			}
			return
		}
	}
}

// publishNow answers false when it should be tried again.
func (w *podWorker) publishNow() bool {
	if w.k.isClosing() {
		return true
	}
	w.mutex.Lock()
	old := w.told
	fresh := old.DeepCopy()
	w.fill(&fresh.Status)
	w.mutex.Unlock()
	told, err := w.k.patchStatus(old, fresh)
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return true
	}
	if err != nil {
		log.Printf("status of pod %s: %v", w.label(), err)
		return false
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.told = told
	return true
}

// patchStatus sends what is different; it fails with a conflict when the pod is another one of the same name.
func (k *kubelet) patchStatus(old, fresh *v1.Pod) (*v1.Pod, error) {
	before, err := json.Marshal(v1.Pod{Status: old.Status})
	if err != nil {
		return nil, err
	}
	about := metav1.ObjectMeta{UID: old.UID}
	after, err := json.Marshal(v1.Pod{ObjectMeta: about, Status: fresh.Status})
	if err != nil {
		return nil, err
	}
	patch, err := strategicpatch.CreateTwoWayMergePatch(before, after, v1.Pod{})
	if err != nil {
		return nil, err
	}
	unchanged, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": old.UID}})
	if err != nil || string(patch) == string(unchanged) {
		return old, err
	}
	return k.client.CoreV1().Pods(old.Namespace).Patch(
		context.Background(), old.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
}

// fill writes what the node knows into a status; what others wrote there stays. Expects the mutex to be held.
func (w *podWorker) fill(status *v1.PodStatus) {
	status.StartTime = &w.startTime
	status.HostIP, status.HostIPs = hostIP, []v1.HostIP{{IP: hostIP}}
	if ip := w.ip(); ip != "" {
		status.PodIP, status.PodIPs = ip, []v1.PodIP{{IP: ip}}
	}
	status.ObservedGeneration = w.pod.Generation
	status.InitContainerStatuses = statuses(w.inits)
	status.ContainerStatuses = statuses(w.mains)
	status.Phase = w.phase()
	finished := status.Phase == v1.PodSucceeded || status.Phase == v1.PodFailed
	reason, unready := "ContainersNotReady", ""
	if status.Phase == v1.PodSucceeded {
		reason = "PodCompleted"
	}
	if status.Phase == v1.PodFailed {
		reason = "PodFailed"
	}
	for _, c := range append(w.sidecars(), w.mains...) {
		if !c.ready {
			unready += " " + c.spec.Name
		}
	}
	ready := unready == "" && !finished
	set := func(kind v1.PodConditionType, ok bool, reason, message string) {
		one := v1.PodCondition{Type: kind, Status: v1.ConditionTrue}
		if !ok {
			one.Status, one.Reason, one.Message = v1.ConditionFalse, reason, message
		}
		setCondition(status, one)
	}
	set(v1.PodScheduled, true, "", "")
	set(v1.PodReadyToStartContainers, w.prepared && !finished, "", "")
	set(v1.PodInitialized, w.initialized, "ContainersNotInitialized", "containers are not initialized")
	set(v1.ContainersReady, ready, reason, "containers with unready status: ["+trimmed(unready)+"]")
	if gate := w.closedGate(); ready && gate != "" {
		set(v1.PodReady, false, "ReadinessGatesNotReady", "corresponding condition of pod readiness gate \""+gate+"\" does not exist or is not True")
		return
	}
	set(v1.PodReady, ready, reason, "containers with unready status: ["+trimmed(unready)+"]")
}

func trimmed(list string) string {
	if list == "" {
		return list
	}
	return list[1:]
}

// closedGate answers a readiness gate that no one has opened.
func (w *podWorker) closedGate() string {
	for _, gate := range w.pod.Spec.ReadinessGates {
		open := false
		for _, known := range w.pod.Status.Conditions {
			open = open || known.Type == gate.ConditionType && known.Status == v1.ConditionTrue
		}
		if !open {
			return string(gate.ConditionType)
		}
	}
	return ""
}

// phase follows the rules of the API: a pod has ended only when none of its containers will run again.
func (w *podWorker) phase() v1.PodPhase {
	begun, over, good := false, true, true
	for _, c := range w.mains {
		begun = begun || c.instance > 0
		over = over && c.over
		good = good && c.over && c.state.Terminated.ExitCode == 0
	}
	for _, c := range w.inits {
		if c.over && !c.isSidecar() && c.state.Terminated.ExitCode != 0 {
			return v1.PodFailed
		}
	}
	switch {
	case over && good:
		return v1.PodSucceeded
	case over:
		return v1.PodFailed
	case begun:
		return v1.PodRunning
	default:
		return v1.PodPending
	}
}

func statuses(containers []*container) []v1.ContainerStatus {
	var list []v1.ContainerStatus
	for _, c := range containers {
		one := v1.ContainerStatus{
			Name: c.spec.Name, Image: c.spec.Image, Ready: c.ready,
			RestartCount: c.restarts, State: c.state, ContainerID: c.id(),
		}
		started := c.started
		one.Started = &started
		if c.last != nil {
			one.LastTerminationState = v1.ContainerState{Terminated: c.last}
		}
		if c.over && c.state.Terminated.ExitCode == 0 && c.init && !c.isSidecar() {
			one.Ready = true
		}
		list = append(list, one)
	}
	return list
}

func (w *podWorker) sidecars() []*container {
	var found []*container
	for _, c := range w.inits {
		if c.isSidecar() {
			found = append(found, c)
		}
	}
	return found
}

// ip is that of the pod; "" before it has one. Expects the mutex to be held.
func (w *podWorker) ip() string {
	switch {
	case w.pod.Spec.HostNetwork:
		return hostIP
	case w.address.IsValid():
		return w.address.String()
	default:
		return ""
	}
}

func setCondition(status *v1.PodStatus, wanted v1.PodCondition) {
	wanted.LastTransitionTime = metav1.Now()
	for i, known := range status.Conditions {
		if known.Type != wanted.Type {
			continue
		}
		if known.Status == wanted.Status {
			wanted.LastTransitionTime = known.LastTransitionTime
		}
		wanted.ObservedGeneration = known.ObservedGeneration
		status.Conditions[i] = wanted
		return
	}
	status.Conditions = append(status.Conditions, wanted)
}
