package main

import (
	"context"
	"errors"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// watch follows pods, nodes, and the objects that volumes show, until ctx ends. Returns when it has seen all there is.
func (k *kubelet) watch(ctx context.Context) error {
	factory := informers.NewSharedInformerFactory(k.client, 0)
	core := factory.Core().V1()
	nodes := core.Nodes().Lister()
	podInformer := core.Pods().Informer()
	observe := func(pod *v1.Pod) {
		switch pod.Spec.NodeName {
		case "":
			if node, err := nodes.Get(k.node); err == nil {
				k.schedule(pod, node)
			}
		case k.node:
			k.manage(pod)
		}
	}
	err := errors.Join(
		on(podInformer, observe, func(pod *v1.Pod) { k.forget(pod.UID) }),
		on(core.Nodes().Informer(), func(node *v1.Node) {
			if node.Name == k.node {
				k.scheduleAll(podInformer.GetStore(), node)
			}
		}, nil),
		on(core.Secrets().Informer(), func(secret *v1.Secret) { k.refresh("Secret", &secret.ObjectMeta) }, nil),
		on(core.ConfigMaps().Informer(), func(config *v1.ConfigMap) { k.refresh("ConfigMap", &config.ObjectMeta) }, nil),
	)
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	for _, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return ctx.Err()
		}
	}
	return nil
}

// scheduleAll looks again at the pods that could not be placed.
func (k *kubelet) scheduleAll(pods cache.Store, node *v1.Node) {
	for _, object := range pods.List() {
		if pod, ok := object.(*v1.Pod); ok && pod.Spec.NodeName == "" {
			k.schedule(pod, node)
		}
	}
}

// refresh rewrites the volumes that show an object that has changed.
func (k *kubelet) refresh(kind string, object *metav1.ObjectMeta) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	for _, worker := range k.workers {
		if worker.namespace == object.Namespace && worker.shows(kind, object.Name) {
			worker.refreshVolumes()
		}
	}
}

// on calls seen for each object that is there, added or changed, and gone (may be nil) for each that is deleted.
func on[T any](informer cache.SharedIndexInformer, seen, gone func(T)) error {
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { call(object, seen) },
		UpdateFunc: func(_, object any) { call(object, seen) },
		DeleteFunc: func(object any) {
			if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = unknown.Obj
			}
			if gone != nil {
				call(object, gone)
			}
		},
	})
	return err
}

func call[T any](object any, handle func(T)) {
	if typed, ok := object.(T); ok {
		handle(typed)
	}
}
