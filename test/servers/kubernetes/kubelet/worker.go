package main

import (
	"context"
	"fmt"
	"log"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// podWorker makes one pod of the node happen, from its address and volumes to its removal.
type podWorker struct {
	k               *kubelet
	uid             types.UID
	namespace, name string
	created         time.Time
	folder          string
	volumes         *volumes
	// Ends when the pod is to end: nothing is started after that.
	going context.Context
	stop  context.CancelFunc
	// Ends when the time that processes have to end by themselves is over.
	kill    context.Context
	killNow context.CancelFunc
	// Closed when no process of the pod is left and all is told.
	done chan struct{}
	// Hold one item when the status, or the volumes, have to be written again.
	dirty, stale chan struct{}

	// Newest first known object of the API; under mutex, as all below.
	mutex sync.Mutex
	pod   *v1.Pod
	// As the API server knows it.
	told        *v1.Pod
	address     netip.Addr
	inits       []*container
	mains       []*container
	prepared    bool
	initialized bool
	// Whether run has seen the pod for the last time.
	finished  bool
	startTime metav1.Time
}

func newPodWorker(k *kubelet, pod *v1.Pod) *podWorker {
	w := &podWorker{
		k: k, uid: pod.UID, namespace: pod.Namespace, name: pod.Name, created: pod.CreationTimestamp.Time,
		folder: filepath.Join(k.folder, "pods", string(pod.UID)),
		pod:    pod, told: pod, startTime: metav1.Now(),
		done: make(chan struct{}), dirty: make(chan struct{}, 1), stale: make(chan struct{}, 1),
	}
	w.volumes = &volumes{client: k.client, folder: filepath.Join(w.folder, "volumes"), tokens: map[string]projectedToken{}}
	w.going, w.stop = context.WithCancel(context.Background())
	w.kill, w.killNow = context.WithCancel(context.Background())
	for i := range pod.Spec.InitContainers {
		spec := &pod.Spec.InitContainers[i]
		policy := pod.Spec.RestartPolicy
		if policy == v1.RestartPolicyAlways {
			policy = v1.RestartPolicyOnFailure
		}
		c := w.newContainer(spec, policy)
		c.init = true
		if c.isSidecar() {
			c.policy = v1.RestartPolicyAlways
		}
		w.inits = append(w.inits, c)
	}
	for i := range pod.Spec.Containers {
		w.mains = append(w.mains, w.newContainer(&pod.Spec.Containers[i], pod.Spec.RestartPolicy))
	}
	return w
}

func (w *podWorker) newContainer(spec *v1.Container, policy v1.RestartPolicy) *container {
	reason := "ContainerCreating"
	if len(w.pod.Spec.InitContainers) > 0 {
		reason = "PodInitializing"
	}
	return &container{
		worker: w, spec: spec, policy: policy, state: waiting(reason, ""), guests: map[*process]bool{},
		logs: newContainerLogs(filepath.Join(w.folder, "containers", spec.Name, "logs")),
	}
}

// run returns when the pod has ended: its work is done, or it was deleted and is removed from the API.
func (w *podWorker) run() {
	defer close(w.done)
	ended, published := make(chan struct{}), make(chan struct{})
	go func() {
		w.publish(ended)
		close(published)
	}()
	w.touch()
	if w.prepare() {
		go w.keepVolumes(ended)
		w.runContainers()
	}
	close(ended)
	<-published
	w.mutex.Lock()
	pod := w.pod
	w.finished = true
	w.mutex.Unlock()
	if pod.DeletionTimestamp != nil && !w.k.isClosing() {
		w.k.remove(pod)
	}
}

// prepare gives the pod its address and volumes, and tries until it can; false when the pod ended before.
func (w *podWorker) prepare() bool {
	for w.going.Err() == nil {
		err := w.takeAddress()
		if err == nil {
			err = w.volumes.write(w.going, w.fields())
		}
		if err == nil {
			w.mutex.Lock()
			w.prepared = true
			w.mutex.Unlock()
			w.touch()
			return true
		}
		if w.going.Err() == nil {
			w.k.events.Event(w.reference(""), v1.EventTypeWarning, "FailedMount", err.Error())
		}
		sleep(w.going, configRetry)
	}
	return false
}

func (w *podWorker) takeAddress() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.address.IsValid() || w.pod.Spec.HostNetwork {
		return nil
	}
	address, err := w.k.addresses.take()
	w.address = address
	return err
}

