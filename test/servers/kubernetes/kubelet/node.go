package main

import (
	"context"
	"net"
	"runtime"
	"strconv"

	"github.com/virtual-kubelet/virtual-kubelet/node"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"
)

const leaseSeconds = 40

// register makes the node with its lease and keeps both fresh until ctx ends. Returns when the API server has the node
// as Ready; the channel tells of an end before that of ctx.
func (k *kubelet) register(ctx context.Context, listen string) (<-chan error, error) {
	spec, err := nodeSpec(k.node, listen)
	if err != nil {
		return nil, err
	}
	leases := k.client.CoordinationV1().Leases("kube-node-lease")
	controller, err := node.NewNodeController(
		node.NewNaiveNodeProvider(), spec, k.client.CoreV1().Nodes(), node.WithNodeEnableLeaseV1(leases, leaseSeconds))
	if err != nil {
		return nil, err
	}
	stopped := make(chan error, 1)
	go func() { stopped <- controller.Run(ctx) }()
	select {
	case <-controller.Ready():
		return stopped, nil
	case err := <-stopped:
		return nil, err
	}
}

func nodeSpec(name, listen string) (*v1.Node, error) {
	host, portText, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseInt(portText, 10, 32)
	if err != nil {
		return nil, err
	}
	room := v1.ResourceList{
		v1.ResourceCPU:              resource.MustParse("64"),
		v1.ResourceMemory:           resource.MustParse("64Gi"),
		v1.ResourceEphemeralStorage: resource.MustParse("64Gi"),
		v1.ResourcePods:             resource.MustParse("500"),
	}
	return &v1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name:   name,
			Labels: map[string]string{v1.LabelHostname: name, v1.LabelOSStable: "linux", v1.LabelArchStable: runtime.GOARCH},
		},
		Status: v1.NodeStatus{
			Conditions: []v1.NodeCondition{
				condition(v1.NodeReady, v1.ConditionTrue, "KubeletReady"),
				condition(v1.NodeMemoryPressure, v1.ConditionFalse, "KubeletHasSufficientMemory"),
				condition(v1.NodeDiskPressure, v1.ConditionFalse, "KubeletHasNoDiskPressure"),
				condition(v1.NodePIDPressure, v1.ConditionFalse, "KubeletHasSufficientPID"),
			},
			Addresses: []v1.NodeAddress{
				{Type: v1.NodeInternalIP, Address: host},
				{Type: v1.NodeHostName, Address: name},
			},
			DaemonEndpoints: v1.NodeDaemonEndpoints{KubeletEndpoint: v1.DaemonEndpoint{Port: int32(port)}},
			Capacity:        room,
			Allocatable:     room,
			NodeInfo: v1.NodeSystemInfo{
				OperatingSystem: "linux", Architecture: runtime.GOARCH, KubeletVersion: "v1.36.0-keyturn",
				ContainerRuntimeVersion: "process://1",
			},
		},
	}, nil
}

func condition(kind v1.NodeConditionType, status v1.ConditionStatus, reason string) v1.NodeCondition {
	now := metav1.Now()
	return v1.NodeCondition{Type: kind, Status: status, Reason: reason, LastHeartbeatTime: now, LastTransitionTime: now}
}

// newRecorder writes events as a kubelet does; the second result stops it.
func newRecorder(client kubernetes.Interface, name string) (record.EventRecorder, func()) {
	broadcaster := record.NewBroadcaster()
	broadcaster.StartRecordingToSink(&corev1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	return broadcaster.NewRecorder(scheme.Scheme, v1.EventSource{Component: "kubelet", Host: name}), broadcaster.Shutdown
}
