package main

import (
	"context"
	"log"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/record"
)

// How long processes have when this program ends; whoever waits for it kills it after 10 s.
const lastGrace = 3 * time.Second

// kubelet holds one worker for each pod that is bound to its node.
type kubelet struct {
	client    kubernetes.Interface
	events    record.EventRecorder
	node      string
	addresses *addressPool
	folder    string
	// Whether volumes can be mounted where the pod asks for them.
	mounts bool
	// Environment that every container has.
	service []string

	mutex   sync.Mutex
	closing bool
	workers map[types.UID]*podWorker
	// Unbound pods that are being bound now.
	binding map[types.UID]bool
}

// manage starts, updates or terminates a pod of this node as its object says.
func (k *kubelet) manage(pod *v1.Pod) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.closing {
		return
	}
	worker := k.workers[pod.UID]
	if worker == nil {
		if pod.Status.Phase == v1.PodSucceeded || pod.Status.Phase == v1.PodFailed {
			return
		}
		if pod.DeletionTimestamp != nil {
			go k.remove(pod)
			return
		}
		worker = newPodWorker(k, pod)
		k.workers[pod.UID] = worker
		go worker.run()
		return
	}
	worker.update(pod)
}

// forget ends what still runs of a pod whose object is gone, and then frees its address and files.
func (k *kubelet) forget(uid types.UID) {
	worker := k.worker(uid)
	if worker == nil {
		return
	}
	worker.terminate(time.Second)
	go func() {
		<-worker.done
		worker.cleanUp()
		k.mutex.Lock()
		defer k.mutex.Unlock()
		delete(k.workers, uid)
	}()
}

// remove takes a pod whose processes have ended out of the API.
func (k *kubelet) remove(pod *v1.Pod) {
	now := int64(0)
	options := metav1.DeleteOptions{
		GracePeriodSeconds: &now,
		Preconditions:      metav1.NewUIDPreconditions(string(pod.UID)),
	}
	for {
		err := k.client.CoreV1().Pods(pod.Namespace).Delete(context.Background(), pod.Name, options)
		if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) || k.isClosing() {
			return
		}
		log.Printf("removing pod %s/%s: %v", pod.Namespace, pod.Name, err)
		time.Sleep(time.Second)
	}
}

// endAll ends every process of every pod and waits for it; the API server is not told.
func (k *kubelet) endAll() {
	k.mutex.Lock()
	k.closing = true
	workers := k.allWorkers()
	k.mutex.Unlock()
	for _, worker := range workers {
		worker.terminate(lastGrace)
	}
	for _, worker := range workers {
		<-worker.done
	}
}

func (k *kubelet) isClosing() bool {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return k.closing
}

func (k *kubelet) worker(uid types.UID) *podWorker {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return k.workers[uid]
}

// named finds the worker of the newest pod of that name: one of the same name may still be ending.
func (k *kubelet) named(namespace, name string) *podWorker {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	var found *podWorker
	for _, worker := range k.workers {
		if worker.namespace != namespace || worker.name != name {
			continue
		}
		if found == nil || found.created.Before(worker.created) {
			found = worker
		}
	}
	return found
}

// allWorkers expects the mutex to be held.
func (k *kubelet) allWorkers() []*podWorker {
	workers := make([]*podWorker, 0, len(k.workers))
	for _, worker := range k.workers {
		workers = append(workers, worker)
	}
	return workers
}