// runContainers runs the init containers one after the other, then the others at once; it returns when all have ended.
func (w *podWorker) runContainers() {
	sidecars, stopSidecars := context.WithCancel(context.Background())
	var beside, together sync.WaitGroup
	// In this order: sidecars run until the others have ended.
	defer beside.Wait()
	defer stopSidecars()
	for _, c := range w.inits {
		if !c.isSidecar() {
			if !c.run(w.going) {
				return
			}
			continue
		}
		beside.Go(func() { c.run(sidecars) })
		for !w.is(&c.started) {
			if !sleep(w.going, 20*time.Millisecond) {
				return
			}
		}
	}
	w.mutex.Lock()
	w.initialized = true
	w.mutex.Unlock()
	for _, c := range w.mains {
		if len(w.inits) > 0 {
			c.set(func() { c.state = waiting("ContainerCreating", "") })
		}
		together.Go(func() { c.run(w.going) })
	}
	together.Wait()
}

// keepVolumes rewrites the volumes whenever what they show has changed, and tokens before they end.
func (w *podWorker) keepVolumes(ended <-chan struct{}) {
	for {
		select {
		case <-ended:
			return
		case <-w.stale:
		case <-time.After(10 * time.Minute):
		}
		if err := w.volumes.write(w.going, w.fields()); err != nil && w.going.Err() == nil {
			w.k.events.Event(w.reference(""), v1.EventTypeWarning, "FailedMount", err.Error())
		}
	}
}

// update takes the newest object of the API: labels and annotations may have changed, or the pod is to end.
func (w *podWorker) update(pod *v1.Pod) {
	w.mutex.Lock()
	w.pod = pod
	finished := w.finished
	w.mutex.Unlock()
	if finished && pod.DeletionTimestamp != nil {
		go w.k.remove(pod)
		return
	}
	if pod.DeletionTimestamp != nil {
		w.terminate(time.Duration(or(pod.DeletionGracePeriodSeconds, 30)) * time.Second)
	}
	w.refreshVolumes()
	w.touch()
}

// terminate asks all processes to end and kills them after the grace, or an earlier one of another call.
func (w *podWorker) terminate(grace time.Duration) {
	w.stop()
	time.AfterFunc(grace, w.killNow)
}

// cleanUp is for a pod whose object is gone.
func (w *podWorker) cleanUp() {
	if err := os.RemoveAll(w.folder); err != nil {
		log.Printf("removing the files of pod %s: %v", w.label(), err)
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.address.IsValid() {
		w.k.addresses.giveBack(w.address)
	}
}

func (w *podWorker) shows(kind, name string) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return shows(w.pod, kind, name)
}

func (w *podWorker) refreshVolumes() { signalOnce(w.stale) }

// touch has the status written again.
func (w *podWorker) touch() { signalOnce(w.dirty) }

func signalOnce(channel chan<- struct{}) {
	select {
	case channel <- struct{}{}:
	default:
	}
}

func (w *podWorker) is(flag *bool) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return *flag
}

func (w *podWorker) volumePath(name string) string {
	for _, volume := range w.fields().pod.Spec.Volumes {
		if volume.Name == name {
			return w.volumes.path(&volume)
		}
	}
	return ""
}

func (w *podWorker) fields() *podFields {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return &podFields{pod: w.pod, ip: w.ip(), hostIP: hostIP}
}

func (w *podWorker) label() string {
	return fmt.Sprintf("%s_%s(%s)", w.name, w.namespace, w.uid)
}

// reference is what events are about; the name of a container may be empty.
func (w *podWorker) reference(container string) *v1.ObjectReference {
	about := &v1.ObjectReference{APIVersion: "v1", Kind: "Pod", Namespace: w.namespace, Name: w.name, UID: w.uid}
	if container != "" {
		about.FieldPath = fmt.Sprintf("spec.containers{%s}", container)
	}
	return about
}
