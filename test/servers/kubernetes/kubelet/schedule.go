package main

import (
	"context"
	"fmt"
	"log"
	"strings"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
)

// schedule binds a pod to the node, or says in its status why not, as kube-scheduler does; it is called again whenever
// the pod or the node has changed.
func (k *kubelet) schedule(pod *v1.Pod, node *v1.Node) {
	if pod.DeletionTimestamp != nil || len(pod.Spec.SchedulingGates) > 0 {
		return
	}
	if pod.Spec.SchedulerName != "" && pod.Spec.SchedulerName != v1.DefaultSchedulerName {
		return
	}
	if why := misfit(pod, node); why != "" {
		k.refuse(pod, fmt.Sprintf("0/1 nodes are available: 1 %s.", why))
		return
	}
	k.mutex.Lock()
	busy := k.binding[pod.UID] || k.closing
	k.binding[pod.UID] = true
	k.mutex.Unlock()
	if !busy {
		go k.bind(pod)
	}
}

func (k *kubelet) bind(pod *v1.Pod) {
	defer func() {
		k.mutex.Lock()
		defer k.mutex.Unlock()
		delete(k.binding, pod.UID)
	}()
	binding := &v1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		Target:     v1.ObjectReference{Kind: "Node", Name: k.node},
	}
	err := k.client.CoreV1().Pods(pod.Namespace).Bind(context.Background(), binding, metav1.CreateOptions{})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		log.Printf("binding pod %s/%s: %v", pod.Namespace, pod.Name, err)
		return
	}
	if err == nil {
		k.events.Eventf(pod, v1.EventTypeNormal, "Scheduled", "Successfully assigned %s/%s to %s", pod.Namespace, pod.Name, k.node)
	}
}

func (k *kubelet) refuse(pod *v1.Pod, message string) {
	for _, known := range pod.Status.Conditions {
		if known.Type == v1.PodScheduled && known.Status == v1.ConditionFalse && known.Message == message {
			return
		}
	}
	k.events.Event(pod, v1.EventTypeWarning, "FailedScheduling", message)
	refused := pod.DeepCopy()
	setCondition(&refused.Status, v1.PodCondition{
		Type: v1.PodScheduled, Status: v1.ConditionFalse, Reason: v1.PodReasonUnschedulable, Message: message,
	})
	go func() {
		if _, err := k.patchStatus(pod, refused); err != nil && !apierrors.IsNotFound(err) {
			log.Printf("refusing pod %s/%s: %v", pod.Namespace, pod.Name, err)
		}
	}()
}

// misfit says in the scheduler's words why a pod cannot run on the node; "" when it can. Each pod is seen alone: what
// others use is not counted.
func misfit(pod *v1.Pod, node *v1.Node) string {
	if matches, err := nodeaffinity.GetRequiredNodeAffinity(pod).Match(node); err != nil || !matches {
		return "node(s) didn't match Pod's node affinity/selector"
	}
	for _, taint := range node.Spec.Taints {
		if taint.Effect != v1.TaintEffectPreferNoSchedule && taint.Key != v1.TaintNodeNotReady && !tolerated(pod, taint) {
			return fmt.Sprintf("node(s) had untolerated taint(s) {%s: %s}", taint.Key, taint.Value)
		}
	}
	var short []string
	for _, name := range []v1.ResourceName{v1.ResourceCPU, v1.ResourceMemory} {
		room := node.Status.Allocatable[name]
		var asked resource.Quantity
		for _, container := range pod.Spec.Containers {
			asked.Add(container.Resources.Requests[name])
		}
		if asked.Cmp(room) > 0 {
			short = append(short, "Insufficient "+string(name))
		}
	}
	return strings.Join(short, ", 1 ")
}

func tolerated(pod *v1.Pod, taint v1.Taint) bool {
	for _, toleration := range pod.Spec.Tolerations {
		effect := toleration.Effect == "" || toleration.Effect == taint.Effect
		value := toleration.Operator == v1.TolerationOpExists || toleration.Value == taint.Value
		if effect && value && (toleration.Key == taint.Key || toleration.Key == "" && toleration.Operator == v1.TolerationOpExists) {
			return true
		}
	}
	return false
}
